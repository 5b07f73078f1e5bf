package process

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A reserve keeps one booted interpreter of each kind that functions have used, since most of
// a cold start is the interpreter's own. It has loaded nothing of any function: one that takes
// it gets a process that finds its own environment, directory, pipes and Runtime API, and that
// nobody uses again.
//
// Such a process differs from a fresh one in its age alone (process.uptime()), and in what
// /proc/PID/environ shows, which is how it was started.
type reserve struct {
	l   *Launcher
	ttl time.Duration

	ending sync.WaitGroup // spares being booted or ended
	booted func(*spare)   // is told of each, for tests; nil is nobody

	// mu guards the rest.
	mu     sync.Mutex
	off    bool
	spares map[string]*spare // by command line; nil is one being booted
}

// A spare is an interpreter that waits for a function.
type spare struct {
	*child
	pipe     *printPipe
	print    atomic.Pointer[func([]byte)] // nil, and what it prints is lost, until it is taken
	handOver *os.File                     // the client reads what it becomes from the other end
	expiry   *time.Timer
}

// newReserve makes one whose spares end when nobody took them for so long.
func newReserve(l *Launcher, ttl time.Duration, off bool) *reserve {
	if ttl == 0 {
		ttl = 10 * time.Minute
	}
	return &reserve{l: l, ttl: ttl, off: off || runtime.GOOS == "windows", spares: map[string]*spare{}}
}

// serves tells whether a spare is as good as a process of the sandbox's own: not where the
// function has a say in how the interpreter boots, by variables, layers, wrapper or debugger.
func (r *reserve) serves(s *sandbox, argv []string) bool {
	last := len(argv) - 1
	waits := argv[last] == s.l.client("bootstrap.py") || argv[last] == s.l.client("bootstrap.mjs")
	return !r.off && s.opt == "" && s.door == nil && waits &&
		!slices.ContainsFunc(argv[1:last], func(flag string) bool { return !slices.Contains(pythonFlags, flag) }) &&
		!slices.ContainsFunc(slices.Collect(maps.Keys(s.fn.Environment)), atBoot)
}

// pythonFlags are those that every function may have.
var pythonFlags = []string{"-I", "-S", "-u", "-B"}

// atBoot tells of a variable whether interpreters, or the libraries they are linked with, look
// at it when they start.
func atBoot(name string) bool {
	if slices.Contains([]string{"NODE_ENV", "NODE_PATH", "PYTHONPATH"}, name) {
		return false // the client looks for modules where they say
	}
	for _, prefix := range []string{"NODE_", "PYTHON", "RUBY", "LD_", "DYLD_", "LC_", "LANG", "TZ", "UV_", "OPENSSL_", "SSL_", "MALLOC_", "GLIBC_", "GCONV_", "ICU_", "NLSPATH", "LOCPATH"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains(inherited(), name)
}

// take gives the spare for a command line to the caller, nil if there is none that lives.
func (r *reserve) take(argv []string) *spare {
	r.mu.Lock()
	defer r.mu.Unlock()
	sp := r.spares[key(argv)]
	if sp == nil {
		return nil
	}
	delete(r.spares, key(argv))
	sp.expiry.Stop()
	select {
	case <-sp.ended:
		r.end(sp)
		return nil
	default:
		return sp
	}
}

func key(argv []string) string { return strings.Join(argv, "\x00") }

// fill boots a spare for a command line unless there is one. env is that of a function which
// it would serve: of it the spare gets what matters at its boot, which is the same for all of those.
func (r *reserve) fill(argv, env []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, there := r.spares[key(argv)]; there || r.off {
		return
	}
	r.spares[key(argv)] = nil
	r.ending.Go(func() {
		sp, err := r.boot(argv, env)
		r.mu.Lock()
		defer r.mu.Unlock()
		if err != nil || r.off {
			delete(r.spares, key(argv))
			if sp != nil {
				r.end(sp)
			}
			return
		}
		r.spares[key(argv)] = sp
		if r.booted != nil {
			r.booted(sp)
		}
		sp.expiry = time.AfterFunc(r.ttl, func() { r.remove(argv, sp) })
		go func() {
			<-sp.ended
			r.remove(argv, sp) // it crashed; the next use of such a function boots another
		}()
	})
}

// remove ends a spare that nobody took.
func (r *reserve) remove(argv []string, sp *spare) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spares[key(argv)] == sp {
		delete(r.spares, key(argv))
		r.end(sp)
	}
}

// end ends a spare that is out of the table; r.mu is held.
func (r *reserve) end(sp *spare) { r.ending.Go(sp.close) }

// close ends the spares. None is booted after it.
func (r *reserve) close() {
	r.mu.Lock()
	r.off = true
	for _, sp := range r.spares {
		if sp != nil {
			sp.expiry.Stop()
			r.end(sp)
		}
	}
	clear(r.spares)
	r.mu.Unlock()
	r.ending.Wait()
}

func (r *reserve) boot(argv, env []string) (sp *spare, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	sp = &spare{handOver: write}
	sp.pipe, err = newPrintPipe(func(line []byte) {
		if print := sp.print.Load(); print != nil {
			(*print)(line)
		}
	})
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = r.l.dir
	cmd.ExtraFiles = []*os.File{read} // as 3
	cmd.Env = bootEnvironment(env)
	if sp.child, err = r.l.spawn(cmd, sp.pipe); err != nil {
		sp.pipe.close()
		return nil, errors.Join(err, write.Close())
	}
	return sp, nil
}

// bootEnvironment is what of an environment interpreters look at when they start. The client
// takes an environment without AWS_LAMBDA_RUNTIME_API for that of a spare.
func bootEnvironment(env []string) (boot []string) {
	for _, variable := range env {
		if name, _, _ := strings.Cut(variable, "="); atBoot(name) || name == "PATH" {
			boot = append(boot, variable)
		}
	}
	return boot
}

// become makes the process one of the sandbox, whose lines go to print: the client reads the
// directory, then the variables, each ended by a NUL.
func (sp *spare) become(dir string, env []string, print func([]byte)) error {
	sp.print.Store(&print)
	_, err := sp.handOver.WriteString(dir + "\x00" + strings.Join(env, "\x00") + "\x00")
	return errors.Join(err, sp.handOver.Close())
}

func (sp *spare) close() {
	sp.handOver.Close()
	sp.kill()
	<-sp.ended
	sp.pipe.close()
}
