package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"
)

const tmpDir = "/tmp"

// tmpSlack is what a file system takes for itself, so that all of EphemeralStorage is left.
func tmpSlack(megabytes int) int { return 8 + megabytes/50 }

// A tmp is the /tmp of one sandbox. Where this machine and Postern's rights allow it, it is a file
// system of the size that the function asks for (tmp_linux.go); else a volume of the engine, which is
// as large as the engine's disk. Never is it a tmpfs: that counts as the container's memory, so that a
// 128 MB function could not fill the 512 MB it has on AWS.
type tmp struct {
	mount  mount.Mount
	volume string    // to be removed by us, "" for one that goes with its container
	disk   *loopDisk // nil for a volume
}

// newTmp makes a /tmp that AWS's user can write to.
func (l *Launcher) newTmp(ctx context.Context, img image.InspectResponse, megabytes int) (*tmp, error) {
	t := &tmp{mount: mount.Mount{Type: mount.TypeVolume, Target: tmpDir}}
	if l.disks != nil {
		disk, err := l.disks.attach(megabytes)
		if err == nil {
			t.disk = disk
			t.mount.VolumeOptions = &mount.VolumeOptions{NoCopy: true, DriverConfig: &mount.Driver{Name: "local", Options: map[string]string{
				"type": "ext4", "device": disk.device, "o": "noatime,nosuid,nodev,discard",
			}}}
			return t, nil
		}
		l.options.Logger.Warn("the size of a /tmp is not limited", "asked", megabytes, "error", err)
	}
	made, err := l.hasTmp(ctx, img.ID)
	if err != nil || made {
		return t, err
	}
	t.volume = "postern-" + l.newID()
	t.mount.Source = t.volume
	if err := l.fillTmp(ctx, t.volume, img.ID); err != nil {
		return nil, errors.Join(err, l.closeTmp(t))
	}
	return t, nil
}

// hasTmp tells whether the image has a /tmp that everyone can write to, which a new volume takes
// after. One FROM scratch has none.
func (l *Launcher) hasTmp(ctx context.Context, id string) (bool, error) {
	if known, ok := l.tmps.Load(id); ok {
		return known.(bool), nil
	}
	created, err := l.createIdle(ctx, id, nil)
	if err != nil {
		return false, fmt.Errorf("look at the image's /tmp: %w", err)
	}
	defer l.removeIdle(ctx, created)
	stat, err := l.cli.ContainerStatPath(ctx, created, tmpDir)
	if gone(err) != nil {
		return false, fmt.Errorf("look at the image's /tmp: %w", err)
	}
	has := err == nil && stat.Mode.IsDir() && stat.Mode.Perm()&0o002 != 0
	l.tmps.Store(id, has)
	return has, nil
}

// fillTmp makes a volume whose top everyone can write to, by way of a container that is never started.
func (l *Launcher) fillTmp(ctx context.Context, name, id string) error {
	if _, err := l.cli.VolumeCreate(ctx, volume.CreateOptions{Name: name, Labels: l.owner.labels("tmp", nil)}); err != nil {
		return fmt.Errorf("create a volume for /tmp: %w", err)
	}
	created, err := l.createIdle(ctx, id, []mount.Mount{{Type: mount.TypeVolume, Source: name, Target: tmpDir}})
	if err != nil {
		return fmt.Errorf("create a container to prepare /tmp with: %w", err)
	}
	defer l.removeIdle(ctx, created)
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return l.cli.CopyToContainer(ctx, created, "/", &archive, container.CopyToContainerOptions{})
}

// mounted is called when the container has started, whose engine keeps the disk from then on.
func (t *tmp) mounted() { t.disk.release() }

// closeTmp gives back what t still has. Its container must be gone by then.
func (l *Launcher) closeTmp(t *tmp) error {
	if t == nil {
		return nil
	}
	t.disk.release()
	if t.volume == "" {
		return nil
	}
	return l.removeVolume(t.volume)
}

// openDisks finds out whether the size of /tmp can be limited here.
func (l *Launcher) openDisks() {
	if !l.reach.direct {
		return // the engine is on another machine, or in a virtual one
	}
	var err error
	if l.disks, err = newLoopDisks(); err != nil {
		l.options.Logger.Log(context.Background(), slog.LevelDebug, "the size of /tmp is not limited", "because", err)
	}
}
