//go:build unix

package process

import (
	"os"
	"path/filepath"
	"testing"
)

// It is not parallel: what is left in the directory for temporary files is counted.
func TestWhatAKilledPosternLeftIsRemovedAtTheNextStart(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	left := filepath.Join(temp, directoryPrefix+"left", "tmp-1")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	first, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("what was left: %v", err)
	}
	if _, err := os.Stat(first.client("bootstrap.py")); err != nil {
		t.Errorf("of a launcher that lives: %v", err)
	}
	for _, l := range []*Launcher{first, second} {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if all, err := os.ReadDir(temp); len(all) > 0 || err != nil {
		t.Errorf("left at the end: %v %v", all, err)
	}
}
