package process

import (
	"os/exec"
	"time"
)

// A child is the leader of a process group: a runtime, an extension or a spare.
type child struct {
	cmd   *exec.Cmd
	how   string        // it ended, "" for well; to be read after that
	ended chan struct{} // closed when the leader has ended
}

// run starts a command in a group of its own; exited is told how it ended, once what it printed
// has been read and ended is closed.
func (s *sandbox) run(cmd *exec.Cmd, pipe *printPipe, exited func(how string)) (*child, error) {
	c, err := s.l.spawn(cmd, pipe)
	if err != nil {
		return nil, err
	}
	c.onExit(exited)
	return c, nil
}

// spawn starts a command in a group of its own that prints into the pipe.
func (l *Launcher) spawn(cmd *exec.Cmd, pipe *printPipe) (*child, error) {
	cmd.Stdout, cmd.Stderr = pipe.w, pipe.w
	ownGroup(cmd)
	if err := l.run(cmd); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, ended: make(chan struct{})}
	go func() {
		err := cmd.Wait()
		killGroup(cmd) // what it left behind
		if err != nil {
			c.how = err.Error() // "exit status 1", "signal: killed"
		}
		pipe.sync()
		close(c.ended)
	}()
	return c, nil
}

// onExit has exited told how the leader ended.
func (c *child) onExit(exited func(how string)) {
	go func() {
		<-c.ended
		exited(c.how)
	}()
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
