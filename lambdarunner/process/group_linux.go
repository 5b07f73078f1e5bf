package process

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the process the leader of a group of its own, and has the kernel
// kill it when Postern dies in whatever way.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
