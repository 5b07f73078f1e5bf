package docker

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/docker/go-connections/nat"

	"postern/lambdarunner/debugger"
)

const (
	debugPort  = "9229" // where debuggers listen in containers
	debuggerMB = 512    // that a debugger may use beside the function
	everywhere = "0.0.0.0:" + debugPort
)

//go:embed sitecustomize.py
var sitecustomize string

// noDebugpy is what sitecustomize.py prints where there is none.
const noDebugpy = "postern: import debugpy: "

// stepThrough makes the container one whose function is stepped through; debugEnvironment does the rest.
func (s *sandbox) stepThrough(p *plan) error {
	if s.fn.Image != nil {
		return errors.New("functions of container images cannot be debugged: those of zip files can")
	}
	kind, err := debugger.KindOf(s.fn.Runtime)
	if err != nil {
		return err
	}
	switch kind {
	case debugger.Python:
		p.files["sitecustomize.py"] = sitecustomize
	case debugger.Go:
		program, err := entryPoint(s.fn)
		if err != nil {
			return err
		}
		p.config.Entrypoint, p.config.Cmd = debugger.Delve("dlv", program, everywhere, s.door.Wait), nil
	}
	p.host.Memory += debuggerMB << 20
	p.host.MemorySwap = p.host.Memory
	if s.l.reach.direct {
		return nil
	}
	if s.l.reach.published == "" {
		return errors.New("ports of this engine's containers cannot be reached from here, so none of its functions can be debugged")
	}
	p.config.ExposedPorts = nat.PortSet{debugPort + "/tcp": {}}
	p.host.PortBindings = nat.PortMap{debugPort + "/tcp": {{HostIP: s.l.reach.published}}}
	return nil
}

// debugEnvironment has node's inspector and debugpy listen by way of variables, as images start their runtimes in
// ways of their own. Extensions keep what these were.
func (s *sandbox) debugEnvironment(env map[string]string) {
	s.undebugged = []string{"NODE_OPTIONS=" + env["NODE_OPTIONS"], "PYTHONPATH=" + env["PYTHONPATH"]}
	kind, _ := debugger.KindOf(s.fn.Runtime) // stepThrough has the error
	switch kind {
	case debugger.Node:
		inspect := "--inspect="
		if s.door.Wait {
			inspect = "--inspect-wait="
		}
		env["NODE_OPTIONS"] = strings.TrimSpace(env["NODE_OPTIONS"] + " " + inspect + everywhere)
	case debugger.Python:
		env["PYTHONPATH"] = strings.TrimSuffix(filesDir+":"+env["PYTHONPATH"], ":")
		env["POSTERN_DEBUG_PORT"] = debugPort
		if s.door.Wait {
			env["POSTERN_DEBUG_WAIT"] = "1"
		}
	case debugger.Go:
		env["XDG_CONFIG_HOME"] = "/tmp/.config" // where delve may write
	}
}

// openDoor leads to the debugger in the container, which has started.
func (s *sandbox) openDoor(ctx context.Context) (err error) {
	if s.door == nil {
		return nil
	}
	if s.debugger, err = s.debuggerAddress(ctx); err != nil {
		select {
		case <-s.container.ended: // which the first Invoke tells
			return nil
		default:
			return err
		}
	}
	s.door.Lead(s.debugger)
	if kind, _ := debugger.KindOf(s.fn.Runtime); kind == debugger.Go {
		s.tasks.Go(s.watchProgram)
	}
	return nil
}

// watchProgram ends delve, and the container with it, when the program that it runs has ended: by itself it stays,
// for a debugger to restart the program.
func (s *sandbox) watchProgram() {
	how, ended := debugger.Ended(s.debugger, s.container.ended, s.closing)
	if !ended {
		return
	}
	s.program.Store(&how)
	if err := s.signal("KILL"); err != nil {
		s.l.options.Logger.Debug("end delve with its program", "function", s.fn.Name, "error", err)
	}
}

func (s *sandbox) debuggerAddress(ctx context.Context) (string, error) {
	if s.l.reach.direct {
		address, err := s.container.address(ctx)
		return net.JoinHostPort(address.String(), debugPort), err
	}
	c, err := s.l.cli.ContainerInspect(ctx, s.container.id)
	if err != nil {
		return "", err
	}
	for _, binding := range c.NetworkSettings.Ports[debugPort+"/tcp"] {
		return net.JoinHostPort(s.l.reach.published, binding.HostPort), nil
	}
	return "", errors.New("the container has ended or its debugger's port is not published")
}

// missing is why nothing was started, with what has to be done about it where that is a debugger.
func (s *sandbox) missing(why string) string {
	switch {
	case s.door == nil:
	case strings.HasPrefix(why, noDebugpy):
		return fmt.Sprintf("to debug %s, its package, a layer or its image needs debugpy (python3 -m pip install debugpy -t DIRECTORY): %s; with --lambda process this machine's debugger is used",
			s.fn.Name, strings.TrimPrefix(why, noDebugpy))
	case strings.HasPrefix(why, "fork/exec dlv:"):
		return fmt.Sprintf("to debug %s, a layer (bin/dlv) or its image needs delve, built with CGO_ENABLED=0 go install github.com/go-delve/delve/cmd/dlv@latest: %s; with --lambda process this machine's debugger is used",
			s.fn.Name, why)
	}
	return why
}
