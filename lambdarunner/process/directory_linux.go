package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// killProcesses kills what functions have started whose temporary files are in a directory. The functions themselves the kernel
// kills with Postern.
func killProcesses(dir string) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // an error is one of the pattern
	for _, file := range files {
		environment, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(environment, []byte("TMPDIR="+dir+"/")) {
			continue // it has ended meanwhile, or is another's
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
