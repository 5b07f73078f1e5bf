package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"postern/lambdarunner"
)

// command is what to run for a function, an error that says what is missing here
// if it cannot be run.
func (l *Launcher) command(fn *lambdarunner.Function) ([]string, error) {
	switch {
	case strings.HasPrefix(fn.Runtime, "provided"), fn.Runtime == "go1.x":
		return bootstrap(fn)
	case strings.HasPrefix(fn.Runtime, "python"):
		// -I -S start in half the time: no user directory, no site-packages. The
		// client adds them when an import needs them.
		return l.interpreted(fn, []string{fn.Runtime, "python3"}, "bootstrap.py", "-I", "-S", "-u")
	case strings.HasPrefix(fn.Runtime, "nodejs"):
		return l.interpreted(fn, []string{"node"}, "bootstrap.mjs")
	}
	return nil, fmt.Errorf("runtime %s cannot run as a process here: only provided, python and nodejs can; start Postern with a Docker engine for it", fn.Runtime)
}

// bootstrap is the function's own executable.
func bootstrap(fn *lambdarunner.Function) ([]string, error) {
	names := []string{"bootstrap"}
	if fn.Runtime == "go1.x" {
		names = []string{fn.Handler}
	}
	for _, name := range names {
		path := filepath.Join(fn.Code.Dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return []string{path}, nil
		}
	}
	return []string{filepath.Join(fn.Code.Dir, names[0])}, nil // starting it says what is wrong
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
	if known, ok := l.interpreters.Load(program); ok {
		return known.(string)
	}
	args := []string{"-I", "-S", "-c", "import sys; print(sys.executable)"}
	if program == "node" {
		args = []string{"-p", "process.execPath"}
	}
	path := ""
	if out, err := exec.Command(program, args...).Output(); err == nil {
		path = strings.TrimSpace(string(out))
	}
	l.interpreters.Store(program, path)
	return path
}

// noteVersion says once that the interpreter here stands in for a runtime.
func (l *Launcher) noteVersion(runtime, path string) {
	if _, known := l.warned.LoadOrStore(runtime, true); !known {
		l.o.Logger.Info("this machine's interpreter runs the functions", "runtime", runtime, "interpreter", path)
	}
}
