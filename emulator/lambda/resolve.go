package lambda

import (
	"context"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"golang.org/x/sync/singleflight"

	"postern/emulator/store"
	"postern/lambdarunner"
)

// A target is what a function's ARN means at the moment. It is immutable.
type target struct {
	arn    string // as invoked
	main   *lambdarunner.Function
	other  *lambdarunner.Function // of an alias with two versions, else nil
	share  float64                // of the invocations that other takes
	policy policy                 // of the function, version or alias that is invoked

	concurrency  *concurrency         // of the function
	durable      *types.DurableConfig // of main; nil where the function is not durable
	otherDurable *types.DurableConfig
	qualified    bool // invoked by a version or an alias

	role       string                           // of main
	async      *types.FunctionEventInvokeConfig // of events; nil: the defaults
	deadLetter string                           // ARN that failed events go to, "" for none

	lineage string // the function's hash in trace headers
	first   string // what a header gets that has no lineage

	sampling string // what a header gets on which nobody before has decided
	loops    bool   // recursive loops are allowed
}

// stopped tells a function that is not to run at all.
func (t *target) stopped() bool { return t.concurrency.reserved.Load() == 0 }

// pick is the version that one invocation runs.
func (t *target) pick(random func() float64) *lambdarunner.Function {
	if t.other != nil && random() < t.share {
		return t.other
	}
	return t.main
}

// A table holds the targets that were asked for since they last changed, so that
// an invocation reads no document. A change drops the targets of its function.
type table struct {
	byARN sync.Map // ARN as invoked → *target
	fills singleflight.Group

	mu         sync.Mutex          // guards the following
	changes    uint64              // how many there were: a target read before the last one is not kept
	byFunction map[string][]string // unqualified ARN → keys of byARN
}

// get is the target, read by fill where it is not in the table.
func (t *table) get(r ref, fill func() (*target, error)) (*target, error) {
	arn := r.arn()
	if known, ok := t.byARN.Load(arn); ok {
		return known.(*target), nil
	}
	// Who asks after a change must not join who began to read before it.
	before := t.count()
	read, err, _ := t.fills.Do(arn+"#"+strconv.FormatUint(before, 10), func() (any, error) {
		found, err := fill()
		if err == nil {
			t.keep(r, found, before)
		}
		return found, err
	})
	if err != nil {
		return nil, err
	}
	return read.(*target), nil
}

func (t *table) count() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changes
}

func (t *table) keep(r ref, found *target, before uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.changes != before {
		return
	}
	if t.byFunction == nil {
		t.byFunction = map[string][]string{}
	}
	t.byARN.Store(r.arn(), found)
	t.byFunction[r.function()] = append(t.byFunction[r.function()], r.arn())
}

// forget drops the targets of a function, named by its unqualified ARN.
func (t *table) forget(function string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changes++
	for _, arn := range t.byFunction[function] {
		t.byARN.Delete(arn)
	}
	delete(t.byFunction, function)
}

func (t *table) forgetAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changes++
	t.byARN.Clear()
	t.byFunction = nil
}

// resolve finds what r means now. Where it is not known yet it is read once,
// however many ask and whether or not they wait.
func (s *Service) resolve(ctx context.Context, r ref) (*target, error) {
	return s.targets.get(r, func() (*target, error) { return s.read(context.WithoutCancel(ctx), r) })
}

func (s *Service) read(ctx context.Context, r ref) (*target, error) {
	var main, other record
	t := &target{arn: r.arn(), qualified: r.Qualifier != ""}
	err := s.Store.View(ctx, r.Scope, func(tx *store.Tx) (err error) {
		fn, err := findFunction(tx, r)
		if err != nil {
			return err
		}
		if main, err = findVersion(tx, r); err != nil {
			return err
		}
		t.lineage, t.loops = lineageOf(r.function()), fn.Value.RecursiveLoop == types.RecursiveLoopAllow
		t.first = lineagePart + t.lineage + ":0"
		t.concurrency = s.concurrencyOf(r, fn.Value.Reserved)
		if t.async, err = findEventInvoke(tx, r); err != nil {
			return err
		}
		if t.policy, err = policyOf(tx, r); err != nil {
			return err
		}
		other, t.share, err = findOther(tx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := main.invocable(); err != nil {
		return nil, err
	}
	t.role, t.sampling = aws.ToString(main.Config.Role), samplingOf(main.Config)
	t.durable, t.otherDurable = main.Config.DurableConfig, other.Config.DurableConfig
	if d := main.Config.DeadLetterConfig; d != nil {
		t.deadLetter = aws.ToString(d.TargetArn)
	}
	if t.main, err = s.runnable(ctx, r, main); err != nil {
		return nil, err
	}
	if t.share > 0 {
		t.other, err = s.runnable(ctx, r, other)
	}
	return t, err
}

// samplingOf is the decision of a version that traces about a request of which nobody before has decided. (API reference,
// "TracingConfig".)
//
// Unlike AWS, which samples the first request of a second and one in twenty of the others, all are sampled.
func samplingOf(c types.FunctionConfiguration) string {
	if c.TracingConfig != nil && c.TracingConfig.Mode == types.TracingModeActive {
		return ";Sampled=1"
	}
	return ";Sampled=0"
}

// findOther is the second version of an alias and its share, 0 where there is none.
func findOther(tx *store.Tx, r ref) (record, float64, error) {
	if r.Qualifier == "" || r.Qualifier == latest || isNumber(r.Qualifier) {
		return record{}, 0, nil
	}
	a, err := aliases.Get(tx, aliasID(r.Name, r.Qualifier))
	if err != nil || a.Value.RoutingConfig == nil {
		return record{}, 0, err
	}
	for version, share := range a.Value.RoutingConfig.AdditionalVersionWeights { // one at most
		rec, err := findNumber(tx, r, version)
		return rec, share, err
	}
	return record{}, 0, nil
}

// runnable is the record as sandboxes take it, its code unpacked.
func (s *Service) runnable(ctx context.Context, r ref, rec record) (*lambdarunner.Function, error) {
	var code lambdarunner.Code
	if rec.Image == nil {
		var err error
		if code, err = s.code(ctx, r.Scope, rec.content()); err != nil {
			return nil, err
		}
	}
	var opt []lambdarunner.Code
	for _, l := range rec.Layers {
		files, err := s.code(ctx, r.Scope, l)
		if err != nil {
			return nil, err
		}
		opt = append(opt, files)
	}
	c := rec.Config
	version := aws.ToString(c.Version)
	return &lambdarunner.Function{
		ARN:          r.at(version).arn(),
		Name:         r.Name,
		Version:      version,
		AccountID:    r.Account,
		Region:       r.Region,
		Revision:     rec.Deployment,
		Runtime:      string(c.Runtime),
		Handler:      aws.ToString(c.Handler),
		Architecture: string(c.Architectures[0]),
		MemoryMB:     int(aws.ToInt32(c.MemorySize)),
		EphemeralMB:  int(aws.ToInt32(c.EphemeralStorage.Size)),
		Timeout:      time.Duration(aws.ToInt32(c.Timeout)) * time.Second,
		Environment:  variables(c),
		Code:         code,
		Layers:       opt,
		Image:        rec.runnableImage(),
		LogGroup:     aws.ToString(c.LoggingConfig.LogGroup),
		Logging:      loggingOf(c),
		RuntimeARN:   runtimeARN(c),
	}, nil
}

// loggingOf is how a version logs.
func loggingOf(c types.FunctionConfiguration) lambdarunner.Logging {
	l := c.LoggingConfig
	return lambdarunner.Logging{
		JSON: l.LogFormat == types.LogFormatJson, System: lambdarunner.ParseLogLevel(string(l.SystemLogLevel)),
		Application: lambdarunner.ParseLogLevel(string(l.ApplicationLogLevel)),
	}
}

func runtimeARN(c types.FunctionConfiguration) string {
	if c.RuntimeVersionConfig == nil {
		return ""
	}
	return aws.ToString(c.RuntimeVersionConfig.RuntimeVersionArn)
}

// variables are the user's, and what tells a runtime to log JSON.
func variables(c types.FunctionConfiguration) map[string]string {
	env := map[string]string{}
	if c.Environment != nil {
		maps.Copy(env, c.Environment.Variables)
	}
	if c.LoggingConfig.LogFormat == types.LogFormatJson {
		env["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
		env["AWS_LAMBDA_LOG_LEVEL"] = string(c.LoggingConfig.ApplicationLogLevel)
	}
	return env
}
