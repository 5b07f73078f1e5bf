package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
)

// PullProgress is how far the download of an image is.
type PullProgress struct {
	Image   string
	Current int64 // bytes downloaded
	Total   int64 // bytes known to be needed; grows as layers are found
	Done    bool
	Err     error // set with Done if it failed
}

// progressEvery limits how often Options.Progress is called during a download.
const progressEvery = 500 * time.Millisecond

// An ImageError says that an image could not be had, and what to do.
type ImageError struct {
	Image    string
	Platform string
	Runtime  string
	Err      error
}

func (e *ImageError) Error() string {
	return fmt.Sprintf("image %s for runtime %s (%s) is not in the engine and could not be pulled: %v; "+
		"pull it while online (docker pull --platform %s %s), name another image with --runtime-image %s=IMAGE, or run functions as processes with --lambda process",
		e.Image, e.Runtime, e.Platform, e.Err, e.Platform, e.Image, e.Runtime)
}

func (e *ImageError) Unwrap() error { return e.Err }

// ensureImage pulls an image unless the engine has it for this platform.
func (l *Launcher) ensureImage(ctx context.Context, runtime, architecture string) (image.InspectResponse, error) {
	name, err := l.image(runtime)
	if err != nil {
		return image.InspectResponse{}, err
	}
	os, arch := platform(architecture)
	found, err := l.localImage(ctx, name, arch)
	if err == nil || !cerrdefs.IsNotFound(err) {
		return found, err
	}
	wanted := os + "/" + arch
	if err = l.pullOnce(ctx, name, wanted); ctx.Err() != nil {
		return image.InspectResponse{}, ctx.Err()
	}
	if err == nil {
		found, err = l.localImage(ctx, name, arch)
	}
	if err != nil {
		return image.InspectResponse{}, &ImageError{Image: name, Platform: wanted, Runtime: runtime, Err: err}
	}
	return found, nil
}

// localImage finds an image in the engine; one for another architecture is none.
func (l *Launcher) localImage(ctx context.Context, name, arch string) (image.InspectResponse, error) {
	found, err := l.cli.ImageInspect(ctx, name)
	if err != nil {
		return image.InspectResponse{}, err
	}
	if found.Architecture != "" && found.Architecture != arch {
		return image.InspectResponse{}, cerrdefs.ErrNotFound.WithMessage("the image in the engine is for " + found.Architecture)
	}
	return found, nil
}

func (l *Launcher) pull(ctx context.Context, name, platform string) (err error) {
	l.options.Logger.Info("pulling image", "image", name, "platform", platform)
	began := l.options.Now()
	defer func() {
		l.progress(PullProgress{Image: name, Done: true, Err: err})
		if err == nil {
			l.options.Logger.Info("pulled image", "image", name, "took", l.options.Now().Sub(began).Round(time.Millisecond))
		}
	}()
	stream, err := l.cli.ImagePull(ctx, name, image.PullOptions{Platform: platform})
	if err != nil {
		return err
	}
	defer stream.Close()
	return l.followPull(name, stream)
}

// followPull reads the engine's report of a download to its end: an error in it comes
// with status 200.
func (l *Launcher) followPull(name string, stream io.Reader) error {
	type layer struct{ current, total int64 }
	layers := map[string]layer{}
	var reported time.Time
	for d := json.NewDecoder(stream); ; {
		var m struct {
			ID             string
			Status         string
			Error          string
			ProgressDetail struct{ Current, Total int64 }
		}
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the engine's progress report: %w", err)
		}
		if m.Error != "" {
			return errors.New(m.Error)
		}
		if m.Status != "Downloading" || m.ProgressDetail.Total == 0 {
			continue
		}
		layers[m.ID] = layer{m.ProgressDetail.Current, m.ProgressDetail.Total}
		if now := l.options.Now(); now.Sub(reported) >= progressEvery {
			reported = now
			p := PullProgress{Image: name}
			for _, one := range layers {
				p.Current += one.current
				p.Total += one.total
			}
			l.progress(p)
		}
	}
}

// progress tells the user's callback, or the log at debug level.
func (l *Launcher) progress(p PullProgress) {
	if l.options.Progress != nil {
		l.options.Progress(p)
		return
	}
	if p.Total > 0 {
		l.options.Logger.Info("pulling image", "image", p.Image, "percent", p.Current*100/p.Total)
	}
}
