package code

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"postern/lambdarunner"
)

// unpacked makes a package of a cache.
func unpacked(t *testing.T, c *Cache, digest string, entries ...entry) lambdarunner.Code {
	t.Helper()
	p, err := c.Unpack(digest, pack(t, entries...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func contains(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v; want %q", name, got, err, text)
		}
	}
}

func TestLaterPackagesLieOverEarlierOnes(t *testing.T) {
	c, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first := unpacked(t, c, "first", entry{"both", "1", 0o644}, entry{"python/one.py", "one", 0o644}, entry{"tool", "#!", 0o755},
		entry{"was-a-dir/x", "x", 0o644}, entry{"was-a-file", "file", 0o644}, entry{"link", "python", fs.ModeSymlink | 0o777})
	second := unpacked(t, c, "second", entry{"both", "2", 0o644}, entry{"python/two.py", "two", 0o644},
		entry{"was-a-dir", "now a file", 0o644}, entry{"was-a-file/y", "y", 0o644}, entry{"link/evil.py", "not in python", 0o644})
	dir, err := c.Merge([]lambdarunner.Code{first, second})
	if err != nil {
		t.Fatal(err)
	}
	contains(t, dir, map[string]string{
		"both": "2", "python/one.py": "one", "python/two.py": "two", "was-a-dir": "now a file", "was-a-file/y": "y", "link/evil.py": "not in python",
	})
	if _, err := os.Stat(filepath.Join(dir, "python", "evil.py")); err == nil {
		t.Error("a link of one package leads another's files astray")
	}
	if info, err := os.Stat(filepath.Join(dir, "tool")); err != nil || info.Mode().Perm() != 0o555 {
		t.Errorf("%v, %v", info, err)
	}
	contains(t, first.Dir, map[string]string{"both": "1", "was-a-dir/x": "x", "was-a-file": "file"})
	other, err := c.Merge([]lambdarunner.Code{second, first})
	if err != nil {
		t.Fatal(err)
	}
	contains(t, other, map[string]string{"both": "1", "was-a-dir/x": "x", "was-a-file": "file"})
	if again, err := c.Merge([]lambdarunner.Code{first, second}); err != nil || again != dir {
		t.Error(again, err)
	}
	if one, err := c.Merge([]lambdarunner.Code{second}); err != nil || one != second.Dir {
		t.Error(one, err)
	}
	if none, err := c.Merge(nil); err != nil || none != "" {
		t.Error(none, err)
	}
}

func TestLiveFilesAreSeenThroughTheOverlay(t *testing.T) {
	c, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	live, dir := t.TempDir(), t.TempDir()
	file := filepath.Join(live, "lib", "a.py")
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	base := unpacked(t, c, "base", entry{"lib/a.py", "base", 0o644}, entry{"lib/b.py", "b", 0o644})
	if err := Overlay(dir, []lambdarunner.Code{base, {Dir: live, Live: true}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("after"), 0o644); err != nil {
		t.Fatal(err)
	}
	contains(t, dir, map[string]string{"lib/a.py": "after", "lib/b.py": "b"})
	contains(t, base.Dir, map[string]string{"lib/a.py": "base"})
}

func TestAMergeThatFailsLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	good := unpacked(t, c, "good", entry{"a", "1", 0o644})
	gone := lambdarunner.Code{Dir: filepath.Join(dir, "gone"), Digest: "gone"}
	if _, err := c.Merge([]lambdarunner.Code{good, gone}); err == nil {
		t.Error("merged with what is not there")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*-*")); len(left) != 0 {
		t.Error(left)
	}
}
