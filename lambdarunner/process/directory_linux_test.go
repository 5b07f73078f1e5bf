package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// A function's own child outlives a Postern that is killed, but not the next start. It is not parallel: it has its own directory for
// temporary files.
func TestProcessesThatAKilledPosternLeftEnd(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dead := filepath.Join(temp, directoryPrefix+"left")
	if err := os.MkdirAll(filepath.Join(dead, "tmp-1"), 0o755); err != nil {
		t.Fatal(err)
	}
	left, other := exec.Command("sleep", "600"), exec.Command("sleep", "600")
	left.Env, other.Env = []string{"TMPDIR=" + dead + "/tmp-1"}, []string{"TMPDIR=" + temp}
	for _, cmd := range []*exec.Cmd{left, other} {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { cmd.Process.Kill(); cmd.Wait() }()
	}
	l, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := left.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Error(err)
	}
	if other.Process.Signal(syscall.Signal(0)) != nil {
		t.Error("another's process was killed")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
