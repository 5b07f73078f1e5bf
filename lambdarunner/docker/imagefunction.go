package docker

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"postern/lambdarunner"
	"postern/lambdarunner/runtimeapi"
)

// registryLimit bounds asking a registry what a tag means, which offline may take forever.
const registryLimit = 15 * time.Second

// FindImage finds the image of a function: in the engine, else, without pulling it, in its
// registry, whose Pin is then its Resolved. Errors are ErrBadImage, ErrNoImage and
// ErrImageArchitecture of lambdarunner, wrapped.
func (l *Launcher) FindImage(ctx context.Context, uri, architecture string) (lambdarunner.Image, error) {
	named, err := reference.ParseDockerRef(uri)
	if err != nil {
		return lambdarunner.Image{}, fmt.Errorf("%w: %w", lambdarunner.ErrBadImage, err)
	}
	_, arch := platform(architecture)
	img := lambdarunner.Image{URI: uri}
	found, err := l.cli.ImageInspect(ctx, uri)
	switch {
	case err == nil && found.Architecture != "" && found.Architecture != arch:
		return img, otherArchitecture(uri, found.Architecture, arch)
	case err == nil:
		img.Digest, img.Pin = digestOf(found, named), found.ID
	case cerrdefs.IsInvalidArgument(err):
		return img, fmt.Errorf("%w: %w", lambdarunner.ErrBadImage, err)
	case !cerrdefs.IsNotFound(err):
		return img, fmt.Errorf("look for image %s: %w", uri, err)
	default:
		if img.Digest, err = l.askRegistry(ctx, named, arch); err != nil {
			return img, err
		}
	}
	img.Resolved = untagged(uri) + "@sha256:" + img.Digest
	if img.Pin == "" {
		img.Pin = img.Resolved
	}
	return img, nil
}

func otherArchitecture(uri, has, wanted string) error {
	return fmt.Errorf("%w: %s is for %s, the function for %s; build or pull it with --platform linux/%s, or change the function's Architectures",
		lambdarunner.ErrImageArchitecture, uri, has, wanted, wanted)
}

// digestOf is what the image's registry calls it, or the engine where it has not seen a registry.
func digestOf(found image.InspectResponse, named reference.Named) string {
	for _, known := range found.RepoDigests {
		other, err := reference.ParseNormalizedNamed(known)
		if digested, ok := other.(reference.Digested); err == nil && ok && other.Name() == named.Name() {
			return digested.Digest().Encoded()
		}
	}
	return strings.TrimPrefix(found.ID, "sha256:")
}

// untagged is the name as the user wrote it, without tag and digest.
func untagged(uri string) string {
	name, _, _ := strings.Cut(uri, "@")
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name = name[:colon]
	}
	return name
}

// askRegistry is the digest that the registry has for an image.
func (l *Launcher) askRegistry(ctx context.Context, named reference.Named, arch string) (digest string, err error) {
	ctx, cancel := context.WithTimeout(ctx, registryLimit)
	defer cancel()
	found, err := l.cli.DistributionInspect(ctx, named.String(), "")
	if err != nil {
		return "", fmt.Errorf("%w in the Docker engine or in its registry: %w", lambdarunner.ErrNoImage, err)
	}
	if len(found.Platforms) > 0 && !slices.ContainsFunc(found.Platforms, func(p ocispec.Platform) bool { return p.Architecture == arch || p.Architecture == "" }) {
		return "", otherArchitecture(named.String(), found.Platforms[0].Architecture, arch)
	}
	return found.Descriptor.Digest.Encoded(), nil
}

// FetchImage pulls an image that FindImage has found unless the engine has it.
func (l *Launcher) FetchImage(ctx context.Context, img lambdarunner.Image, architecture string) error {
	_, err := l.ownImage(ctx, &img, architecture)
	return err
}

// ownImage is the image of a function as it was when the function got it, pulled if the engine has
// it no more and a registry might.
func (l *Launcher) ownImage(ctx context.Context, img *lambdarunner.Image, architecture string) (image.InspectResponse, error) {
	os, arch := platform(architecture)
	found, err := l.localImage(ctx, img.Pin, arch)
	if err == nil || !cerrdefs.IsNotFound(err) {
		return found, err
	}
	if img.Pin == "sha256:"+img.Digest {
		err = errors.New("it has never been in a registry")
	} else if err = l.pullOnce(ctx, img.Resolved, os+"/"+arch); err == nil {
		if found, err = l.localImage(ctx, img.Resolved, arch); err == nil {
			return found, nil
		}
	}
	return found, fmt.Errorf("image %s is no longer in the engine as %s, and could not be pulled: %w; "+
		"build or pull it again and tell the function of it with update-function-code", img.URI, img.Pin, err)
}

// pullOnce pulls an image. Functions that need the same image at once share one download, which
// goes on for the others if one of them gives up, and ends with the launcher.
func (l *Launcher) pullOnce(ctx context.Context, name, platform string) error {
	pulled := l.images.DoChan(name+" "+platform, func() (any, error) {
		return nil, l.pull(l.lifetime, name, platform)
	})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case r := <-pulled:
		return r.Err
	}
}

// imageConfig is c for a function of an image: its own program in its own directory, the user's
// changes before the image's, each by itself. Lambda pays no regard to the image's USER.
func imageConfig(c *container.Config, img *lambdarunner.Image, own *dockerspec.DockerOCIImageConfig) *container.Config {
	if own == nil {
		own = &dockerspec.DockerOCIImageConfig{}
	}
	c.User = sandboxUser
	c.Entrypoint, c.Cmd, c.WorkingDir = own.Entrypoint, own.Cmd, own.WorkingDir
	if len(img.EntryPoint) > 0 {
		c.Entrypoint = img.EntryPoint
	}
	if len(img.Command) > 0 {
		c.Cmd = img.Command
	}
	if img.WorkingDirectory != "" {
		c.WorkingDir = img.WorkingDirectory
	}
	return c
}

// extensionsIn are the names of the external extensions that an image has in /opt. The engine tells
// of files in containers only, so one is made that is never started, once for an image.
func (l *Launcher) extensionsIn(ctx context.Context, id string) ([]string, error) {
	if known, ok := l.extensions.Load(id); ok {
		return known.([]string), nil
	}
	created, err := l.createIdle(ctx, id, nil)
	if err != nil {
		return nil, fmt.Errorf("look for extensions: %w", err)
	}
	defer l.removeIdle(ctx, created)
	names := map[string]bool{}
	files, _, err := l.cli.CopyFromContainer(ctx, created, path.Join(layerDir, runtimeapi.ExtensionsDir))
	switch {
	case cerrdefs.IsNotFound(err):
	case err != nil:
		return nil, fmt.Errorf("look for extensions: %w", err)
	default:
		defer files.Close()
		if err := topFiles(files, names); err != nil {
			return nil, fmt.Errorf("look for extensions: %w", err)
		}
	}
	sorted := slices.Sorted(maps.Keys(names))
	l.extensions.Store(id, sorted)
	return sorted, nil
}

// topFiles notes the files at the top of a directory's archive.
func topFiles(archive io.Reader, names map[string]bool) error {
	for r := tar.NewReader(archive); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		dir, name := path.Split(path.Clean(header.Name))
		if header.Typeflag != tar.TypeDir && path.Clean(dir) == runtimeapi.ExtensionsDir {
			names[name] = true
		}
	}
}

// startFailure is what runc says of a program that it cannot start, as the engine passes it on.
var startFailure = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`exec: \\?"([^"\\]+)\\?": (?:stat \S+: )?(no such file or directory|permission denied|executable file not found in \$PATH|is a directory|exec format error)`)
})

// notStarted is why the engine could not start a container's program, in the words of AWS's
// Runtime.InvalidEntrypoint; "" if that is not the program's fault.
func notStarted(err error) string {
	m := startFailure().FindStringSubmatch(err.Error())
	if m == nil {
		return ""
	}
	if strings.HasPrefix(m[2], "executable file") {
		m[2] = "no such file or directory"
	}
	return "fork/exec " + m[1] + ": " + m[2]
}
