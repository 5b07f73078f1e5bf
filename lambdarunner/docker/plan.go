package docker

import (
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// A plan is what a container is made of.
type plan struct {
	config   *container.Config
	host     *container.HostConfig
	platform *ocispec.Platform
	files    map[string]string // of our own, by name
}

func (s *sandbox) plan(img image.InspectResponse) (p plan, err error) {
	os, arch := platform(s.fn.Architecture)
	p = plan{host: s.l.hostConfig(s.fn, s.tmp, s.code, s.layers), platform: &ocispec.Platform{OS: os, Architecture: arch}, files: map[string]string{}}
	if len(s.l.options.CABundle) > 0 {
		p.files[caBundle] = string(s.l.options.CABundle)
	}
	if p.config, err = s.l.containerConfig(s.fn, img, s.environment(img)); err == nil && s.door != nil {
		err = s.stepThrough(&p)
	}
	if len(p.files) > 0 {
		p.host.Mounts = append(p.host.Mounts, mount.Mount{Type: mount.TypeVolume, Target: filesDir})
	}
	return p, err
}
