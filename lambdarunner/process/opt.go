package process

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"postern/lambdarunner"
	"postern/lambdarunner/code"
)

// layOpt finds or makes the directory that stands for /opt: the function's layers over
// one another.
//
// Unlike AWS, it is not at /opt, which is this machine's own. Functions learn of it from
// the variables that runtimes look for modules, programs and libraries with, and from
// POSTERN_OPT.
func (s *sandbox) layOpt() (err error) {
	layers := s.fn.Layers
	if len(layers) < 2 || !slices.ContainsFunc(layers, func(c lambdarunner.Code) bool { return c.Live }) {
		s.opt, err = s.l.o.Code.Merge(layers)
		return err
	}
	if s.ownOpt, err = os.MkdirTemp(s.l.dir, "opt-"); err != nil {
		return err
	}
	s.opt = s.ownOpt
	return code.Overlay(s.opt, layers)
}

// searchOpt adds the layers to where programs, libraries and modules are looked for, in
// AWS's order (Developer Guide, "Layer paths for each Lambda runtime", read 2026-11).
func (s *sandbox) searchOpt(env map[string]string) {
	in := func(path ...string) string { return filepath.Join(append([]string{s.opt}, path...)...) }
	runtime, task := s.fn.Runtime, s.fn.Code.Dir
	env["POSTERN_OPT"] = s.opt
	env["PATH"] = list(env["PATH"], in("bin"))
	env["LD_LIBRARY_PATH"] = list(env["LD_LIBRARY_PATH"], task, filepath.Join(task, "lib"), in("lib"))
	switch {
	case strings.HasPrefix(runtime, "nodejs"):
		major := strings.TrimSuffix(strings.TrimPrefix(runtime, "nodejs"), ".x")
		env["NODE_PATH"] = list(in("nodejs", "node"+major, "node_modules"), in("nodejs", "node_modules"), task)
	case strings.HasPrefix(runtime, "python"):
		env["PYTHONPATH"] = list(task, in("python", "lib", runtime, "site-packages"), in("python"))
	case strings.HasPrefix(runtime, "ruby"):
		env["GEM_PATH"] = list(env["GEM_PATH"], in("ruby", "gems", rubyABI(runtime)))
		env["RUBYLIB"] = list(task, in("ruby", "lib"))
	}
}

// list is a value such as PATH's.
func list(paths ...string) string {
	paths = slices.DeleteFunc(paths, func(p string) bool { return p == "" })
	return strings.Join(paths, string(os.PathListSeparator))
}

// sandboxPath finds where AWS's directories begin in a value: "/opt/a", "--require /opt/a",
// "-javaagent:/opt/a.jar", "x=/var/task/b".
var sandboxPath = regexp.MustCompile(`(^|[\s:=,;"'])(/opt|/var/task)(/[^\s:,;"']+)`)

// here says the paths of files in /opt and /var/task, in the value of a variable, as they
// are on this machine. Those of no file stay as they are.
func (s *sandbox) here(value string) string {
	if !strings.Contains(value, "/opt/") && !strings.Contains(value, "/var/task/") {
		return value
	}
	return sandboxPath.ReplaceAllStringFunc(value, func(found string) string {
		m := sandboxPath.FindStringSubmatch(found)
		dir := s.opt
		if m[2] == "/var/task" {
			dir = s.fn.Code.Dir
		}
		path := filepath.Join(dir, m[3])
		if _, err := os.Stat(path); dir == "" || err != nil {
			return found
		}
		return m[1] + path
	})
}
