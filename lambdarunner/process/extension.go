package process

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"

	"postern/lambdarunner"
	"postern/lambdarunner/runtimeapi"
)

// startExtensions starts the external extensions, and the runtime when all have registered.
func (s *sandbox) startExtensions(names, runtime []string) error {
	var err error
	if s.extensionPipe, err = newPrintPipe(s.api.ExtensionLine); err != nil {
		return err
	}
	s.extensions = map[string]*child{}
	for i, name := range names {
		if err = s.startExtension(i, name); errors.Is(err, lambdarunner.ErrClosed) {
			return err
		} else if err != nil {
			s.finish()
			s.api.ExtensionNotLaunched(name, err)
			return nil // as on AWS, those after it are not started
		}
	}
	s.booting.Go(func() {
		select {
		case <-s.api.Registered():
			_ = s.startRuntime(runtime) // an error means that the launcher is closed, and ends us
		case <-s.api.Gone():
		case <-s.closing:
		}
	})
	return nil
}

func (s *sandbox) startExtension(i int, name string) error {
	if i >= runtimeapi.MaxExtensions {
		return runtimeapi.ErrTooManyExtensions
	}
	cmd := exec.Command(filepath.Join(s.opt, runtimeapi.ExtensionsDir, name))
	cmd.Dir = s.tmp // Unlike AWS, not /, which is this machine's own
	cmd.Env = extensionEnvironment(s.environment())
	c, err := s.run(cmd, s.extensionPipe, func(how string) {
		s.finish()
		s.api.ExtensionExited(name, how)
	})
	if err == nil {
		s.extensions[name] = c
	}
	return err
}

// runtimesOwn are variables that extensions do not get (Developer Guide, "Using the Lambda
// Extensions API", permissions and configuration, read 2026-11).
const runtimesOwn = " AWS_EXECUTION_ENV AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_XRAY_CONTEXT_MISSING AWS_XRAY_DAEMON_ADDRESS" +
	" LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT _AWS_XRAY_DAEMON_ADDRESS _AWS_XRAY_DAEMON_PORT _HANDLER PWD "

func extensionEnvironment(all []string) (env []string) {
	for _, variable := range all {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.Contains(runtimesOwn, " "+name+" ") {
			env = append(env, variable)
		}
	}
	return env
}

func (s *sandbox) killExtension(name string) {
	if c := s.extensions[name]; c != nil {
		c.kill()
	}
}
