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
	s.say("START RequestId: %s Version: %s\n", inv.RequestID, s.o.Function.Version)
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

// suspendedTimeout is what a function believes to have while no time limit counts: the longest that there is.
const suspendedTimeout = 15 * time.Minute

// hand makes the event and starts its time.
func (r *run) hand() {
	timeout := r.s.o.Function.Timeout
	deadline := r.begun.Add(timeout)
	if r.s.o.Suspended != nil && r.s.o.Suspended() {
		deadline = r.begun.Add(suspendedTimeout)
	}
	r.event = &event{inv: r.inv, deadline: deadline, done: make(chan ending, 1)}
	r.s.emitStart(r.inv)
	r.s.tellInvoke(r.event)
	r.queue = r.s.queue
	r.limit = time.NewTimer(timeout)
}

// wait returns how the invocation ended, nil if ctx ended before.
func (r *run) wait(ctx context.Context) *ending {
	if r.event == nil {
		if how, over := r.waitInit(ctx); !over || how != nil {
			if over {
				r.s.logExtensions()
			}
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
			}
			if r.queue != nil && !r.first {
				return r.untaken()
			}
			return r.s.exitError(r.inv)
		case <-r.limit.C:
			if !r.extended() {
				return r.s.timeout(r.inv)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// resumeAfter is how often it is looked whether a time limit that is over counts again.
const resumeAfter = time.Second

// extended puts a time limit off that does not count.
func (r *run) extended() bool {
	if r.s.o.Suspended == nil || !r.s.o.Suspended() {
		return false
	}
	r.limit.Reset(resumeAfter)
	return true
}

// untaken is the end of an event that no runtime got to see.
func (r *run) untaken() *ending {
	r.limit.Stop()
	r.s.say("END RequestId: %s\n", r.inv.RequestID)
	r.s.o.Output.End()
	return &ending{ended: true, untaken: true}
}

// waitInit waits for the init phase: over is false if ctx ended before, and how says
// why there will be no event.
func (r *run) waitInit(ctx context.Context) (how *ending, over bool) {
	select {
	case <-r.s.ready: // long ago, maybe: before the limit
		r.initialized()
		return nil, true
	default:
	}
	select {
	case <-r.s.ready:
		r.initialized()
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
		if r.extended() {
			return r.waitInit(ctx)
		}
		return r.s.timeout(r.inv), true
	case <-ctx.Done():
		return nil, false
	}
}

// initialized goes on after the init phase.
func (r *run) initialized() {
	r.s.logExtensions() // while they are ready
	r.limit.Stop()
	r.s.mu.Lock()
	r.initTook = r.s.readyAt.Sub(r.s.started)
	r.s.mu.Unlock()
	r.begun = r.s.o.Now()
	r.hand()
}

// end makes the Result and sees to the log. Unless the caller waits for the log, too, it has the
// response before extensions are done, as on AWS (compute blog, "Performance and functionality
// improvements for AWS Lambda extensions").
func (r *run) end(how *ending) *lambdarunner.Result {
	s := r.s
	if r.event != nil {
		r.emitRuntimeDone(how, s.o.Now().Sub(r.begun))
	}
	rest := r.settling(how)
	if rest && r.inv.Tail {
		how, rest = r.settle(how), false
	}
	took := s.o.Now().Sub(r.begun)
	result := &lambdarunner.Result{Payload: how.payload, Duration: took, InitDuration: r.initTook, Ended: how.ended}
	result.Streamed = r.event != nil && r.event.streamed.Load()
	if how.failed {
		result.FunctionError = "Unhandled"
	}
	if r.inv.Tail || how.ended {
		r.limit.Stop()
		result.MaxMemoryMB, result.LogTail = s.report(r.inv, how, took, r.initTook)
		return result
	}
	var busy chan bool
	if rest {
		busy = make(chan bool, 1)
		result.Busy = busy
	}
	r.finish(how, took, busy)
	return result
}

// finish does what is left to do of an invocation that is answered: it waits for the extensions,
// if busy is given and gets to know whether the sandbox is of no more use, and writes the log.
func (r *run) finish(how *ending, took time.Duration, busy chan<- bool) {
	s, logged := r.s, make(chan struct{})
	s.mu.Lock()
	s.logged = logged
	s.mu.Unlock()
	if busy == nil {
		r.limit.Stop()
	}
	go func() {
		defer close(logged)
		if busy == nil {
			s.report(r.inv, how, took, r.initTook)
			return
		}
		last := r.settle(how)
		s.report(r.inv, last, s.o.Now().Sub(r.begun), r.initTook)
		busy <- last.ended
	}()
}

// settling tells whether extensions may still be busy with the event.
func (r *run) settling(how *ending) bool {
	return r.event != nil && r.event.settled != nil && !how.ended
}

// settle waits until runtime and extensions have asked for the next event. What goes wrong is
// in the log; the response has been given.
func (r *run) settle(how *ending) *ending {
	last := *how
	select {
	case <-r.event.settled:
	case <-r.s.closing:
		last.ended = true
	case <-r.s.gone:
		e := r.s.exitError(r.inv)
		last.kind, last.status, last.ended = e.kind, e.status, true
	case <-r.limit.C:
		e := r.s.timeout(r.inv)
		last.kind, last.status, last.ended = e.kind, e.status, true
	}
	r.limit.Stop()
	return &last
}
