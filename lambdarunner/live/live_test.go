package live

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// looking asks for the state of a directory. It is asked twice, so that the second answer is the kernel's where
// there is one, which must be the first's.
func looking(t *testing.T, dir Dir) func() Print {
	t.Helper()
	w := New(Options{Ignore: []string{"*.log", "build/*"}})
	t.Cleanup(w.Close)
	return func() Print {
		t.Helper()
		first := w.Print([]Dir{dir})
		if second := w.Print([]Dir{dir}); second != first {
			t.Errorf("the state is %x, then %x", first, second)
		}
		return first
	}
}

func TestALiveDirectoryBehindALinkIsWatched(t *testing.T) {
	dir, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	look := looking(t, Dir{Path: link})
	before := look()
	if err := os.WriteFile(filepath.Join(dir, "m.py"), []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	if look() == before {
		t.Error("a new file is not seen")
	}
}

func TestLiveLayersAreWatched(t *testing.T) {
	dir := t.TempDir()
	look := looking(t, Dir{Path: dir, Layer: true})
	for _, c := range []struct {
		file string
		seen bool
	}{
		{"nodejs/node_modules/ours/index.js", true},
		{"nodejs/node_modules/ours/node_modules/theirs/index.js", false},
		{"python/__pycache__/m.pyc", false},
	} {
		before := look()
		path := filepath.Join(dir, c.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("new"), 0o644); err != nil {
			t.Fatal(err)
		}
		if seen := look() != before; seen != c.seen {
			t.Errorf("%s: seen is %t", c.file, seen)
		}
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
	look := looking(t, Dir{Path: dir})
	before := look()
	if err := os.WriteFile(filepath.Join(dir, "handler.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if look() == before {
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
	look := looking(t, Dir{Path: dir})
	before := look()
	if err := os.WriteFile(one, []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	saved := look()
	if saved == before {
		t.Error("a change behind the link is not seen")
	}
	if err := os.Rename(one, two); err != nil { // the same size and time
		t.Fatal(err)
	}
	if gone := look(); gone == saved {
		t.Error("that the link leads nowhere is not seen")
	}
}

func TestFilesOfEditorsAreNotCode(t *testing.T) {
	dir := t.TempDir()
	look := looking(t, Dir{Path: dir})
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
		before := look()
		if err := os.WriteFile(filepath.Join(dir, c.file), []byte("new"), 0o644); err != nil {
			t.Fatal(err)
		}
		if seen := look() != before; seen != c.seen {
			t.Errorf("%s: seen is %t", c.file, seen)
		}
	}
}

func TestWhatTheUserIgnoresIsNotCode(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "build", "out"), 0o755); err != nil {
		t.Fatal(err)
	}
	look := looking(t, Dir{Path: dir})
	for _, c := range []struct {
		file string
		seen bool
	}{
		{"a.log", false}, {"build/out/b.log", false}, {"build/main.js", false}, {"build/out/main.js", false}, {"main.js", true}, {"log", true},
	} {
		before := look()
		if err := os.WriteFile(filepath.Join(dir, c.file), []byte("new"), 0o644); err != nil {
			t.Fatal(err)
		}
		if seen := look() != before; seen != c.seen {
			t.Errorf("%s: seen is %t", c.file, seen)
		}
	}
}

// A request that is sent when a file has been saved runs what was saved, each time, however it was saved.
func TestWhatWasSavedIsSeenAtOnce(t *testing.T) {
	dir := t.TempDir()
	w := New(Options{})
	defer w.Close()
	name := filepath.Join(dir, "src", "deep", "m.py")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	last := w.Print([]Dir{{Path: dir}})
	for i := range 400 {
		var err error
		text := []byte(fmt.Sprint(i + 1_000_000))
		switch i % 4 {
		case 0, 1:
			err = os.WriteFile(name, text, 0o644)
		case 2: // as editors do that do not want to lose anything
			if err = os.WriteFile(name+".new", text, 0o644); err == nil {
				err = os.Rename(name+".new", name)
			}
		case 3: // as a checkout does
			if err = os.RemoveAll(filepath.Dir(name)); err == nil {
				err = os.MkdirAll(filepath.Dir(name), 0o755)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		now := w.Print([]Dir{{Path: dir}})
		if now == last {
			t.Fatalf("save %d is not seen", i)
		}
		last = now
	}
}

func TestADirectoryThatComesBackIsWatched(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "src")
	look := looking(t, Dir{Path: dir})
	gone := look()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	empty := look()
	if err := os.WriteFile(filepath.Join(dir, "m.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	there := look()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if there == empty || there == gone || look() == there {
		t.Error("that it comes or goes is not seen")
	}
}

func TestWhatNobodyAsksAboutIsForgotten(t *testing.T) {
	now := time.Unix(0, 0)
	w := New(Options{Now: func() time.Time { return now }})
	defer w.Close()
	w.Print([]Dir{{Path: t.TempDir()}})
	now = now.Add(time.Minute)
	w.Print([]Dir{{Path: t.TempDir()}})
	w.Forget(now)
	if len(w.watched) != 1 {
		t.Errorf("%d are watched", len(w.watched))
	}
}

func BenchmarkPrint(b *testing.B) {
	dir := b.TempDir()
	for i := range 3000 {
		name := filepath.Join(dir, fmt.Sprint(i%50), fmt.Sprint(i, ".js"))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("x"), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	w := New(Options{})
	defer w.Close()
	for b.Loop() {
		w.Print([]Dir{{Path: dir}})
	}
}
