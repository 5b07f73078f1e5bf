package docker

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/image"
)

// fallback are variables that AWS's images set themselves; other images may not.
var fallback = map[string]string{
	"LANG":               "en_US.UTF-8",
	"TZ":                 ":UTC",
	"PATH":               "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
	"LD_LIBRARY_PATH":    "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
	"LAMBDA_TASK_ROOT":   taskRoot,
	"LAMBDA_RUNTIME_DIR": "/var/runtime",
}

// environment is what the runtime sees: the image's variables, Lambda's, the user's, the
// later before the earlier.
func (s *sandbox) environment(img image.InspectResponse) []string {
	env := maps.Clone(fallback)
	if img.Config != nil {
		for _, variable := range img.Config.Env {
			name, value, _ := strings.Cut(variable, "=")
			env[name] = value
		}
	}
	maps.Copy(env, s.lambdaVariables())
	if s.l.options.EmulatorPort != 0 {
		env["AWS_ENDPOINT_URL"] = "http://" + s.l.advertised(s.l.options.EmulatorPort)
	}
	maps.Copy(env, s.fn.Environment)
	all := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		all = append(all, name+"="+env[name])
	}
	return all
}

func (s *sandbox) lambdaVariables() map[string]string {
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
		"AWS_LAMBDA_RUNTIME_API":          s.l.advertised(s.gate.port()),
		"AWS_XRAY_DAEMON_ADDRESS":         "127.0.0.1:2000", // Unlike AWS, nobody is there; UDP gets lost in the container
		"AWS_XRAY_CONTEXT_MISSING":        "LOG_ERROR",
		"_HANDLER":                        fn.Handler,
	}
	if !strings.HasPrefix(fn.Runtime, "provided") {
		env["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + fn.Runtime
	}
	return env
}

// advertised is a port of ours as a sandbox names it.
func (l *Launcher) advertised(port int) string {
	return net.JoinHostPort(l.reach.advertised, strconv.Itoa(port))
}
