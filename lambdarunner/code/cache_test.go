package code

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An entry is a file of a package under test.
type entry struct {
	name, data string
	mode       fs.FileMode
}

func pack(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(e.data))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPackageIsUnpackedOnceAndReadOnly(t *testing.T) {
	c, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	data := pack(t, entry{"bootstrap", "#!", 0o755}, entry{"lib/", "", fs.ModeDir | 0o755}, entry{"lib/a.py", "x", 0o644}, entry{"link", "lib/a.py", fs.ModeSymlink | 0o777})
	first, err := c.Unpack("digest", data)
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{"bootstrap": 0o555, "lib/a.py": 0o444} {
		info, err := os.Stat(filepath.Join(first.Dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v, want %v", name, info.Mode(), err, mode)
		}
	}
	if b, err := os.ReadFile(filepath.Join(first.Dir, "link")); string(b) != "x" {
		t.Error(string(b), err)
	}
	again, err := c.Unpack("digest", nil)
	if err != nil || again != first {
		t.Error(again, err)
	}
}

func TestPackagesThatLeadOutsideAreRefused(t *testing.T) {
	for name, e := range map[string]entry{
		"a path upward":      {"../evil", "x", 0o644},
		"an absolute path":   {"/etc/evil", "x", 0o644},
		"upward in between":  {"a/../../evil", "x", 0o644},
		"a link upward":      {"link", "../../evil", fs.ModeSymlink | 0o777},
		"a link to the root": {"link", "/etc/passwd", fs.ModeSymlink | 0o777},
		"a backslash path":   {`..\evil`, "x", 0o644},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c, err := Open(filepath.Join(dir, "cache"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Unpack("d", pack(t, e)); !errors.Is(err, ErrNotZip) {
				t.Errorf("%v", err)
			}
			left, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
			if evil, _ := filepath.Glob(filepath.Join(dir, "evil")); len(left)+len(evil) != 0 {
				t.Error(left, evil)
			}
		})
	}
}

func TestPackagesThatCannotBeUnpackedAreRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"larger than it says":     lying(t),
		"a file that has files":   pack(t, entry{"a", "x", 0o644}, entry{"a/b", "x", 0o644}),
		"a file for a folder":     pack(t, entry{"a/b", "x", 0o644}, entry{"a", "x", 0o644}),
		"a name too long":         pack(t, entry{strings.Repeat("a", 300), "x", 0o644}),
		"a name that ends a name": pack(t, entry{"a\x00b", "x", 0o644}),
		"a link to itself":        pack(t, entry{"a", "a", fs.ModeSymlink | 0o777}, entry{"a/b", "x", 0o644}),
	} {
		dir := t.TempDir()
		c, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Unpack("d", data); !errors.Is(err, ErrNotZip) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s leaves %v", name, left)
		}
	}
}

// lying makes a package whose file is larger than its header says.
func lying(t *testing.T) []byte {
	t.Helper()
	var packed, b bytes.Buffer
	f, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	f.Write(make([]byte, 1<<20))
	f.Close()
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "zeros", Method: zip.Deflate, UncompressedSize64: 1, CompressedSize64: uint64(packed.Len())})
	if err != nil {
		t.Fatal(err)
	}
	w.Write(packed.Bytes())
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheLaterOfTwoFilesOfOneNameStays(t *testing.T) {
	c, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Unpack("d", pack(t, entry{"a", "one", 0o644}, entry{"a", "two", 0o644}))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(got.Dir, "a")); string(b) != "two" {
		t.Error(string(b), err)
	}
}

func TestWhatIsNoZipOrTooLargeIsToldApart(t *testing.T) {
	if _, err := Check([]byte("no zip")); !errors.Is(err, ErrNotZip) {
		t.Error(err)
	}
	if size, err := Check(claiming(t, MaxUnzipped/2, MaxUnzipped/2+1)); !errors.Is(err, ErrTooLarge) {
		t.Error(size, err)
	}
	if size, err := Check(claiming(t, 1<<63, 1<<63)); !errors.Is(err, ErrTooLarge) {
		t.Error(size, err)
	}
	three := pack(t, entry{"a", "1", 0o644}, entry{"b", "22", 0o644})
	if size, err := Check(three); err != nil || size != 3 {
		t.Error(size, err)
	}
}

// claiming makes a package whose directory claims sizes that its files do not have.
func claiming(t *testing.T, sizes ...uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, size := range sizes {
		w, err := z.CreateRaw(&zip.FileHeader{Name: string(rune('a' + i)), Method: zip.Store, UncompressedSize64: size, CompressedSize64: 1})
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte("x"))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatWasNotUsedForAWeekIsClearedAway(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	data := pack(t, entry{"a.py", "x", 0o644})
	old, err := c.Unpack("old", data)
	if err != nil {
		t.Fatal(err)
	}
	used, err := c.Unpack("used", data)
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-8 * 24 * time.Hour)
	for _, unpacked := range []string{old.Dir, used.Dir} {
		if err := os.Chtimes(unpacked, before, before); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Unpack("used", data); err != nil {
		t.Fatal(err)
	}
	if c, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := os.Stat(used.Dir); err != nil {
		t.Error(err)
	}
	if again, err := c.Unpack("old", data); err != nil || again != old {
		t.Errorf("unpacked again it is %v: %v", again, err)
	}
}
