package docker

import (
	"context"
	"errors"
)

// debts are what could not be removed while the engine was away: containers that may still run, and
// volumes. They are removed when it has started something again, else when Postern stops.
type debts struct{ containers, volumes []string }

func (l *Launcher) oweContainer(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.debts.containers = append(l.debts.containers, id)
}

func (l *Launcher) oweVolume(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.debts.volumes = append(l.debts.volumes, name)
}

// payDebts begins to remove what is owed, if anything is.
func (l *Launcher) payDebts() {
	l.mu.Lock()
	due := l.debts
	l.debts = debts{}
	if l.closed || len(due.containers)+len(due.volumes) == 0 {
		l.mu.Unlock()
		return
	}
	l.tasks.Add(1)
	l.mu.Unlock()
	go func() {
		defer l.tasks.Done()
		ctx, cancel := context.WithTimeout(l.lifetime, cleanLimit)
		defer cancel()
		var errs []error
		for _, id := range due.containers {
			errs = append(errs, l.removeContainer(ctx, id))
		}
		for _, name := range due.volumes {
			errs = append(errs, gone(l.cli.VolumeRemove(ctx, name, true)))
		}
		if err := errors.Join(errs...); err != nil {
			l.options.Logger.Debug("what was left while the engine was away stays until Postern stops", "error", err)
		}
	}()
}
