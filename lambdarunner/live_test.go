package lambdarunner

import (
	"os"
	"path/filepath"
	"testing"
)

func TestALiveDirectoryBehindALinkIsWatched(t *testing.T) {
	dir, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	fn := &Function{Code: Code{Dir: link, Live: true}}
	before := printOf(fn)
	if err := os.WriteFile(filepath.Join(dir, "m.py"), []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	if printOf(fn) == before {
		t.Error("a new file is not seen")
	}
}

func TestLiveLayersAreWatched(t *testing.T) {
	dir := t.TempDir()
	fn := &Function{Code: Code{Dir: t.TempDir()}, Layers: []Code{{Dir: t.TempDir()}, {Dir: dir, Live: true}}}
	for _, c := range []struct {
		file string
		seen bool
	}{
		{"nodejs/node_modules/ours/index.js", true},
		{"nodejs/node_modules/ours/node_modules/theirs/index.js", false},
		{"python/__pycache__/m.pyc", false},
	} {
		before := printOf(fn)
		path := filepath.Join(dir, c.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("new"), 0o644); err != nil {
			t.Fatal(err)
		}
		if seen := printOf(fn) != before; seen != c.seen {
			t.Errorf("%s: seen is %t", c.file, seen)
		}
	}
	if fn.Layers[1].Live = false; printOf(fn) != 0 {
		t.Error("nothing is live")
	}
}
