package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"

	"postern/lambdarunner"
	"postern/lambdarunner/runtimeapi"
)

// A sandbox is one process group and the Runtime API it talks to.
type sandbox struct {
	l      *Launcher
	fn     *lambdarunner.Function
	output *lambdarunner.Output
	api    *runtimeapi.Server
	cmd    *exec.Cmd // nil if it never started
	tmp    string
	opt    string // stands for /opt, "" for a function without layers
	ownOpt string // is opt where no other sandbox may use it, else ""
	pipe   *printPipe
	ended  chan struct{} // closed when the process has ended

	memory   int // MB, and when it was looked up; only an invocation's end asks
	memoryAt time.Time

	once     sync.Once
	closeErr error
}

func (s *sandbox) start(argv []string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the sandbox: %w", err)
	}
	s.api = runtimeapi.Start(runtimeapi.Options{
		Function: s.fn, Listener: listener, Output: s.output, Kill: s.kill, Drain: s.drain,
		MaxMemoryMB: s.memoryMB, InitLimit: s.l.o.InitLimit, Now: s.l.o.Now,
	})
	if s.tmp, err = os.MkdirTemp(s.l.dir, "tmp-"); err != nil {
		return err
	}
	if s.pipe, err = newPrintPipe(s.output.Line); err != nil {
		return err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = s.fn.Code.Dir
	cmd.Env = s.environment()
	cmd.Stdout, cmd.Stderr = s.pipe.w, s.pipe.w
	ownGroup(cmd)
	if err := s.l.run(cmd); errors.Is(err, lambdarunner.ErrClosed) {
		return err
	} else if err != nil { // no such file, not executable, of another machine
		close(s.ended)
		s.api.NeverStarted(err.Error())
		return nil
	}
	s.cmd = cmd
	go s.wait()
	return nil
}

// wait tells the Runtime API how the process ended.
func (s *sandbox) wait() {
	err := s.cmd.Wait()
	killGroup(s.cmd) // what it left behind
	how := ""
	if err != nil {
		how = err.Error() // "exit status 1", "signal: killed"
	}
	s.pipe.sync()
	close(s.ended) // before the Invoke that waits learns it, so that nobody takes it for warm
	s.api.Exited(how)
}

// kill ends the process group, but not one that has ended: its number may by now be
// that of somebody else's.
func (s *sandbox) kill() {
	select {
	case <-s.ended:
	default:
		killGroup(s.cmd)
	}
}

func (s *sandbox) drain(bool) { s.pipe.sync() }

// Invoke hands an event over.
func (s *sandbox) Invoke(ctx context.Context, inv *lambdarunner.Invocation) (*lambdarunner.Result, error) {
	return s.api.Invoke(ctx, inv)
}

// Done is closed when the process has ended.
func (s *sandbox) Done() <-chan struct{} { return s.ended }

// Close kills the process group and removes what the sandbox had.
func (s *sandbox) Close() error {
	s.once.Do(func() {
		if s.cmd != nil {
			s.kill()
			<-s.ended
		}
		if s.api != nil {
			s.closeErr = s.api.Close()
		}
		if s.pipe != nil {
			s.pipe.close()
		}
		for _, dir := range []string{s.tmp, s.ownOpt} {
			if dir != "" {
				s.closeErr = errors.Join(s.closeErr, os.RemoveAll(dir))
			}
		}
		s.l.drop(s)
	})
	return s.closeErr
}
