package process

import (
	"os/exec"
	"time"
)

// A child is the leader of a process group: a runtime or an extension.
type child struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when the leader has ended
}

// run starts a command in a group of its own; exited is told how it ended, once what it printed
// has been read and ended is closed.
func (s *sandbox) run(cmd *exec.Cmd, pipe *printPipe, exited func(how string)) (*child, error) {
	cmd.Stdout, cmd.Stderr = pipe.w, pipe.w
	ownGroup(cmd)
	if err := s.l.run(cmd); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, ended: make(chan struct{})}
	go func() {
		err := cmd.Wait()
		killGroup(cmd) // what it left behind
		how := ""
		if err != nil {
			how = err.Error() // "exit status 1", "signal: killed"
		}
		pipe.sync()
		close(c.ended)
		exited(how)
	}()
	return c, nil
}

// kill ends the group, but not one that has ended: its number may by now be that of somebody
// else's.
func (c *child) kill() {
	select {
	case <-c.ended:
	default:
		killGroup(c.cmd)
	}
}

// stop asks the leader to end, and kills the group if it takes longer than that.
func (c *child) stop(within time.Duration) {
	select {
	case <-c.ended:
		return
	default:
		terminate(c.cmd)
	}
	limit := time.NewTimer(within)
	defer limit.Stop()
	select {
	case <-c.ended:
	case <-limit.C:
		c.kill()
	}
}
