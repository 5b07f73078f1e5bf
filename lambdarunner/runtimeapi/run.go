package runtimeapi

import (
	"context"
	"time"

	"postern/lambdarunner"
)

// A run is one invocation: its init phase if it is the first, then its event. It can be
// waited for by one after the other: who gives up leaves it to the next.
type run struct {
	s        *Server
	inv      *lambdarunner.Invocation
	begun    time.Time
	first    bool          // the init phase has to end first
	initTook time.Duration // 0 for a warm start
	limit    *time.Timer   // on what is waited for now
	event    *event        // nil until init is over
	queue    chan<- *event // nil when the runtime has taken the event
}

func (s *Server) begin(inv *lambdarunner.Invocation) *run {
	r := &run{s: s, inv: inv, begun: s.o.Now()}
	s.o.Output.Begin(inv.RequestID)
	s.o.Output.Platform("START RequestId: %s Version: %s\n", inv.RequestID, s.o.Function.Version)
	s.mu.Lock()
	r.first, s.invoked = !s.invoked, true
	s.mu.Unlock()
	if r.first {
		r.limit = time.NewTimer(s.o.InitLimit + s.o.Function.Timeout - r.begun.Sub(s.started))
	} else {
		r.hand()
	}
	return r
}

// hand makes the event and starts its time.
func (r *run) hand() {
	timeout := r.s.o.Function.Timeout
	r.event = &event{inv: r.inv, deadline: r.begun.Add(timeout), done: make(chan ending, 1)}
	r.queue = r.s.queue
	r.limit = time.NewTimer(timeout)
}

// wait returns how the invocation ended, nil if ctx ended before.
func (r *run) wait(ctx context.Context) *ending {
	if r.event == nil {
		if how, over := r.waitInit(ctx); !over || how != nil {
			return how
		}
	}
	for {
		select {
		case r.queue <- r.event:
			r.queue = nil
		case how := <-r.event.done:
			return &how
		case <-r.s.gone:
			select {
			case how := <-r.event.done: // it answered, then ended
				return &how
			default:
				return r.s.exitError(r.inv)
			}
		case <-r.limit.C:
			return r.s.timeout(r.inv)
		case <-ctx.Done():
			return nil
		}
	}
}

// waitInit waits for the init phase: over is false if ctx ended before, and how says
// why there will be no event.
func (r *run) waitInit(ctx context.Context) (how *ending, over bool) {
	select {
	case <-r.s.ready:
		r.limit.Stop()
		r.begun, r.initTook = r.s.o.Now(), r.s.o.Now().Sub(r.s.started)
		r.hand()
		return nil, true
	case <-r.s.initEnd:
		return r.s.failedInit(), true
	case <-r.s.gone:
		select {
		case <-r.s.initEnd: // it reported, then ended
			return r.s.failedInit(), true
		default:
			return r.s.exitError(r.inv), true
		}
	case <-r.limit.C:
		return r.s.timeout(r.inv), true
	case <-ctx.Done():
		return nil, false
	}
}

// end makes the Result and sees to the log.
func (r *run) end(how *ending) *lambdarunner.Result {
	r.limit.Stop()
	s := r.s
	result := &lambdarunner.Result{Payload: how.payload, Duration: s.o.Now().Sub(r.begun), InitDuration: r.initTook, Ended: how.ended}
	result.Streamed = r.event != nil && r.event.streamed.Load()
	if how.failed {
		result.FunctionError = "Unhandled"
	}
	if r.inv.Tail || how.ended {
		result.MaxMemoryMB, result.LogTail = s.report(r.inv, how, result.Duration, r.initTook)
		return result
	}
	logged := make(chan struct{})
	s.mu.Lock()
	s.logged = logged
	s.mu.Unlock()
	go func() {
		defer close(logged)
		s.report(r.inv, how, result.Duration, r.initTook)
	}()
	return result
}
