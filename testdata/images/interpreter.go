package images

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"postern/lambdarunner/process"
)

// runtimeClient is one of the Runtime API clients that Postern's processes run.
func runtimeClient(name string) (string, error) {
	b, err := process.Clients.ReadFile("client/" + name)
	return string(b), err
}

// describePython prints where the interpreter and its standard library are.
const describePython = `import json, os, sys, sysconfig
print(json.dumps({"Executable": os.path.realpath(sys.executable), "Stdlib": sysconfig.get_path("stdlib")}))`

// Parts of the standard library that functions do without.
var unneeded = regexp.MustCompile(`^(test|tests|idlelib|tkinter|turtledemo|ensurepip|lib2to3|pydoc_data|site-packages|dist-packages|__pycache__|config-.*)$`)

func pythonRecipe(ctx context.Context) (recipe, error) {
	out, err := exec.CommandContext(ctx, "python3", "-c", describePython).Output()
	if err != nil {
		return recipe{}, fmt.Errorf("python3: %w", err)
	}
	var python struct{ Executable, Stdlib string }
	if err := json.Unmarshal(out, &python); err != nil {
		return recipe{}, err
	}
	key, err := identity(python.Executable)
	if err != nil {
		return recipe{}, err
	}
	bootstrap, err := runtimeClient("bootstrap.py")
	if err != nil {
		return recipe{}, err
	}
	return recipe{
		language: "python",
		key:      key,
		own:      map[string]string{"/var/runtime/bootstrap.py": bootstrap},
		env:      "POSTERN_OPT=/opt", // where that client finds layers
		entry:    []string{python.Executable, "-u", "/var/runtime/bootstrap.py"},
		files: func() ([]string, error) {
			files, err := stdlib(python.Stdlib)
			if err != nil {
				return nil, err
			}
			return withLibraries(ctx, append(files, python.Executable))
		},
	}, nil
}

func nodeRecipe(ctx context.Context) (recipe, error) {
	out, err := exec.CommandContext(ctx, "node", "-p", "process.execPath").Output()
	if err != nil {
		return recipe{}, fmt.Errorf("node: %w", err)
	}
	node := strings.TrimSpace(string(out))
	key, err := identity(node)
	if err != nil {
		return recipe{}, err
	}
	bootstrap, err := runtimeClient("bootstrap.mjs")
	if err != nil {
		return recipe{}, err
	}
	return recipe{
		language: "nodejs",
		key:      key,
		own:      map[string]string{"/var/runtime/bootstrap.mjs": bootstrap},
		env:      "NODE_PATH=/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules", // as in AWS's
		entry:    []string{node, "/var/runtime/bootstrap.mjs"},
		files:    func() ([]string, error) { return withLibraries(ctx, []string{node}) },
	}, nil
}

// identity changes when the interpreter is replaced.
func identity(executable string) (string, error) {
	info, err := os.Stat(executable)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(executable, info.Size(), info.ModTime().UnixNano()), nil
}

func stdlib(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && unneeded.MatchString(entry.Name()):
			return filepath.SkipDir
		case entry.Type().IsRegular() && !strings.HasSuffix(name, ".a"):
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

var libraryPath = regexp.MustCompile(`(?m)^\s+(?:\S+ => )?(/\S+) \(0x`)

// withLibraries adds the shared libraries that programs and extension modules among the
// files are linked with.
func withLibraries(ctx context.Context, files []string) ([]string, error) {
	var linked []string
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, ".so") || info.Mode()&0o111 != 0 && filepath.Ext(name) == "" || isVersioned(name) {
			linked = append(linked, name)
		}
	}
	out, err := exec.CommandContext(ctx, "ldd", linked...).Output()
	if err != nil && len(out) == 0 {
		return nil, fmt.Errorf("ldd: %w", err) // it also fails for one script among many programs
	}
	for _, m := range libraryPath.FindAllStringSubmatch(string(out), -1) {
		files = append(files, m[1])
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// isVersioned holds for programs like python3.11.
func isVersioned(name string) bool {
	return strings.HasPrefix(filepath.Base(name), "python3.")
}
