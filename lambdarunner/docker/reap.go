package docker

import (
	"context"
	"errors"
	"os"
	"strconv"
	"syscall"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

// Whether the Postern that made something still runs.
type life int

const (
	unknown life = iota // another machine, or a process namespace we do not see
	alive
	dead
)

// reapLeftovers removes what Posterns that run no more have left in the engine: those
// of this machine whose process is gone, those whose container is gone, and, after a boot,
// those that used our data directory, which only one Postern uses at a time. An engine
// elsewhere may be shared by machines that look alike: there that last rule is not used.
func (l *Launcher) reapLeftovers(ctx context.Context) error {
	local := remoteHost(l.cli.DaemonHost()) == ""
	return l.remove(ctx, func(labels map[string]string) bool {
		if labels[labelInstance] == l.owner.instance {
			return false
		}
		switch l.life(ctx, labels) {
		case alive:
			return false
		case dead:
			return true
		default:
			return local && l.owner.id != "" && labels[labelOwner] == l.owner.id
		}
	})
}

// reapOwn removes everything this Postern made.
func (l *Launcher) reapOwn(ctx context.Context) error {
	return l.remove(ctx, func(labels map[string]string) bool {
		return labels[labelInstance] == l.owner.instance
	})
}

// remove takes away the containers, then the volumes and networks they used, whose
// labels satisfy match. Someone else having been faster is fine.
func (l *Launcher) remove(ctx context.Context, match func(map[string]string) bool) error {
	ours := filters.NewArgs(filters.Arg("label", labelKind))
	var errs []error
	containers, err := l.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: ours})
	errs = append(errs, err)
	for _, c := range containers {
		if match(c.Labels) {
			errs = append(errs, l.removeContainer(ctx, c.ID))
		}
	}
	volumes, err := l.cli.VolumeList(ctx, volume.ListOptions{Filters: ours})
	errs = append(errs, err)
	for _, v := range volumes.Volumes {
		if match(v.Labels) {
			errs = append(errs, gone(l.cli.VolumeRemove(ctx, v.Name, true)))
		}
	}
	networks, err := l.cli.NetworkList(ctx, network.ListOptions{Filters: ours})
	errs = append(errs, err)
	for _, n := range networks {
		if match(n.Labels) {
			closeFirewall(n.Labels[labelBridge])
			errs = append(errs, gone(l.cli.NetworkRemove(ctx, n.ID)))
		}
	}
	return errors.Join(errs...)
}

// removeContainer kills a container and removes it with its own volumes.
func (l *Launcher) removeContainer(ctx context.Context, id string) error {
	err := gone(l.cli.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true}))
	if cerrdefs.IsConflict(err) { // "removal of container … is already in progress"
		return nil
	}
	return err
}

// gone is err unless it says that there is no such thing any more.
func gone(err error) error {
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	return err
}

// life says whether the Postern that set the labels still runs.
func (l *Launcher) life(ctx context.Context, labels map[string]string) life {
	if id := labels[labelContainer]; id != "" {
		c, err := l.cli.ContainerInspect(ctx, id)
		switch {
		case cerrdefs.IsNotFound(err):
			return dead
		case err != nil:
			return unknown
		case c.State.Running && c.State.StartedAt == labels[labelStarted]:
			return alive
		}
		return dead
	}
	if labels[labelMachine] != machine() {
		return unknown
	}
	pid, err := strconv.Atoi(labels[labelPID])
	if err != nil {
		return unknown
	}
	if !processAlive(pid) || processStart(pid) != labels[labelStarted] {
		return dead
	}
	return alive
}

// processAlive errs on the side of the living.
func processAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH)
}
