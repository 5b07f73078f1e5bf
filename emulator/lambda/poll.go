package lambda

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/emulator/eventsource"
	"postern/emulator/store"
	"postern/lambdarunner"
)

// sources are the pollers of event source mappings, by UUID.
type sources struct {
	mu      sync.Mutex // guards the rest
	closed  bool
	running map[string]context.CancelFunc
	work    sync.WaitGroup
}

// start runs a poller in place of the one of its UUID.
func (s *sources) start(id string, p *eventsource.Poller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if stop := s.running[id]; stop != nil {
		stop()
	}
	if s.running == nil {
		s.running = map[string]context.CancelFunc{}
	}
	ctx, stop := context.WithCancel(context.Background())
	s.running[id] = stop
	s.work.Go(func() { p.Run(ctx) })
}

// stop ends a poller; "" ends all. What a function has already is worked off.
func (s *sources) stop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for running, stop := range s.running {
		if id == "" || id == running {
			stop()
			delete(s.running, running)
		}
	}
}

// close ends all pollers and waits for them.
func (s *sources) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop("")
	s.work.Wait()
}

// repoll makes the pollers fit a mapping.
func (s *Service) repoll(m mapping) {
	if aws.ToString(m.Config.State) != stateEnabled {
		s.sources.stop(*m.Config.UUID)
		return
	}
	p, err := s.poller(m)
	if err != nil {
		s.Logger.Warn("event source is not polled", "uuid", *m.Config.UUID, "source", *m.Config.EventSourceArn, "error", err)
		return
	}
	s.sources.start(*m.Config.UUID, p)
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
		s.repoll(m)
	}
}

// poller works the queue of a mapping off.
func (s *Service) poller(m mapping) (*eventsource.Poller, error) {
	if s.SQS == nil {
		return nil, errors.New("there is nothing to call SQS with")
	}
	filters, err := patterns(m.Config.FilterCriteria)
	if err != nil {
		return nil, err
	}
	q := eventsource.Queue{
		ARN: *m.Config.EventSourceArn, BatchSize: int(*m.Config.BatchSize), Window: time.Duration(*m.Config.MaximumBatchingWindowInSeconds) * time.Second,
		Filters: filters, Partial: partial(m.Config),
	}
	if c := m.Config.ScalingConfig; c != nil {
		q.Concurrency = int(aws.ToInt32(c.MaximumConcurrency))
	}
	return &eventsource.Poller{
		Queue: q, Logger: s.Logger, Now: s.Now,
		Call: func(ctx context.Context, action string, in, out any) error {
			t, err := s.resolve(ctx, m.Function)
			if err != nil {
				return err
			}
			return s.SQS(ctx, q.ARN, t.role, action, in, out)
		},
		Invoke: func(ctx context.Context, event []byte) ([]byte, bool, error) {
			return s.runEvent(ctx, m.Function, event)
		},
	}, nil
}

// runEvent invokes a function for a source, whatever it is by then.
func (s *Service) runEvent(ctx context.Context, r ref, event []byte) (result []byte, failed bool, err error) {
	t, err := s.resolve(ctx, r)
	if err != nil {
		return nil, false, err
	}
	res, err := s.run(ctx, t, t.pick(s.Float64), &lambdarunner.Invocation{RequestID: s.NewID(), InvokedARN: t.arn, Payload: event, TraceID: newTraceID()})
	if err != nil {
		return nil, false, fmt.Errorf("invoke %s: %w", t.arn, err)
	}
	return res.Payload, res.FunctionError != "", nil
}
