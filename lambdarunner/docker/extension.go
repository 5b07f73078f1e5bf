package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"

	"postern/lambdarunner/runtimeapi"
)

// startExtensions starts the external extensions. Unlike AWS, beside the runtime and not before
// it, which is the container's first process, and with its variables.
func (s *sandbox) startExtensions() {
	for i, name := range s.extensions {
		if i >= runtimeapi.MaxExtensions {
			s.api.ExtensionNotLaunched(name, runtimeapi.ErrTooManyExtensions)
			return
		}
		s.tasks.Go(func() { s.runExtension(name) })
	}
}

// runExtension runs an extension and tells the Runtime API of its end.
func (s *sandbox) runExtension(name string) {
	e, err := s.exec(path.Join(layerDir, runtimeapi.ExtensionsDir, name))
	if err == nil && e.code != killed {
		s.api.ExtensionExited(name, e.String())
		return
	}
	select {
	case <-s.container.ended: // and it with that
		<-s.api.Gone() // so that the runtime's end is what counts
		s.api.ExtensionExited(name, exit{code: killed}.String())
		return
	case <-time.After(time.Second): // how long the engine may take to tell
	}
	if err != nil {
		s.api.ExtensionNotLaunched(name, err)
		return
	}
	s.api.ExtensionExited(name, e.String())
}

// Exit codes by which the engine says that a process was killed, or could not be started.
const (
	killed        = 128 + 9
	notExecutable = 126
	notFound      = 127
)

// exec runs a program in the container to its end.
func (s *sandbox) exec(program string) (exit, error) {
	ctx, cancel := context.WithTimeout(context.Background(), cleanLimit)
	defer cancel()
	created, err := s.l.cli.ContainerExecCreate(ctx, s.container.id, container.ExecOptions{
		Cmd: []string{program}, Env: s.undebugged, WorkingDir: "/", AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		return exit{}, err
	}
	output, err := hijack(ctx, func() (types.HijackedResponse, error) {
		return s.l.cli.ContainerExecAttach(ctx, created.ID, container.ExecAttachOptions{})
	})
	if err != nil {
		return exit{}, err
	}
	copyOutput(output, func(line []byte) {
		s.api.ExtensionLine(line)
		s.container.printed()
	})
	return s.awaitExec(created.ID, program)
}

// awaitExec asks until a program has ended: the engine offers nothing to wait for, and the end
// of its output is nearly always the end.
func (s *sandbox) awaitExec(id, program string) (exit, error) {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), cleanLimit)
		state, err := s.l.cli.ContainerExecInspect(ctx, id)
		cancel()
		switch {
		case err != nil:
			return exit{}, err
		case state.Running:
		case state.Pid == 0 && state.ExitCode == notExecutable:
			return exit{}, &fs.PathError{Op: "fork/exec", Path: program, Err: fs.ErrPermission}
		case state.Pid == 0 && state.ExitCode == notFound:
			return exit{}, errors.New("fork/exec " + program + ": no such file or directory")
		default:
			return exit{code: int64(state.ExitCode)}, nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-s.container.ended:
			return exit{code: killed}, nil
		}
	}
}

// freeze stops the runtime from going on, where removing the container would take its extensions
// along.
func (s *sandbox) freeze() {
	s.frozen.Store(true)
	if err := s.signal("STOP"); err != nil {
		s.l.options.Logger.Debug("stop a runtime", "function", s.fn.Name, "error", err)
	}
}

func (s *sandbox) signal(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanLimit)
	defer cancel()
	if err := s.l.cli.ContainerKill(ctx, s.container.id, name); err != nil {
		return fmt.Errorf("send SIG%s: %w", name, err)
	}
	return nil
}

// shutDown is the shutdown phase. Unlike AWS, the runtime is asked to stop after the extensions
// and not before them: with it the container ends.
func (s *sandbox) shutDown() {
	limit := time.Duration(0)
	s.api.Shutdown(func(within time.Duration) { limit = within }, func(string) {})
	if limit == 0 || s.frozen.Load() {
		return
	}
	if err := s.signal("TERM"); err != nil {
		return // it has ended
	}
	select {
	case <-s.container.ended:
	case <-time.After(limit):
	}
}
