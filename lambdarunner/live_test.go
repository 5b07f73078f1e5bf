package lambdarunner

import (
	"fmt"
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

func TestEveryFileOfALiveDirectoryIsWatched(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 5001 { // packages beside the handler, before it in order
		if err := os.WriteFile(filepath.Join(dir, "a", fmt.Sprint(i, ".py")), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fn := &Function{Code: Code{Dir: dir, Live: true}}
	before := printOf(fn)
	if err := os.WriteFile(filepath.Join(dir, "handler.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if printOf(fn) == before {
		t.Error("a file after 5001 others is not seen")
	}
}

func TestALiveFileBehindALinkIsWatched(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	one, two, link := filepath.Join(elsewhere, "one.py"), filepath.Join(elsewhere, "two.py"), filepath.Join(dir, "m.py")
	if err := os.WriteFile(one, []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(one, link); err != nil {
		t.Fatal(err)
	}
	fn := &Function{Code: Code{Dir: dir, Live: true}}
	before := printOf(fn)
	if err := os.WriteFile(one, []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	saved := printOf(fn)
	if saved == before {
		t.Error("a change behind the link is not seen")
	}
	if err := os.Rename(one, two); err != nil { // the same size and time
		t.Fatal(err)
	}
	if gone := printOf(fn); gone == saved {
		t.Error("that the link leads nowhere is not seen")
	}
}

func TestFilesOfEditorsAreNotCode(t *testing.T) {
	dir := t.TempDir()
	fn := &Function{Code: Code{Dir: dir, Live: true}}
	for _, c := range []struct {
		file string
		seen bool
	}{
		{".handler.py.swp", false}, // Vim
		{"4913", false},            // Vim
		{"handler.py~", false},     // Emacs, Vim, JetBrains
		{"#handler.py#", false},    // Emacs
		{".#handler.py", false},    // Emacs
		{"handler.py", true},
		{".env", true},
		{"notes.swp", true},
	} {
		before := printOf(fn)
		if err := os.WriteFile(filepath.Join(dir, c.file), []byte("new"), 0o644); err != nil {
			t.Fatal(err)
		}
		if seen := printOf(fn) != before; seen != c.seen {
			t.Errorf("%s: seen is %t", c.file, seen)
		}
	}
}
