package runtimeapi

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"postern/lambdarunner"
)

// defaultInitLimit is AWS's for functions on demand. Unlike AWS, an init phase that
// exceeds it is not run again: it goes on within the first invocation's time-out.
const defaultInitLimit = 10 * time.Second

// Options say what one Server is for.
type Options struct {
	Function *lambdarunner.Function
	Listener net.Listener         // where the sandbox will call; closed by Close
	Output   *lambdarunner.Output // START, END and REPORT go there
	Kill     func()               // ends the sandbox; may be called at any time, and twice
	// Drain, if given, returns when all that the sandbox printed before is in Output.
	// asked says that somebody waits for the log itself, so that sure goes before soon.
	Drain       func(asked bool)
	MaxMemoryMB func() int       // used so far, 0 if unknown; nil is unknown
	InitLimit   time.Duration    // 0 is 10 s
	Now         func() time.Time // nil is time.Now
}

// A Server is the Runtime API of one sandbox, and runs its invocations.
type Server struct {
	o       Options
	front   *front
	started time.Time
	queue   chan *event

	ready     chan struct{} // closed at the first next
	readyOnce sync.Once
	gone      chan struct{} // closed when the sandbox has ended
	goneOnce  sync.Once
	closing   chan struct{}
	closeOnce sync.Once
	initEnd   chan struct{} // closed when init failed

	// mu guards what follows.
	mu       sync.Mutex
	state    state
	current  *event
	initFail ending
	exit     string        // how the sandbox ended: "exit status 1"
	invoked  bool          // the first invocation reports the init phase
	logged   chan struct{} // closed when the end of the last invocation is logged; nil before
}

// Start serves the Runtime API on the listener.
func Start(o Options) *Server {
	if o.InitLimit == 0 {
		o.InitLimit = defaultInitLimit
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{
		o: o, state: starting, started: o.Now(), queue: make(chan *event),
		ready: make(chan struct{}), gone: make(chan struct{}), closing: make(chan struct{}), initEnd: make(chan struct{}),
	}
	s.front = newFront(o.Listener, s.answer)
	return s
}

// Addr is the value of AWS_LAMBDA_RUNTIME_API where the sandbox sees the listener's
// own address.
func (s *Server) Addr() string { return s.o.Listener.Addr().String() }

// Ready is closed when the init phase is over and the runtime asks for work.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Exited tells that the sandbox has ended and how: "exit status 1", "signal:
// killed", or "" for a clean end.
func (s *Server) Exited(how string) {
	s.goneOnce.Do(func() {
		s.mu.Lock()
		s.exit, s.state = how, exited
		s.mu.Unlock()
		close(s.gone)
	})
}

// failInit ends the init phase with the error that the runtime reported.
func (s *Server) failInit(how ending) {
	s.mu.Lock()
	s.initFail = how
	s.mu.Unlock()
	close(s.initEnd)
}

// Close ends the server. It does not end the sandbox.
func (s *Server) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	err := s.front.close()
	s.awaitLog()
	return err
}

// Invoke hands the runtime one event and waits until it is answered, timed out, or
// the sandbox is gone. Nobody waits for the log unless the invocation asks for its
// tail: END and REPORT are written while the answer is on its way.
func (s *Server) Invoke(ctx context.Context, inv *lambdarunner.Invocation) (*lambdarunner.Result, error) {
	s.awaitLog()
	begin := s.o.Now()
	s.o.Output.Begin(inv.RequestID)
	s.o.Output.Platform("START RequestId: %s Version: %s\n", inv.RequestID, s.o.Function.Version)
	initTook, how := s.awaitInit(ctx, inv)
	if initTook > 0 {
		begin = s.o.Now()
	}
	if how == nil {
		how = s.runEvent(ctx, inv, begin)
	}
	r := &lambdarunner.Result{Payload: how.payload, Duration: s.o.Now().Sub(begin), InitDuration: initTook, Ended: how.ended}
	if how.failed {
		r.FunctionError = "Unhandled"
	}
	if inv.Tail || how.ended {
		r.MaxMemoryMB, r.LogTail = s.report(inv, how, r.Duration, initTook)
		return r, nil
	}
	logged := make(chan struct{})
	s.mu.Lock()
	s.logged = logged
	s.mu.Unlock()
	go func() {
		defer close(logged)
		s.report(inv, how, r.Duration, initTook)
	}()
	return r, nil
}

// awaitLog waits until the end of the last invocation is logged.
func (s *Server) awaitLog() {
	s.mu.Lock()
	logged := s.logged
	s.mu.Unlock()
	if logged != nil {
		<-logged
	}
}

// awaitInit waits for the init phase on the first invocation and says how long it
// took, or how it failed.
func (s *Server) awaitInit(ctx context.Context, inv *lambdarunner.Invocation) (time.Duration, *ending) {
	s.mu.Lock()
	first := !s.invoked
	s.invoked = true
	s.mu.Unlock()
	if !first {
		return 0, nil
	}
	limit := time.NewTimer(s.o.InitLimit + s.o.Function.Timeout - s.o.Now().Sub(s.started))
	defer limit.Stop()
	select {
	case <-s.ready:
		return s.o.Now().Sub(s.started), nil
	case <-s.initEnd:
		s.o.Kill()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.initFail.ended = true
		return 0, &s.initFail
	case <-s.gone:
		how := s.exitError(inv)
		return 0, &how
	case <-limit.C:
	case <-ctx.Done():
	}
	how := s.timeout(inv)
	return 0, &how
}

func (s *Server) runEvent(ctx context.Context, inv *lambdarunner.Invocation, begin time.Time) *ending {
	e := &event{inv: inv, deadline: begin.Add(s.o.Function.Timeout), done: make(chan ending, 1)}
	limit := time.NewTimer(s.o.Function.Timeout)
	defer limit.Stop()
	queue := s.queue
	for {
		select {
		case queue <- e:
			queue = nil
		case how := <-e.done:
			return &how
		case <-s.gone:
			how := s.exitError(inv)
			return &how
		case <-limit.C:
			how := s.timeout(inv)
			return &how
		case <-ctx.Done():
			how := s.timeout(inv)
			return &how
		}
	}
}

// timeout kills the sandbox: what it was doing must not go on.
func (s *Server) timeout(inv *lambdarunner.Invocation) ending {
	s.o.Kill()
	after := s.o.Function.Timeout.Seconds()
	s.o.Output.Platform("%s %s Task timed out after %.2f seconds\n", s.o.Now().UTC().Format("2006-01-02T15:04:05.000Z"), inv.RequestID, after)
	how := failure("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", inv.RequestID, after))
	how.status, how.ended = "timeout", true
	return how
}

func (s *Server) exitError(inv *lambdarunner.Invocation) ending {
	s.mu.Lock()
	exit := s.exit
	s.mu.Unlock()
	reason := "Runtime exited without providing a reason"
	if exit != "" {
		reason = "Runtime exited with error: " + exit
	}
	how := failure("Runtime.ExitError", fmt.Sprintf("RequestId: %s Error: %s", inv.RequestID, reason))
	how.status, how.ended = "error", true
	s.o.Output.Platform("RequestId: %s Error: %s\n", inv.RequestID, reason)
	return how
}
