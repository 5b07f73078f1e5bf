//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// killGroup kills the process and all that came from it.
func killGroup(cmd *exec.Cmd) {
	if cmd == nil || cmd.Process == nil {
		return
	}
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // an error means that it is gone
}

// terminate asks the process to end.
func terminate(cmd *exec.Cmd) {
	syscall.Kill(cmd.Process.Pid, syscall.SIGTERM) // an error means that it is gone
}
