package docker

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/lambdarunner"
)

// listArchive prints "name mode owner content" of each entry.
func listArchive(t *testing.T, codes ...lambdarunner.Code) []string {
	t.Helper()
	var b bytes.Buffer
	if err := writeArchive(&b, codes); err != nil {
		t.Fatal(err)
	}
	var list []string
	for r := tar.NewReader(&b); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s %04o %d:%d %s%s", h.Name, h.Mode, h.Uid, h.Gid, h.Linkname, content))
	}
}

func TestArchiveKeepsExecBitsAndLinksAndBelongsToRoot(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "lib", "a.py"), "pass")
	write(t, filepath.Join(dir, "bootstrap"), "#!")
	if err := errors.Join(
		os.Chmod(filepath.Join(dir, "bootstrap"), 0o755),
		os.Chmod(filepath.Join(dir, "lib", "a.py"), 0o640),
		os.Symlink("lib/a.py", filepath.Join(dir, "link.py")),
	); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()

	zip := []string{
		"bootstrap 0555 0:0 #!",
		"lib/ 0555 0:0 ",
		"lib/a.py 0440 0:0 pass",
		"link.py 0555 0:0 lib/a.py",
	}
	if diff := cmp.Diff(zip, listArchive(t, lambdarunner.Code{Dir: dir})); diff != "" {
		t.Error(diff)
	}
	live := append([]string{}, zip...)
	live[2] = "lib/a.py 0444 0:0 pass"
	if diff := cmp.Diff(live, listArchive(t, lambdarunner.Code{Dir: dir, Live: true})); diff != "" {
		t.Errorf("live: %s", diff)
	}
}

func TestLaterLayersLieOverEarlierOnes(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	write(t, filepath.Join(one, "version"), "1")
	write(t, filepath.Join(two, "version"), "2")
	want := []string{"version 0444 0:0 1", "version 0444 0:0 2"}
	if diff := cmp.Diff(want, listArchive(t, lambdarunner.Code{Dir: one}, lambdarunner.Code{Dir: two})); diff != "" {
		t.Error(diff)
	}
}
