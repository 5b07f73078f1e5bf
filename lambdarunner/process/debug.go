package process

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"

	"postern/lambdarunner/debugger"
)

// debugged is the command of a runtime whose debugger listens at an address.
func (s *sandbox) debugged(argv []string, at string, wait bool) ([]string, error) {
	kind, err := debugger.KindOf(s.fn.Runtime)
	if err != nil {
		return nil, err
	}
	switch kind {
	case debugger.Node:
		return append([]string{argv[0], "--inspect=" + at}, argv[1:]...), nil
	case debugger.Python:
		if err := exec.Command(argv[0], "-c", "import debugpy").Run(); err != nil {
			return nil, fmt.Errorf("to debug %s, %s needs debugpy: %s -m pip install debugpy", s.fn.Name, argv[0], argv[0])
		}
		command := []string{argv[0], "-u", "-X", "frozen_modules=off", "-m", "debugpy", "--listen", at}
		if wait {
			command = append(command, "--wait-for-client")
		}
		return append(command, argv[len(argv)-1]), nil
	default:
		delve, err := exec.LookPath("dlv")
		if err != nil {
			return nil, fmt.Errorf("to debug %s, Postern needs delve on the PATH: go install github.com/go-delve/delve/cmd/dlv@latest", s.fn.Name)
		}
		return debugger.Delve(delve, argv[0], at, wait), nil
	}
}

// stepThrough makes the command one that is stepped through, if the function is.
func (s *sandbox) stepThrough(argv []string) ([]string, error) {
	s.door = s.l.o.Debug[s.fn.Name]
	if s.door == nil {
		return argv, nil
	}
	if s.fn.Environment["AWS_LAMBDA_EXEC_WRAPPER"] != "" {
		return nil, fmt.Errorf("%s has a wrapper script (AWS_LAMBDA_EXEC_WRAPPER), and cannot be debugged with it", s.fn.Name)
	}
	at, err := freeAddress()
	if err != nil {
		return nil, err
	}
	if argv, err = s.debugged(argv, at, s.door.Wait); err != nil {
		return nil, err
	}
	s.debugger = at
	return argv, nil
}

// watchProgram ends delve with the program that it runs: by itself it stays, for a debugger to restart the program.
func (s *sandbox) watchProgram(delve *child) {
	if kind, err := debugger.KindOf(s.fn.Runtime); s.door == nil || err != nil || kind != debugger.Go {
		return
	}
	s.booting.Go(func() {
		if how, ended := debugger.Ended(s.debugger, delve.ended, s.closing); ended {
			s.program.Store(&how)
			delve.kill()
		}
	})
}

// freeAddress is one on loopback at which nobody listens now.
func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// debugEnvironment keeps delve from the user's settings, and tells the client of node that it has to wait.
func (s *sandbox) debugEnvironment(env map[string]string) {
	if s.door == nil {
		return
	}
	env["XDG_CONFIG_HOME"] = filepath.Join(s.tmp, ".config")
	if s.door.Wait {
		env["POSTERN_DEBUG_WAIT"] = "1"
	}
}
