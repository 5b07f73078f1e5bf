package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"syscall"

	"postern/lambdarunner"
	"postern/lambdarunner/docker"
	"postern/lambdarunner/process"
)

// newLauncher takes the kind of sandbox that the configuration asks for, or in auto
// mode containers where an engine answers. It also says which was taken and why.
func (e *Emulator) newLauncher(ctx context.Context) (lambdarunner.Launcher, string, error) {
	mode := e.config.Lambda.Mode
	if mode == LambdaProcess {
		return e.newProcesses("as asked")
	}
	l, err := docker.New(ctx, e.dockerOptions())
	switch {
	case err == nil:
		return l, "containers of " + l.Engine(), e.serveContainers(l.HostAddress())
	case mode == LambdaAuto && errors.Is(err, docker.ErrNoEngine):
		return e.newProcesses(err.Error())
	case mode == LambdaAuto:
		e.config.Logger.Warn("the Docker engine is of no use", "error", err)
		return e.newProcesses("the Docker engine is of no use: " + err.Error())
	}
	return nil, "", err
}

func (e *Emulator) newProcesses(why string) (lambdarunner.Launcher, string, error) {
	l, err := process.New(process.Options{
		EndpointURL: e.endpointFor("127.0.0.1"),
		CABundle:    e.ca.bundle(),
		Code:        e.code,
		InitLimit:   e.config.Lambda.InitTimeout,
		NoReserve:   e.config.Lambda.NoReserve,
		IdleTTL:     e.config.Lambda.IdleTTL,
		Debug:       e.doors,
		Logger:      e.config.Logger,
		Now:         e.config.Now,
	})
	return l, "process (" + why + ")", err
}

func (e *Emulator) dockerOptions() docker.Options {
	o := docker.Options{
		Images:    e.config.Lambda.Images,
		Network:   e.config.Lambda.Network,
		DNS:       e.config.Lambda.DNS,
		Bind:      e.config.Lambda.DockerBind,
		Advertise: e.config.Lambda.DockerAdvertise,
		InitLimit: e.config.Lambda.InitTimeout,
		Debug:     e.doors,
		Logger:    e.config.Logger,
		Now:       e.config.Now,
		CABundle:  e.ca.bundle(),
		Hosts:     func() []string { return e.gateway.SocketHosts() },
	}
	if !e.config.Lambda.NoEndpointURL {
		o.EmulatorPort = e.config.Port
	}
	if e.config.DataDir != "" {
		o.Owner, _ = filepath.Abs(e.config.DataDir)
	}
	return o
}

// endpointFor is the value of AWS_ENDPOINT_URL inside functions, "" for none.
func (e *Emulator) endpointFor(host string) string {
	if e.config.Lambda.NoEndpointURL {
		return ""
	}
	return e.ownURL(host)
}

// ownURL is where Postern answers under a host, "" where that is not known.
func (e *Emulator) ownURL(host string) string {
	if e.config.Port == 0 {
		return ""
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(e.config.Port))
}

// serveContainers listens where containers reach this machine, on the port they
// are told. A listener on all addresses covers it already.
func (e *Emulator) serveContainers(host string) error {
	if e.config.Port == 0 {
		return nil
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(e.config.Port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listen where containers reach Postern: %w", err)
	}
	e.containers = l
	return nil
}
