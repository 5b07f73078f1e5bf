package runtimeapi

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/google/uuid"

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
	// Kill ends the runtime; may be called at any time, and twice. Where there are extensions, Shutdown
	// ends them.
	Kill func()
	// Drain, if given, returns when all that the sandbox printed before is in Output.
	// asked says that somebody waits for the log itself, so that sure goes before soon.
	Drain       func(asked bool)
	MaxMemoryMB func() int       // used so far, 0 if unknown; nil is unknown
	Suspended   func() bool      // no time limit counts now, as somebody steps through the function; nil is never
	InitLimit   time.Duration    // 0 is 10 s
	Now         func() time.Time // nil is time.Now
	NewID       func() string    // makes UUIDs; nil is the usual

	// Host is the sandbox's address as seen from here, to which telemetry goes; an error if there
	// is none. nil is loopback.
	Host func(context.Context) (string, error)

	// Extensions are the names of the external ones, which whoever starts the sandbox starts
	// before the runtime.
	Extensions []string
}

// A Server is the Runtime API of one sandbox, and runs its invocations.
type Server struct {
	o       Options
	front   *front
	started time.Time
	queue   chan *event

	ready     chan struct{} // closed when runtime and extensions have called next
	readyOnce sync.Once
	gone      chan struct{} // closed when the runtime has ended, or an extension that must not
	goneOnce  sync.Once
	closing   chan struct{}
	closeOnce sync.Once
	initEnd   chan struct{} // closed when init failed
	telemetry telemetry

	initDone, initReported sync.Once // events of the init phase

	// mu guards what follows.
	mu       sync.Mutex
	state    state
	current  *event
	initFail ending
	crash    crash         // why gone is closed
	readyAt  time.Time     // when ready was closed
	invoked  bool          // the first invocation reports the init phase
	logged   chan struct{} // closed when the end of the last invocation is logged; nil before
	waiter   chan struct{} // closed when a later next takes the place of the one that waits
	ext      extensions
}

// A crash is the end of a process of the sandbox that ends the sandbox.
type crash struct{ kind, reason string }

// Start serves the Runtime API on the listener.
func Start(o Options) *Server {
	if o.InitLimit == 0 {
		o.InitLimit = defaultInitLimit
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	s := &Server{
		o: o, ext: newExtensions(o.Extensions), state: starting, started: o.Now(), queue: make(chan *event),
		ready: make(chan struct{}), gone: make(chan struct{}), closing: make(chan struct{}), initEnd: make(chan struct{}),
	}
	s.telemetry.now, s.telemetry.objects = o.Now, o.Function.Logging.JSON
	s.telemetry.active.Store(true)
	s.emitInitStart()
	s.front = newFront(o.Listener, s.answer)
	return s
}

// Addr is the value of AWS_LAMBDA_RUNTIME_API where the sandbox sees the listener's
// own address.
func (s *Server) Addr() string { return s.o.Listener.Addr().String() }

// Ready is closed when the init phase is over and the runtime asks for work.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Gone is closed when the sandbox is of no more use: the runtime has ended, or an extension.
func (s *Server) Gone() <-chan struct{} { return s.gone }

// Exited tells that the runtime has ended and how: "exit status 1", "signal: killed", or
// "" for a clean end.
func (s *Server) Exited(how string) {
	reason := "Runtime exited without providing a reason"
	if how != "" {
		reason = "Runtime exited with error: " + how
	}
	s.exited(crash{"Runtime.ExitError", reason})
}

// NeverStarted tells that there was nothing to run, or that it could not be: "fork/exec
// /var/task/bootstrap: no such file or directory". Every invocation fails with it.
func (s *Server) NeverStarted(why string) { s.exited(crash{"Runtime.InvalidEntrypoint", why}) }

// Lost tells that whatever ran the sandbox is gone, and nobody knows what has become of it.
func (s *Server) Lost(why string) { s.exited(crash{"Sandbox.Failure", why}) }

// Launched tells that the sandbox is made and its init phase begins, before anything calls. Making it is
// no part of that phase.
func (s *Server) Launched() { s.started = s.o.Now() }

func (s *Server) exited(why crash) {
	s.mu.Lock()
	s.state = exited
	s.mu.Unlock()
	s.end(why)
}

// end makes every invocation fail from now on, with the first reason.
func (s *Server) end(why crash) {
	s.goneOnce.Do(func() {
		s.mu.Lock()
		s.crash = why
		if s.ext.failure != "" {
			s.crash.kind = s.ext.failure
		}
		s.ext.blame("failure")
		kind := s.crash.kind
		s.mu.Unlock()
		s.emitInitEnd("error", kind)
		s.emitInitReport("error", kind)
		close(s.gone)
	})
}

// failInit ends the init phase with the error that the runtime reported.
func (s *Server) failInit(how ending) {
	s.mu.Lock()
	s.initFail = how
	s.mu.Unlock()
	s.emitInitEnd("error", how.kind)
	s.emitInitReport("error", how.kind)
	close(s.initEnd)
}

// Close ends the server. It does not end the sandbox.
func (s *Server) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	err := s.front.close()
	s.awaitLog()
	s.telemetry.stop()
	return err
}

// Invoke hands the runtime one event and waits until it is answered, timed out, or
// the sandbox is gone. Nobody waits for the log unless the invocation asks for its
// tail: END and REPORT are written while the answer is on its way. If ctx ends first
// the invocation goes on, and the error is a *lambdarunner.Detached. It is ErrGone if the
// runtime has ended after an earlier event.
func (s *Server) Invoke(ctx context.Context, inv *lambdarunner.Invocation) (*lambdarunner.Result, error) {
	s.awaitLog()
	if s.endedBetween() {
		return nil, lambdarunner.ErrGone
	}
	run := s.begin(inv)
	if how := run.wait(ctx); how != nil {
		if how.untaken {
			return nil, lambdarunner.ErrGone
		}
		return run.end(how), nil
	}
	ended := make(chan bool, 1)
	go func() {
		how := run.wait(context.Background())
		if how.untaken { // nobody waits for it
			ended <- true
			return
		}
		result := run.end(how)
		if result.Busy != nil {
			ended <- <-result.Busy
			return
		}
		ended <- result.Ended
	}()
	return nil, &lambdarunner.Detached{Ended: ended, Err: ctx.Err()}
}

// Init waits for the end of the init phase, and says why it failed if it did.
func (s *Server) Init(ctx context.Context) error {
	select {
	case <-s.ready:
		return nil
	case <-s.initEnd:
		s.mu.Lock()
		defer s.mu.Unlock()
		return fmt.Errorf("init phase: %s", s.initFail.payload)
	case <-s.gone:
		s.mu.Lock()
		defer s.mu.Unlock()
		return fmt.Errorf("init phase: %s: %s", s.crash.kind, s.crash.reason)
	case <-s.closing:
		return lambdarunner.ErrGone
	case <-ctx.Done():
		return fmt.Errorf("init phase: %w", ctx.Err())
	}
}

// endedBetween says whether the runtime has ended after an earlier event.
func (s *Server) endedBetween() bool {
	select {
	case <-s.gone:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.invoked
	default:
		return false
	}
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

// failedInit ends the sandbox whose init phase has failed.
func (s *Server) failedInit() *ending {
	s.o.Kill()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ext.blame("failure")
	s.initFail.ended, s.initFail.status = true, "error"
	return &s.initFail
}

// timeout kills the runtime: what it was doing must not go on.
func (s *Server) timeout(inv *lambdarunner.Invocation) *ending {
	s.mu.Lock()
	s.ext.blame("timeout")
	s.mu.Unlock()
	s.emitInitEnd("timeout", "")
	s.emitInitReport("timeout", "")
	s.o.Kill()
	after := s.o.Function.Timeout.Seconds()
	s.say("%s %s Task timed out after %.2f seconds\n", s.o.Now().UTC().Format("2006-01-02T15:04:05.000Z"), inv.RequestID, after)
	how := failure("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", inv.RequestID, after))
	how.status, how.ended = "timeout", true
	return &how
}

func (s *Server) exitError(inv *lambdarunner.Invocation) *ending {
	s.mu.Lock()
	why := s.crash
	s.mu.Unlock()
	how := failure(why.kind, fmt.Sprintf("RequestId: %s Error: %s", inv.RequestID, why.reason))
	how.status, how.ended = "error", true
	s.say("RequestId: %s Error: %s\n", inv.RequestID, why.reason)
	s.telemetry.emit(platformStream, "platform.fault", fmt.Sprintf("RequestId: %s Error: %s\n%s\n", inv.RequestID, why.reason, why.kind))
	return &how
}
