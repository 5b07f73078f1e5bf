package domain

import (
	"strings"
	"testing"
)

// Whatever a client sends, the path is that of the stage with one slash at its front, and what
// matched is a key that begins it.
func FuzzMatch(f *testing.F) {
	for _, path := range []string{"", "/", "//", "/v1", "/v1//", "/any/s/x", "v1/orders/%2F", "/any//s"} {
		f.Add(path)
	}
	d := New(Domain{}, []Mapping{{"", "root", "prod"}, {"v1", "one", "prod"}, {"v1/orders", "two", "prod"}, {"any", "three", ""}})
	f.Fuzz(func(t *testing.T, path string) {
		m, ok := d.Match(path, nil)
		if !ok || !strings.HasPrefix(m.Path, "/") || strings.HasPrefix(m.Path, "//") || !strings.HasPrefix(m.Full, "/") || strings.HasPrefix(m.Full, "//") {
			t.Fatalf("%q: %+v %v", path, m, ok)
		}
		if m.BasePath != Root && !strings.HasPrefix(m.Full, "/"+m.BasePath) || !strings.HasSuffix(m.Full, m.Path[1:]) {
			t.Errorf("%q: %+v", path, m)
		}
	})
}
