package process

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"postern/lambdarunner"
	"postern/lambdarunner/debugger"
	"postern/lambdarunner/runtimeapi"
)

// A sandbox is the process group of a runtime, those of its extensions, and the Runtime API
// they talk to.
type sandbox struct {
	l      *Launcher
	fn     *lambdarunner.Function
	output *lambdarunner.Output
	api    *runtimeapi.Server
	tmp    string
	opt    string // stands for /opt, "" for a function without layers
	ownOpt string // is opt where no other sandbox may use it, else ""
	pipe   *printPipe

	door     *debugger.Door         // nil for a function that nobody steps through
	debugger string                 // address of its debugger
	program  atomic.Pointer[string] // how what delve runs has ended, nil if it has not

	runtime       atomic.Pointer[child] // nil until it is started
	refill        func()                // boots a spare for the next of its kind, or does nothing
	invoked       sync.Once             // refill is called after the first invocation
	extensions    map[string]*child     // external ones by name
	extensionPipe *printPipe            // nil without external extensions
	booting       sync.WaitGroup        // the start of a runtime that waits for extensions

	ended     chan struct{} // closed when the sandbox is of no more use
	endedOnce sync.Once
	closing   chan struct{} // closed when Close begins

	memory struct {
		sync.Mutex           // guards the rest
		most       int       // MB
		at         time.Time // it was looked up
	}

	once     sync.Once
	closeErr error
}

func (s *sandbox) start(argv []string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the sandbox: %w", err)
	}
	var extensions []string
	if s.opt != "" {
		extensions = runtimeapi.ExternalExtensions(s.opt)
	}
	s.api = runtimeapi.Start(runtimeapi.Options{
		Function: s.fn, Listener: listener, Output: s.output, Kill: s.kill, Drain: s.drain,
		MaxMemoryMB: s.memoryMB, InitLimit: s.l.o.InitLimit, Now: s.l.o.Now, Extensions: extensions,
		Suspended: s.door.Suspends,
	})
	if s.tmp, err = os.MkdirTemp(s.l.dir, "tmp-"); err != nil {
		return err
	}
	if s.startFromReserve(argv) {
		return nil
	}
	if s.pipe, err = newPrintPipe(s.api.FunctionLine); err != nil {
		return err
	}
	if len(extensions) > 0 {
		return s.startExtensions(extensions, argv)
	}
	return s.startRuntime(argv)
}

func (s *sandbox) startRuntime(argv []string) error {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = s.fn.Code.Dir
	cmd.Env = s.environment()
	c, err := s.run(cmd, s.pipe, s.exited)
	if errors.Is(err, lambdarunner.ErrClosed) {
		return err
	} else if err != nil { // no such file, not executable, of another machine
		s.finish()
		s.api.NeverStarted(err.Error())
		return nil
	}
	s.runtime.Store(c)
	s.door.Lead(s.debugger)
	s.watchProgram(c)
	return nil
}

// startFromReserve takes a spare for the runtime if there is one that serves.
func (s *sandbox) startFromReserve(argv []string) bool {
	r := s.l.reserve
	if !r.serves(s, argv) {
		return false
	}
	env := s.environment()
	s.refill = func() { r.fill(argv, env) }
	sp := r.take(argv)
	if sp == nil {
		return false
	}
	if err := sp.become(s.fn.Code.Dir, env, s.api.FunctionLine); err != nil { // it has just crashed
		sp.close()
		return false
	}
	s.pipe = sp.pipe
	s.runtime.Store(sp.child)
	sp.onExit(s.exited)
	return true
}

// exited is told how the runtime ended.
func (s *sandbox) exited(how string) {
	if program := s.program.Load(); program != nil {
		how = *program
	}
	s.finish() // before the Invoke that waits learns it, so that nobody takes it for warm
	s.api.Exited(how)
}

// finish tells that the sandbox is of no more use.
func (s *sandbox) finish() { s.endedOnce.Do(func() { close(s.ended) }) }

// kill ends the runtime, whose memory is not known afterwards.
func (s *sandbox) kill() {
	s.memoryMB()
	if c := s.runtime.Load(); c != nil {
		c.kill()
	}
}

func (s *sandbox) stopRuntime(within time.Duration) {
	if c := s.runtime.Load(); c != nil {
		c.stop(within)
	}
}

// children are all that were started.
func (s *sandbox) children() []*child {
	all := slices.Collect(maps.Values(s.extensions))
	if c := s.runtime.Load(); c != nil {
		all = append(all, c)
	}
	return all
}

func (s *sandbox) drain(bool) {
	s.pipe.sync()
	if s.extensionPipe != nil {
		s.extensionPipe.sync()
	}
}

// Invoke hands an event over. When the first is answered there is time to boot a spare.
func (s *sandbox) Invoke(ctx context.Context, inv *lambdarunner.Invocation) (*lambdarunner.Result, error) {
	defer s.invoked.Do(s.refill)
	return s.api.Invoke(ctx, inv)
}

// Done is closed when the runtime has ended, or an extension.
func (s *sandbox) Init(ctx context.Context) error { return s.api.Init(ctx) }

func (s *sandbox) Done() <-chan struct{} { return s.ended }

// Close lets extensions know, ends all processes and removes what the sandbox had.
func (s *sandbox) Close() error {
	s.once.Do(func() { s.closeErr = s.close() })
	return s.closeErr
}

func (s *sandbox) close() (err error) {
	close(s.closing)
	s.booting.Wait()
	s.door.Leave(s.debugger)
	if s.api != nil {
		s.api.Shutdown(s.stopRuntime, s.killExtension)
	}
	for _, c := range s.children() {
		c.kill()
		<-c.ended
	}
	s.finish()
	if s.api != nil {
		err = s.api.Close()
	}
	for _, pipe := range []*printPipe{s.pipe, s.extensionPipe} {
		if pipe != nil {
			pipe.close()
		}
	}
	for _, dir := range []string{s.tmp, s.ownOpt} {
		if dir != "" {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	s.l.drop(s)
	return err
}
