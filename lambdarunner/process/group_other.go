//go:build unix && !linux

package process

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the process the leader of a group of its own. A Postern that is
// killed leaves it behind: only Linux can be asked not to.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
