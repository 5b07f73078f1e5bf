package docker

import (
	"maps"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/image"
)

const runtimeDir = "/var/runtime"

// fallback are variables that AWS's images set themselves; other images may not. Those of functions have no more
// than two of them (printed by a function of an Alpine image on AWS, 2022).
var fallback = map[string]string{
	"LANG":               "en_US.UTF-8",
	"TZ":                 ":UTC",
	"PATH":               "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
	"LD_LIBRARY_PATH":    "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
	"LAMBDA_TASK_ROOT":   taskRoot,
	"LAMBDA_RUNTIME_DIR": runtimeDir,
}

// environment is what the runtime sees: the image's variables, Lambda's, the user's, the
// later before the earlier.
func (s *sandbox) environment(img image.InspectResponse) []string {
	env := maps.Clone(fallback)
	if s.fn.Image != nil {
		env = map[string]string{"LAMBDA_TASK_ROOT": taskRoot, "LAMBDA_RUNTIME_DIR": runtimeDir}
	}
	if img.Config != nil {
		for _, variable := range img.Config.Env {
			name, value, _ := strings.Cut(variable, "=")
			env[name] = value
		}
	}
	maps.Copy(env, s.fn.Environ(s.output.Stream(), s.l.advertised(s.gate.port())))
	if s.l.options.EmulatorPort != 0 {
		env["AWS_ENDPOINT_URL"] = "http://" + s.l.advertised(s.l.options.EmulatorPort)
	}
	if len(s.l.options.CABundle) > 0 { // for the SDKs, and for Node
		env["AWS_CA_BUNDLE"] = path.Join(filesDir, caBundle)
		env["NODE_EXTRA_CA_CERTS"] = env["AWS_CA_BUNDLE"]
	}
	maps.Copy(env, s.fn.Environment)
	if s.door != nil {
		s.debugEnvironment(env)
	}
	all := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		all = append(all, name+"="+env[name])
	}
	return all
}

// advertised is a port of ours as a sandbox names it.
func (l *Launcher) advertised(port int) string {
	return net.JoinHostPort(l.reach.advertised, strconv.Itoa(port))
}
