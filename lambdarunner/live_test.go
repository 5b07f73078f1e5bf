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
