package lambda

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/eventsource"
	queuesource "postern/emulator/eventsource/queue"
	"postern/emulator/store"
	"postern/lambdarunner"
)

// sources are the pollers of event source mappings, by UUID.
type sources struct {
	killed context.Context // ends the invocations
	kill   context.CancelFunc

	mu      sync.Mutex // guards the rest
	closed  bool
	running map[string]*polling
	work    sync.WaitGroup
}

// A polling is a poller that runs, or did and has something to finish.
type polling struct {
	stop context.CancelFunc
	done chan struct{}
}

// start runs a poller in place of the one of its UUID, when that has worked off what it has: the order of a shard
// stays.
func (s *sources) start(id string, run func(context.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	former := s.running[id]
	if former != nil {
		former.stop()
	}
	if s.running == nil {
		s.running = map[string]*polling{}
	}
	ctx, stop := context.WithCancel(context.Background())
	p := &polling{stop, make(chan struct{})}
	s.running[id] = p
	s.work.Go(func() {
		if former != nil {
			<-former.done
		}
		run(ctx)
		s.end(id, p)
	})
}

func (s *sources) end(id string, p *polling) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.stop()
	close(p.done)
	if s.running[id] == p {
		delete(s.running, id)
	}
}

// stop ends a poller; "" ends all. What a function has already is worked off.
func (s *sources) stop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for running, p := range s.running {
		if id == "" || id == running {
			p.stop()
		}
	}
}

// close ends all pollers, and after a moment of grace the invocations, and waits for them.
func (s *sources) close(grace time.Duration) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop("")
	timer := time.AfterFunc(grace, s.kill)
	s.work.Wait()
	timer.Stop()
	s.kill()
}

// repoll makes the pollers fit a mapping.
func (s *Service) repoll(ctx context.Context, m mapping) {
	if aws.ToString(m.Config.State) != stateEnabled {
		s.sources.stop(*m.Config.UUID)
		return
	}
	run, err := s.runner(ctx, m)
	if err != nil {
		s.Logger.Warn("event source is not polled", "uuid", *m.Config.UUID, "source", *m.Config.EventSourceArn, "error", err)
		return
	}
	s.sources.start(*m.Config.UUID, run)
}

// runner is what polls the source of a mapping. Where a stream is read from is fixed when it returns, if the stream
// can be reached; later, if not.
func (s *Service) runner(ctx context.Context, m mapping) (func(context.Context), error) {
	if !isStream(m.Config) {
		p, err := s.queuePoller(m)
		if err != nil {
			return nil, err
		}
		return p.Run, nil
	}
	p, err := s.streamPoller(m)
	if err != nil {
		return nil, err
	}
	if m.Config.StartingPosition == types.EventSourcePositionLatest {
		ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
		defer cancel()
		if err := p.Begin(ctx); err != nil {
			s.Logger.Warn("stream is not begun yet", "uuid", *m.Config.UUID, "source", *m.Config.EventSourceArn, "error", err)
		}
	}
	return p.Run, nil
}

// restoreSources polls what a former program did.
func (s *Service) restoreSources(ctx context.Context) {
	var all []mapping
	err := s.Store.View(ctx, eventScope, func(tx *store.Tx) error {
		page, err := mappingRefs.List(tx, store.Query{})
		for _, d := range page.Documents {
			m, missing := mappings.Get(tx.In(d.Value), d.ID)
			if missing == nil {
				all = append(all, m.Value)
			} else if !errors.Is(missing, store.ErrNotFound) { // its account or region was reset
				err = errors.Join(err, missing)
			}
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("read event source mappings left by an earlier run", "err", err)
	}
	for _, m := range all {
		s.repoll(ctx, m)
	}
}

// queuePoller works the queue of a mapping off.
func (s *Service) queuePoller(m mapping) (*queuesource.Poller, error) {
	if s.Source == nil {
		return nil, errors.New("there is nothing to call SQS with")
	}
	filters, err := patterns(m.Config.FilterCriteria)
	if err != nil {
		return nil, err
	}
	q := queuesource.Queue{
		ARN: *m.Config.EventSourceArn, BatchSize: int(*m.Config.BatchSize), Window: time.Duration(*m.Config.MaximumBatchingWindowInSeconds) * time.Second,
		Filters: filters, Partial: partial(m.Config),
	}
	if c := m.Config.ScalingConfig; c != nil {
		q.Concurrency = int(aws.ToInt32(c.MaximumConcurrency))
	}
	return &queuesource.Poller{Queue: q, Logger: s.Logger, Now: s.Now, Call: s.callerOf(m), Invoke: s.invokerOf(m)}, nil
}

// callerOf calls the service of a mapping's source in the name of the function's role.
func (s *Service) callerOf(m mapping) eventsource.Caller {
	return func(ctx context.Context, action string, in, out any) error {
		t, err := s.resolve(ctx, m.Function)
		if err != nil {
			return err
		}
		return s.Source(ctx, *m.Config.EventSourceArn, t.role, action, in, out)
	}
}

// errStopped is of invocations that the end of the program ended: it says nothing of the function.
var errStopped = errors.New("the server is stopping")

// invokerOf invokes a mapping's function, whatever it is by then.
func (s *Service) invokerOf(m mapping) eventsource.Invoker {
	return func(ctx context.Context, event []byte) (eventsource.Result, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.sources.killed, cancel)()
		result, err := s.runEvent(ctx, m.Function, event)
		if s.sources.killed.Err() != nil && (err != nil || result.FunctionError != "") {
			return eventsource.Result{}, errStopped
		}
		return result, err
	}
}

func (s *Service) runEvent(ctx context.Context, r ref, event []byte) (eventsource.Result, error) {
	t, err := s.resolve(ctx, r)
	if err != nil {
		return eventsource.Result{}, err
	}
	fn := t.pick(s.Float64)
	inv := &lambdarunner.Invocation{RequestID: s.NewID(), InvokedARN: t.arn, Payload: event, TraceID: sentTrace(event)}
	if t.durable != nil {
		out, err := s.invokeDurable(ctx, t, inv, types.InvocationTypeRequestResponse, "")
		if err != nil {
			return eventsource.Result{}, fmt.Errorf("invoke %s: %w", t.arn, err)
		}
		return eventsource.Result{Payload: out.Payload, FunctionError: aws.ToString(out.FunctionError), RequestID: inv.RequestID, Version: *out.ExecutedVersion}, nil
	}
	res, err := s.run(ctx, t, fn, inv)
	if err != nil {
		return eventsource.Result{}, fmt.Errorf("invoke %s: %w", t.arn, err)
	}
	return eventsource.Result{Payload: res.Payload, FunctionError: res.FunctionError, RequestID: inv.RequestID, Version: fn.Version}, nil
}
