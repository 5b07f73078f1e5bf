package process

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// environment is what a function sees: Lambda's variables, then the user's, and of
// this machine's only what programs need to run.
func (s *sandbox) environment() []string {
	fn := s.fn
	env := fn.Environ(s.output.Stream(), s.api.Addr())
	maps.Copy(env, map[string]string{
		"LAMBDA_TASK_ROOT":   fn.Code.Dir, // Unlike AWS, not /var/task
		"LAMBDA_RUNTIME_DIR": filepath.Join(s.l.dir, "client"),
		"LANG":               "en_US.UTF-8",
		"TZ":                 ":UTC",
		"PATH":               os.Getenv("PATH"),
		"HOME":               s.tmp,
		"TMPDIR":             s.tmp,
		"PWD":                fn.Code.Dir,
	})
	if strings.HasPrefix(fn.Runtime, "nodejs") {
		env["NODE_PATH"] = fn.Code.Dir
	}
	if strings.HasPrefix(fn.Runtime, "python") {
		env["PYTHONPATH"], env["LC_CTYPE"] = fn.Code.Dir, "C.UTF-8"
	}
	if strings.HasPrefix(fn.Runtime, "ruby") {
		env["GEM_PATH"], env["RUBYLIB"] = filepath.Join(fn.Code.Dir, "vendor", "bundle", "ruby", rubyABI(fn.Runtime)), fn.Code.Dir
	}
	if s.l.o.EndpointURL != "" {
		env["AWS_ENDPOINT_URL"] = s.l.o.EndpointURL
	}
	if len(s.l.o.CABundle) > 0 { // for the SDKs, and for Node
		env["AWS_CA_BUNDLE"] = filepath.Join(s.l.dir, caBundle)
		env["NODE_EXTRA_CA_CERTS"] = env["AWS_CA_BUNDLE"]
	}
	s.debugEnvironment(env)
	for _, name := range inherited() {
		if v, ok := os.LookupEnv(name); ok {
			env[name] = v
		}
	}
	if s.opt != "" {
		s.searchOpt(env)
	}
	for name, value := range fn.Environment {
		env[name] = s.here(value)
	}
	all := make([]string, 0, len(env))
	for k, v := range env {
		all = append(all, k+"="+v)
	}
	return all
}

// rubyABI is the directory of a runtime's gems: 3.3.0 of ruby3.3.
func rubyABI(runtime string) string { return strings.TrimPrefix(runtime, "ruby") + ".0" }

// inherited are variables of this machine without which interpreters do not start.
func inherited() []string {
	if runtime.GOOS == "windows" {
		return []string{"SystemRoot", "PATHEXT", "ComSpec"}
	}
	return []string{"PYENV_ROOT", "PYENV_VERSION", "NVM_DIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE"}
}
