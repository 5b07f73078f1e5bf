//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps Ctrl-C in the terminal from a program that is stopped in order.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// openFiles is how many files this process may have open: Go raises its limit to the maximum when it starts.
func openFiles() (uint64, error) {
	var files syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files)
	return uint64(files.Max), err
}
