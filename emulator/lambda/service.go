package lambda

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"

	"postern/apigw"
	"postern/emulator/durable"
	"postern/emulator/store"
	"postern/lambdarunner"
	"postern/lambdarunner/code"
)

// Options say what a Service works with. Store, Pool and Code are required.
type Options struct {
	Store  *store.Store
	Pool   *lambdarunner.Pool
	Code   *code.Cache
	Logger *slog.Logger // nil is slog.Default

	// RelaxedPermissions lets API Gateway call a function without a statement in
	// the function's resource policy.
	RelaxedPermissions bool
	// Credentials decides about a call with a role, or with the credentials of who called the API:
	// who that is, whether their own policies allow it to invoke the function, and an error where
	// they deny it or the role cannot be assumed. Nil lets all such calls through.
	Credentials func(ctx context.Context, call apigw.InvokeRequest, functionARN string) (principalARN string, allowed bool, err error)
	// Principals are the ARNs that a policy may name the holder of an access key by, besides their account. Nil: none.
	Principals func(ctx context.Context, accessKeyID string) []string
	// HotReloadBucket is the S3Bucket that means "S3Key is a directory of live
	// code"; "" is "hot-reload".
	HotReloadBucket string
	// Object opens an object of S3, or the version of it, and says how large it is, -1 where that is not
	// known. An error of S3 is a smithy.APIError. Nil: there is none.
	Object func(ctx context.Context, bucket, key, version string) (body io.ReadCloser, size int64, err error)
	// SynchronousCreate answers CreateFunction with the state Active.
	SynchronousCreate bool

	// RetryDelays are the pauses before an asynchronous event is tried again after
	// a function error; nil is one and two minutes, as on AWS.
	RetryDelays []time.Duration
	// AsyncWorkers is how many asynchronous events may run at once; 0 is 64.
	AsyncWorkers int
	// Deliver sends to destinations that are no functions; nil: nothing can be sent.
	Deliver func(context.Context, Delivery) error
	// Images finds the container images of functions; nil: there is no engine to run them.
	Images Images
	// Source calls an action of the service of an event source, signed in the name of a role; nil: nothing can be
	// polled. Its errors may have the ErrorCode that the service gave them.
	Source func(ctx context.Context, sourceARN, roleARN, action string, in, out any) error
	// URLChanged tells that the function URL of an id is another now, or is gone. Nil tells nobody.
	URLChanged func(id string)
	// CloseGrace is how long Close lets running asynchronous events finish before
	// it stops them (they run again after the next start); 0 is one second.
	CloseGrace time.Duration

	Now     func() time.Time // nil is time.Now
	NewID   func() string    // of invocations; nil is a random UUID
	Float64 func() float64   // in [0,1), picks a version by alias weight; nil is math/rand
}

// A Service is AWS Lambda. It implements apigw.Invoker; the SDK's operation of
// the same name is InvokeFunction, as IAM calls it.
type Service struct {
	Options
	targets  table
	counters sync.Map // unqualified ARN → *concurrency
	codes    sync.Map // digest → lambdarunner.Code, what is known to be unpacked
	events   *queue
	durable  *durable.Engine
	sources  sources
	close    sync.Once
}

// New makes a Service and starts to work off the asynchronous events that a
// former one left in the store.
func New(o Options) *Service {
	s := &Service{Options: o.withDefaults()}
	s.sources.killed, s.sources.kill = context.WithCancel(context.Background())
	s.durable = durable.New(durable.Options{
		Store: s.Store, Runner: durableRunner{s}, Logger: s.Logger, Now: s.Now, NewID: s.NewID,
		CloseGrace: s.CloseGrace, FirstRetry: s.firstDurableRetry(),
	})
	s.events = startQueue(s)
	s.events.work.Go(func() { s.restoreProvisions(s.events.running) })
	s.events.work.Go(func() { s.restoreSources(s.events.running) })
	s.events.work.Go(func() { s.restoreFetches(s.events.running) })
	return s
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.HotReloadBucket == "" {
		o.HotReloadBucket = "hot-reload"
	}
	if o.RetryDelays == nil {
		o.RetryDelays = []time.Duration{time.Minute, 2 * time.Minute}
	}
	if o.AsyncWorkers <= 0 {
		o.AsyncWorkers = 64
	}
	if o.CloseGrace <= 0 {
		o.CloseGrace = time.Second
	}
	if o.Deliver == nil {
		o.Deliver = func(_ context.Context, d Delivery) error {
			return fmt.Errorf("there is nothing to reach %s with", d.To)
		}
	}
	if o.Object == nil {
		o.Object = noObject
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.Float64 == nil {
		o.Float64 = rand.Float64
	}
	return o
}

// Close stops the asynchronous events and waits for those that run. What was not
// finished stays in the store. The pool is its owner's to close, afterwards.
func (s *Service) Close() error {
	s.close.Do(func() {
		s.sources.close(s.CloseGrace)
		s.events.stop()
		s.durable.Close()
	})
	return nil
}

// Reset forgets what is remembered of functions after the store was reset, in
// part or as a whole, and drops the events of those that are gone.
func (s *Service) Reset(ctx context.Context) error {
	s.sources.stop("")
	s.restoreSources(ctx) // those that are left
	s.targets.forgetAll()
	s.counters.Clear()
	s.codes.Clear()
	s.Pool.Retire("arn:")
	s.durable.Reset()
	return s.events.purge(ctx)
}

// changed is called after a commit that changed what running the function means:
// its code, configuration, versions, aliases or policies.
func (s *Service) changed(r ref) { s.targets.forget(r.function()) }

// redeployed is changed for new code or configuration: sandboxes that run the
// former one end. A qualifier in r ends those of that version only.
func (s *Service) redeployed(r ref) {
	s.changed(r)
	if r.Qualifier == "" {
		s.Pool.Retire(r.function() + ":")
		return
	}
	s.Pool.Retire(r.arn())
}
