package debuggertest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Debugpy is the directory of this machine's debugpy, for the first python3 on the PATH from then on. Without one the test is
// skipped, and fails in CI.
func Debugpy(t *testing.T) (dir string) {
	t.Helper()
	t.Setenv("PATH", "/usr/bin"+string(os.PathListSeparator)+os.Getenv("PATH")) // where Debian's python3-debugpy is
	out, err := exec.Command("python3", "-c", "import debugpy, os; print(os.path.dirname(debugpy.__file__))").Output()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("debugpy must be there in CI")
		}
		t.Skip("python3 has no debugpy on this machine")
	}
	return strings.TrimSpace(string(out))
}
