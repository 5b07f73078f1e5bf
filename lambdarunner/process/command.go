package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"postern/lambdarunner"
)

// command is what to run for the function, an error that says what is missing here
// if it cannot be run.
func (s *sandbox) command() ([]string, error) {
	fn := s.fn
	switch {
	case strings.HasPrefix(fn.Runtime, "provided"):
		return []string{s.bootstrap()}, nil
	case fn.Runtime == "go1.x":
		return []string{filepath.Join(fn.Code.Dir, fn.Handler)}, nil
	case strings.HasPrefix(fn.Runtime, "python"):
		// -I -S start in half the time: no user directory, no site-packages. The
		// client adds them when an import needs them.
		flags := []string{"-I", "-S", "-u"}
		if fn.Code.Live {
			// What is compiled is told apart by size and second: a file that is saved twice
			// in one would run as it was.
			flags = append(flags, "-B")
		}
		argv, err := s.l.interpreted(fn, []string{fn.Runtime, "python3"}, "bootstrap.py", flags...)
		return s.wrapped(argv), err
	case strings.HasPrefix(fn.Runtime, "nodejs"):
		argv, err := s.l.interpreted(fn, []string{"node"}, "bootstrap.mjs")
		return s.wrapped(argv), err
	case strings.HasPrefix(fn.Runtime, "ruby"):
		argv, err := s.l.interpreted(fn, []string{fn.Runtime, "ruby"}, "bootstrap.rb")
		return s.wrapped(argv), err
	}
	return nil, fmt.Errorf("runtime %s cannot run as a process here: only provided, python, nodejs and ruby can; start Postern with a Docker engine for it", fn.Runtime)
}

// bootstrap is the runtime that the function brings along: the package's before a
// layer's. Where there is none, starting it says what is wrong.
func (s *sandbox) bootstrap() string {
	own := filepath.Join(s.fn.Code.Dir, "bootstrap")
	if s.opt == "" || isFile(own) {
		return own
	}
	if path := filepath.Join(s.opt, "bootstrap"); isFile(path) {
		return path
	}
	return own
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// wrapped hands the start of a runtime to the function's wrapper script, as managed
// runtimes do and those that a function brings along do not (Developer Guide, "Modifying
// the runtime environment", read 2026-11). A shell's exec makes a script that is not there
// exit status 127, as recorded of AWS.
func (s *sandbox) wrapped(argv []string) []string {
	wrapper := s.fn.Environment["AWS_LAMBDA_EXEC_WRAPPER"]
	if wrapper == "" {
		return argv
	}
	return append([]string{"/bin/sh", "-c", `exec "$0" "$@"`, s.here(wrapper)}, argv...)
}

// interpreted finds the first of the programs that is here.
func (l *Launcher) interpreted(fn *lambdarunner.Function, programs []string, client string, flags ...string) ([]string, error) {
	for i, program := range programs {
		path := l.resolve(program)
		if path == "" {
			continue
		}
		if i > 0 || program == "node" {
			l.noteVersion(fn.Runtime, path)
		}
		return append(append([]string{path}, flags...), l.client(client)), nil
	}
	return nil, fmt.Errorf("runtime %s needs %s on the PATH; install it, or start Postern with a Docker engine", fn.Runtime, programs[len(programs)-1])
}

// resolve asks a program on the PATH for its own path, once: version managers put
// scripts there that take longer to find an interpreter than it takes to start, or
// that find none. It is "" for a program that is not here or does not run.
func (l *Launcher) resolve(program string) string {
	known, _ := l.interpreters.LoadOrStore(program, sync.OnceValue(func() string { return ask(program) }))
	return known.(func() string)()
}

func ask(program string) (path string) {
	args := []string{"-I", "-S", "-c", "import sys; print(sys.executable)"}
	switch {
	case program == "node":
		args = []string{"-p", "process.execPath"}
	case strings.HasPrefix(program, "ruby"):
		args = []string{"--disable=gems", "-rrbconfig", "-e", "puts RbConfig.ruby"}
	}
	if out, err := exec.Command(program, args...).Output(); err == nil {
		path = strings.TrimSpace(string(out))
	}
	return path
}

// noteVersion says once that the interpreter here stands in for a runtime.
func (l *Launcher) noteVersion(runtime, path string) {
	if _, known := l.warned.LoadOrStore(runtime, true); !known {
		l.o.Logger.Info("this machine's interpreter runs the functions", "runtime", runtime, "interpreter", path)
	}
}
