package durable

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// A Runner has the functions.
type Runner interface {
	// Resolve finds what an execution means by the name or ARN of a function that it invokes. The error is
	// AWS's to a caller of Invoke.
	Resolve(ctx context.Context, here store.Scope, function string) (Target, error)
	// Run invokes a version and waits for its answer. An error means that it was not run, a
	// *types.ResourceNotFoundException that it never will be.
	Run(ctx context.Context, f Function, c Call) (Answer, error)
	// Failed is told of an execution that an asynchronous invocation began, and that failed or timed out.
	Failed(ctx context.Context, f Failure)
}

// A Target is a function to invoke.
type Target struct {
	Function Function
	Durable  *types.DurableConfig // nil: it is none
}

// A Call is one invocation.
type Call struct {
	RequestID string
	Payload   []byte // JSON
	TraceID   string
}

// A Failure is an execution that came to nothing.
type Failure struct {
	Function  Function
	RequestID string // of the invocation that began it
	Payload   []byte // of that
	Error     *types.ErrorObject
}

// An Answer is how an invocation ended; Failed: with an error of the function, which Payload describes.
type Answer struct {
	Payload json.RawMessage
	Failed  bool
}

// Options say what an Engine works with; all but FirstRetry are required.
type Options struct {
	Store      *store.Store
	Runner     Runner
	Logger     *slog.Logger
	Now        func() time.Time
	NewID      func() string
	CloseGrace time.Duration // how long Close lets functions finish
	FirstRetry time.Duration // pause after an invocation has failed, twice as long after the next; 0 is a second
}

// An Engine keeps the executions of all functions.
type Engine struct {
	Options
	agenda  agenda
	waiters waiters
	current sync.Map        // request ids of invocations that run, and operations whose function does
	running context.Context // ends the invocations
	kill    context.CancelFunc
	work    sync.WaitGroup

	mu     sync.Mutex // guards closed, and work.Go against work.Wait
	closed bool
}

// New makes an Engine, which goes on with the executions that a former one left in the store.
func New(o Options) *Engine {
	if o.FirstRetry <= 0 {
		o.FirstRetry = time.Second
	}
	e := &Engine{Options: o}
	e.agenda = agenda{now: o.Now, ring: func(k key) { e.start(func() { e.settle(k) }) }}
	e.running, e.kill = context.WithCancel(context.Background())
	e.start(e.restore)
	return e
}

// start runs work that Close waits for.
func (e *Engine) start(work func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.work.Go(work)
	}
}

// Close begins nothing more, and waits a moment for the functions that run. What they would have gone on with
// they do after the next start.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.agenda.close()
	timer := time.AfterFunc(e.CloseGrace, e.kill)
	e.work.Wait()
	timer.Stop()
	e.kill()
	e.waiters.wakeAll()
}

// Reset forgets what is remembered of executions that the store has no more.
func (e *Engine) Reset() {
	e.agenda.clear()
	e.waiters.wakeAll()
	e.start(e.restore)
}

// restore takes up the executions in the store.
func (e *Engine) restore() {
	var all []key
	err := e.Store.View(e.running, everyScope, func(tx *store.Tx) error {
		page, err := scopes.List(tx, store.Query{})
		for _, d := range page.Documents {
			all = append(all, key{d.Value, d.ID})
		}
		return err
	})
	if err != nil && e.running.Err() == nil {
		e.Logger.Error("read durable executions left by an earlier run", "err", err)
	}
	for _, k := range all {
		if err := e.resume(k); err != nil && e.running.Err() == nil {
			e.Logger.Error("resume durable execution", "execution", k.ID, "err", err)
		}
	}
}

// resume goes on with an execution after a start: an invocation that ran when the program ended is made anew,
// and so are those of other functions. What the function had checkpointed it gets with it.
func (e *Engine) resume(k key) error {
	err := e.change(e.running, k, func(c *change) error {
		if !c.x.running() {
			return nil
		}
		if c.x.Invocation != "" && !e.invoking(c.x.Invocation) {
			c.x.Invocation = ""
			c.wake()
		}
		return c.resumeChained()
	})
	if errors.Is(err, store.ErrNotFound) { // its function or its account was deleted
		return e.Store.Update(e.running, everyScope, func(tx *store.Tx) error { return scopes.Delete(tx, k.ID) })
	}
	return err
}
