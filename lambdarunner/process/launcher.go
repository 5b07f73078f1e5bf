package process

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"postern/lambdarunner"
	"postern/lambdarunner/code"
	"postern/lambdarunner/debugger"
)

// Clients are the Runtime API clients: bootstrap.py, .mjs and .rb in client/.
//
//go:embed client/bootstrap.py client/bootstrap.mjs client/bootstrap.rb
var Clients embed.FS

// Options are what a Launcher works with.
type Options struct {
	EndpointURL string           // AWS_ENDPOINT_URL inside functions, "" for none
	CABundle    []byte           // PEM of the authorities that functions trust, nil for those that they know
	Code        *code.Cache      // where layers are laid over one another; nil is a temporary one
	InitLimit   time.Duration    // of the init phase; 0 is AWS's 10 s
	NoReserve   bool             // keep no booted interpreters
	IdleTTL     time.Duration    // one that nobody took for so long is ended; 0 is 10 minutes
	Debug       debugger.Doors   // of functions that are stepped through
	Logger      *slog.Logger     // nil discards
	Now         func() time.Time // nil is time.Now
}

// caBundle is the file of Options.CABundle in the launcher's directory.
const caBundle = "ca-bundle.pem"

// A Launcher starts sandboxes as processes.
type Launcher struct {
	o      Options
	dir    string        // the clients, and the sandboxes' temporary directories
	lock   *os.File      // of dir, nil where there are none
	starts chan func()   // to the goroutine that starts processes
	quit   chan struct{} // closed by Close
	warned sync.Map      // runtimes that noteVersion has spoken of

	reserve *reserve

	interpreters sync.Map // program → func() string, which asks it for its own path once

	// mu guards what lives.
	mu     sync.Mutex
	closed bool
	alive  map[*sandbox]struct{}
}

// New makes a Launcher. It writes the runtime clients into a temporary directory,
// which Close removes.
func New(o Options) (*Launcher, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	dir, lock, err := newDirectory()
	if err != nil {
		return nil, err
	}
	l := &Launcher{o: o, dir: dir, lock: lock, alive: map[*sandbox]struct{}{}, starts: make(chan func()), quit: make(chan struct{})}
	l.reserve = newReserve(l, o.IdleTTL, o.NoReserve)
	err = os.CopyFS(dir, Clients)
	if err == nil && len(o.CABundle) > 0 {
		err = os.WriteFile(filepath.Join(dir, caBundle), o.CABundle, 0o644)
	}
	if err != nil {
		return nil, errors.Join(err, l.removeDirectory())
	}
	if o.Code == nil {
		if l.o.Code, err = code.Open(filepath.Join(dir, "code")); err != nil {
			return nil, errors.Join(err, l.removeDirectory())
		}
	}
	go l.starter()
	return l, nil
}

// starter starts the processes on one thread that stays: where the kernel is asked
// to kill a process with its parent (group_linux.go), the parent is the thread.
func (l *Launcher) starter() {
	runtime.LockOSThread()
	for {
		select {
		case start := <-l.starts:
			start()
		case <-l.quit:
			return
		}
	}
}

// Name is "process".
func (l *Launcher) Name() string { return "process" }

// StartsAtOnce is how many processes of one function are in their init phase at once: as many as there are
// processors, which interpreters keep busy while they boot.
func (l *Launcher) StartsAtOnce() int { return max(runtime.NumCPU(), minStarts) }

const minStarts = 2

// Launch starts a process for the function.
func (l *Launcher) Launch(_ context.Context, fn *lambdarunner.Function, output *lambdarunner.Output) (lambdarunner.Sandbox, error) {
	if fn.Image != nil {
		return nil, fmt.Errorf("%s is a container image, which needs a Docker engine: start Postern with --lambda docker", fn.Name)
	}
	s := &sandbox{l: l, fn: fn, output: output, ended: make(chan struct{}), closing: make(chan struct{}), refill: func() {}}
	if err := s.layOpt(); err != nil {
		return nil, errors.Join(fmt.Errorf("lay out the layers of %s: %w", fn.Name, err), s.Close())
	}
	argv, err := s.command()
	if err == nil {
		argv, err = s.stepThrough(argv)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.start(argv); err != nil {
		return nil, errors.Join(fmt.Errorf("start a process for %s: %w", fn.Name, err), s.Close())
	}
	if !l.add(s) {
		return nil, errors.Join(lambdarunner.ErrClosed, s.Close())
	}
	return s, nil
}

func (l *Launcher) add(s *sandbox) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.alive[s] = struct{}{}
	return true
}

func (l *Launcher) drop(s *sandbox) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.alive, s)
}

// Close kills all processes and removes what was written. It is safe to call twice.
func (l *Launcher) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	var all []*sandbox
	for s := range l.alive {
		all = append(all, s)
	}
	l.mu.Unlock()
	errs := make([]error, len(all))
	var closing sync.WaitGroup
	for i, s := range all { // at once, since extensions have their time to end
		closing.Go(func() { errs[i] = s.Close() })
	}
	closing.Go(l.reserve.close)
	closing.Wait()
	close(l.quit) // not before: with the starter's thread, all that it started is killed
	return errors.Join(append(errs, l.removeDirectory())...)
}

func (l *Launcher) removeDirectory() error {
	err := os.RemoveAll(l.dir)
	if l.lock != nil {
		l.lock.Close()
	}
	return err
}

// client is the path of an embedded runtime client.
func (l *Launcher) client(name string) string { return filepath.Join(l.dir, "client", name) }

// run starts a command on the starter's thread.
func (l *Launcher) run(cmd *exec.Cmd) error {
	done := make(chan error, 1)
	select {
	case l.starts <- func() { done <- cmd.Start() }:
		return <-done
	case <-l.quit:
		return lambdarunner.ErrClosed
	}
}
