package store

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestAFullDiskIsAClearErrorUntilThereIsRoom(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	s := mustOpen(t, filepath.Join(dir, "postern.db"))
	if err := put(s, "old", "kept"); err != nil {
		t.Fatal(err)
	}
	unwritable(t, s, "the disk is full")
	if err := put(s, "small", "fits"); err != nil {
		t.Errorf("after a write that was too large: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "filler"), make([]byte, 2<<20), 0o600); err == nil {
		t.Fatal("disk is not full")
	}
	unwritable(t, s, "the disk is full")
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
	if err := put(s, "again", "room"); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
