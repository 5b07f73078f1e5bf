package process

import "os/exec"

func ownGroup(*exec.Cmd) {}

// killGroup kills the process. Unlike on Unix, what it started lives on.
func killGroup(cmd *exec.Cmd) {
	if cmd != nil && cmd.Process != nil {
		cmd.Process.Kill()
	}
}

// terminate kills the process: there is no asking.
func terminate(cmd *exec.Cmd) { cmd.Process.Kill() }
