package docker

import (
	"fmt"
	"math"
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"

	"postern/lambdarunner"
)

const (
	taskRoot = "/var/task"
	layerDir = "/opt"

	// Lambda's quotas (developer guide, "Lambda quotas": 1,024 processes and threads,
	// 1,024 file descriptors).
	maxProcesses = 1024
	maxFiles     = 1024

	mbPerCPU = 1769 // one vCPU (developer guide, "Configure function memory")
	initCPUs = 2    // what Lambda lets the init phase have, whatever the memory

	// AWS's sbx_user1051 and its group: numbers, as AWS's images do not name them.
	sandboxUser = "993:990"
)

// containerConfig is what runs in the container. The handler is the argument of AWS's
// entry point, which execs the runtime when AWS_LAMBDA_RUNTIME_API is set.
func (l *Launcher) containerConfig(fn *lambdarunner.Function, img image.InspectResponse, env []string) (*container.Config, error) {
	c := &container.Config{
		Image:        img.ID,
		Cmd:          []string{fn.Handler},
		Env:          env,
		WorkingDir:   taskRoot,
		AttachStdout: true,
		AttachStderr: true,
		Labels:       l.owner.labels("sandbox", map[string]string{labelFunction: fn.ARN}),
	}
	if fn.Image != nil {
		return imageConfig(c, fn.Image, img.Config), nil
	}
	if img.Config == nil || img.Config.User == "" {
		c.User = sandboxUser // an image with a user of its own keeps it
	}
	if img.Config == nil || len(img.Config.Entrypoint) == 0 {
		entry, err := entryPoint(fn)
		if err != nil {
			return nil, err
		}
		c.Entrypoint = []string{entry}
	}
	return c, nil
}

// entryPoint finds the program for an image that starts nothing itself, where AWS's images
// look too. Only functions that bring their runtime along have one.
func entryPoint(fn *lambdarunner.Function) (string, error) {
	name := "bootstrap"
	switch {
	case fn.Runtime == "go1.x":
		name = fn.Handler
	case !strings.HasPrefix(fn.Runtime, "provided"):
		return "", fmt.Errorf("the image for runtime %s has no entry point, which has to start its Runtime API client as that of public.ecr.aws/lambda does", fn.Runtime)
	}
	if exists(fn.Code.Dir, name) {
		return path.Join(taskRoot, name), nil
	}
	for _, layer := range fn.Layers {
		if exists(layer.Dir, name) {
			return path.Join(layerDir, name), nil
		}
	}
	return "", fmt.Errorf("neither the package nor a layer has a file named %s at its top", name)
}

func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}

// hostConfig is what the container may do.
func (l *Launcher) hostConfig(fn *lambdarunner.Function, tmp *tmp, code, layers *codeVolume) *container.HostConfig {
	memory := int64(fn.MemoryMB) << 20
	processes := int64(maxProcesses)
	h := &container.HostConfig{
		NetworkMode:    container.NetworkMode(l.reach.network),
		DNS:            l.options.DNS,
		LogConfig:      container.LogConfig{Type: "none"}, // we are attached; nothing fills the engine's disk
		CapDrop:        []string{"ALL"},
		SecurityOpt:    []string{"no-new-privileges"},
		ReadonlyRootfs: true,
		Mounts:         []mount.Mount{tmp.mount},
		Resources: container.Resources{
			Memory:     memory,
			MemorySwap: memory, // none
			NanoCPUs:   l.nanoCPUs(initCPUs),
			PidsLimit:  &processes,
			Ulimits:    []*container.Ulimit{{Name: "nofile", Soft: maxFiles, Hard: maxFiles}},
		},
	}
	if code != nil {
		h.Mounts = append(h.Mounts, mount.Mount{Type: mount.TypeVolume, Source: code.name, Target: taskRoot, ReadOnly: true})
	}
	if layers != nil {
		h.Mounts = append(h.Mounts, mount.Mount{Type: mount.TypeVolume, Source: layers.name, Target: layerDir, ReadOnly: true})
	}
	h.ExtraHosts = l.extraHosts()
	return h
}

// extraHosts are names of this machine in the container.
func (l *Launcher) extraHosts() (all []string) {
	address := l.reach.advertised
	if address == hostAlias {
		address = "host-gateway"
		all = append(all, hostAlias+":"+address)
	} else if net.ParseIP(address) == nil {
		return nil
	}
	if l.options.Hosts != nil {
		for _, name := range l.options.Hosts() {
			all = append(all, name+":"+address)
		}
	}
	return all
}

// invokeCPUs is a function's share of processors once its init phase is over.
func invokeCPUs(memoryMB int) float64 { return float64(memoryMB) / mbPerCPU }

// nanoCPUs keeps to what the engine accepts: from 0.01 to all it has.
func (l *Launcher) nanoCPUs(cpus float64) int64 {
	return int64(math.Max(0.01, math.Min(cpus, float64(max(l.cpus, 1)))) * 1e9)
}

// containerName shows the function in "docker ps".
func containerName(function, id string) string {
	clean := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, function)
	return "postern-" + clean + "-" + id
}
