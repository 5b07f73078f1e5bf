package docker

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"

	"postern/lambdarunner"
)

// codeVolumes keeps unpacked code in volumes of the engine: one for each code and image,
// filled once, mounted read-only by all sandboxes of it, removed with the last of them.
// A read-only mount makes writes fail with EROFS as on AWS, and a second sandbox of a
// function starts without copying anything.
type codeVolumes struct {
	l *Launcher

	mu    sync.Mutex // guards byKey and users of its values
	byKey map[string]*codeVolume
}

type codeVolume struct {
	key   string
	name  string
	users int
	ready chan struct{} // closed when filled or failed
	err   error
}

// acquire returns a volume with the codes over one another, made for mounting at target.
// The caller releases it.
func (v *codeVolumes) acquire(ctx context.Context, img image.InspectResponse, target string, codes []lambdarunner.Code) (*codeVolume, error) {
	name := "postern-" + v.l.newID()
	key := volumeKey(img.ID, target, codes)
	if key == "" {
		key = name // live code is copied afresh for every sandbox
	}
	v.mu.Lock()
	vol, shared := v.byKey[key]
	if !shared {
		vol = &codeVolume{key: key, name: name, ready: make(chan struct{}), users: 1}
		v.byKey[key] = vol
		v.l.tasks.Go(func() { // goes on for the others if this caller gives up
			vol.err = v.fill(v.l.lifetime, vol.name, img.ID, target, codes)
			close(vol.ready)
			v.release(vol)
		})
	}
	vol.users++
	v.mu.Unlock()

	select {
	case <-vol.ready:
	case <-ctx.Done():
		v.release(vol)
		return nil, ctx.Err()
	}
	if vol.err != nil {
		v.release(vol)
		return nil, vol.err
	}
	return vol, nil
}

// volumeKey is "" if a code is live.
func volumeKey(imageID, target string, codes []lambdarunner.Code) string {
	parts := []string{imageID, target}
	for _, c := range codes {
		if c.Live || c.Digest == "" {
			return ""
		}
		parts = append(parts, c.Digest)
	}
	return strings.Join(parts, " ")
}

// release gives a volume back. The last user's release removes it, so its container must
// be gone by then.
func (v *codeVolumes) release(vol *codeVolume) {
	if vol == nil {
		return
	}
	v.mu.Lock()
	vol.users--
	last := vol.users == 0
	if last && v.byKey[vol.key] == vol {
		delete(v.byKey, vol.key)
	}
	v.mu.Unlock()
	if !last {
		return
	}
	_ = v.l.removeVolume(vol.name) // which is tried again
}

// removeVolume removes a volume that no container uses, later if the engine is away.
func (l *Launcher) removeVolume(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanLimit)
	defer cancel()
	err := gone(l.cli.VolumeRemove(ctx, name, true))
	if err != nil {
		l.oweVolume(name)
		l.options.Logger.Debug("a volume stays for now", "volume", name, "error", err)
	}
	return err
}

// fillLimit is for copying 250 MB to an engine that may be far away.
const fillLimit = 10 * time.Minute

// fill creates the volume and puts the code in by way of a container that is never
// started: the engine's API copies into containers only.
func (v *codeVolumes) fill(ctx context.Context, name, imageID, target string, codes []lambdarunner.Code) error {
	ctx, cancel := context.WithTimeoutCause(ctx, fillLimit, errSlowEngine)
	defer cancel()
	if _, err := v.l.cli.VolumeCreate(ctx, volume.CreateOptions{Name: name, Labels: v.l.owner.labels("code", nil)}); err != nil {
		return fmt.Errorf("create a volume for code: %w", err)
	}
	created, err := v.l.createIdle(ctx, imageID, []mount.Mount{{Type: mount.TypeVolume, Source: name, Target: target}})
	if err != nil {
		return fmt.Errorf("create a container to copy code with: %w", err)
	}
	defer v.l.removeIdle(ctx, created)
	archive, w := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		w.CloseWithError(writeArchive(w, codes))
	}()
	defer func() { archive.Close(); <-written }()
	overwrite := container.CopyToContainerOptions{AllowOverwriteDirWithFile: true} // a later layer's file may be where a directory was
	if err := v.l.cli.CopyToContainer(ctx, created, target, archive, overwrite); err != nil {
		return fmt.Errorf("copy code into the engine: %w", err)
	}
	return nil
}

// createIdle creates a container that is never started, to copy files in or out.
func (l *Launcher) createIdle(ctx context.Context, imageID string, mounts []mount.Mount) (id string, err error) {
	created, err := l.cli.ContainerCreate(ctx,
		&container.Config{Image: imageID, Cmd: []string{"-"}, Labels: l.owner.labels("code", nil), NetworkDisabled: true},
		&container.HostConfig{NetworkMode: "none", Mounts: mounts}, nil, nil, "")
	return created.ID, err
}

func (l *Launcher) removeIdle(ctx context.Context, id string) {
	if err := l.removeContainer(context.WithoutCancel(ctx), id); err != nil {
		l.options.Logger.Debug("copy container stays until Postern stops", "container", id, "error", err)
	}
}
