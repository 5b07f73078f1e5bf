package process

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// environment is what a function sees: Lambda's variables, then the user's, and of
// this machine's only what programs need to run.
func (s *sandbox) environment() []string {
	fn := s.fn
	env := map[string]string{
		"AWS_REGION":                      fn.Region,
		"AWS_DEFAULT_REGION":              fn.Region,
		"AWS_ACCESS_KEY_ID":               fn.AccountID, // lands calls in the function's account
		"AWS_SECRET_ACCESS_KEY":           "test",
		"AWS_SESSION_TOKEN":               "test",
		"AWS_LAMBDA_FUNCTION_NAME":        fn.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     fn.Version,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(fn.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME":       fn.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      s.output.Stream(),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_RUNTIME_API":          s.api.Addr(),
		"AWS_XRAY_DAEMON_ADDRESS":         "127.0.0.1:2000",
		"AWS_XRAY_CONTEXT_MISSING":        "LOG_ERROR",
		"_HANDLER":                        fn.Handler,
		"LAMBDA_TASK_ROOT":                fn.Code.Dir, // Unlike AWS, not /var/task
		"LAMBDA_RUNTIME_DIR":              filepath.Join(s.l.dir, "client"),
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
		"PATH":                            os.Getenv("PATH"),
		"HOME":                            s.tmp,
		"TMPDIR":                          s.tmp,
		"PWD":                             fn.Code.Dir,
	}
	if !strings.HasPrefix(fn.Runtime, "provided") {
		env["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + fn.Runtime
	}
	if strings.HasPrefix(fn.Runtime, "nodejs") {
		env["NODE_PATH"] = fn.Code.Dir
	}
	if strings.HasPrefix(fn.Runtime, "python") {
		env["PYTHONPATH"], env["LC_CTYPE"] = fn.Code.Dir, "C.UTF-8"
	}
	if s.l.o.EndpointURL != "" {
		env["AWS_ENDPOINT_URL"] = s.l.o.EndpointURL
	}
	for _, name := range inherited() {
		if v, ok := os.LookupEnv(name); ok {
			env[name] = v
		}
	}
	for k, v := range fn.Environment {
		env[k] = v
	}
	all := make([]string, 0, len(env))
	for k, v := range env {
		all = append(all, k+"="+v)
	}
	return all
}

// inherited are variables of this machine without which interpreters do not start.
func inherited() []string {
	if runtime.GOOS == "windows" {
		return []string{"SystemRoot", "PATHEXT", "ComSpec"}
	}
	return []string{"PYENV_ROOT", "PYENV_VERSION", "NVM_DIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE"}
}
