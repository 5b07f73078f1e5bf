package docker

import (
	"path/filepath"
	"strings"
	"testing"

	"postern/lambdarunner"
)

func TestImagesWithoutEntryPointStartTheFunctionsOwnProgram(t *testing.T) {
	empty, with := t.TempDir(), t.TempDir()
	write(t, filepath.Join(with, "bootstrap"), "")
	write(t, filepath.Join(with, "main"), "")
	dirs := func(names ...string) (codes []lambdarunner.Code) {
		for _, dir := range names {
			codes = append(codes, lambdarunner.Code{Dir: dir})
		}
		return codes
	}
	for name, c := range map[string]struct {
		runtime   string
		code      string
		layers    []lambdarunner.Code
		want, err string
	}{
		"in the package":          {"provided.al2023", with, dirs(with), "/var/task/bootstrap", ""},
		"in a layer":              {"provided.al2", empty, dirs(empty, with), "/opt/bootstrap", ""},
		"nowhere":                 {"provided.al2", empty, dirs(empty), "", "named bootstrap"},
		"Go's handler is the one": {"go1.x", with, nil, "/var/task/main", ""},
		"no program of its own":   {"python3.13", with, nil, "", "no entry point"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := entryPoint(&lambdarunner.Function{Runtime: c.runtime, Handler: "main", Code: lambdarunner.Code{Dir: c.code}, Layers: c.layers})
			if got != c.want || (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestContainerNamesShowTheFunction(t *testing.T) {
	if got := containerName("my_fn.é", "0a1b2c3d"); got != "postern-my_fn---0a1b2c3d" {
		t.Errorf("got %s", got)
	}
}
