package docker

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/docker/docker/client"
)

// ErrNoEngine is wrapped by New when no Docker engine answers.
var ErrNoEngine = errors.New("no Docker engine answers")

const pingLimit = 5 * time.Second

// connect opens a client for the engine that the docker command would use: host if
// given, else DOCKER_HOST with its TLS variables, else the current context, else the
// platform's default socket.
func connect(ctx context.Context, host string) (*client.Client, error) {
	opts, err := endpointOptions(host)
	if err != nil {
		return nil, err
	}
	cli, err := client.NewClientWithOpts(append(opts, client.WithAPIVersionNegotiation())...)
	if err != nil {
		return nil, fmt.Errorf("docker client: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	if _, err := cli.Ping(ctx); err != nil {
		cli.Close()
		return nil, fmt.Errorf("%w at %s: %w", ErrNoEngine, cli.DaemonHost(), err)
	}
	return cli, nil
}

func endpointOptions(host string) ([]client.Opt, error) {
	if host != "" {
		return []client.Opt{client.WithTLSClientConfigFromEnv(), client.WithHost(host)}, checkScheme(host)
	}
	if env := os.Getenv(client.EnvOverrideHost); env != "" {
		return []client.Opt{client.FromEnv}, checkScheme(env)
	}
	dir, err := configDir()
	if err != nil {
		return []client.Opt{client.FromEnv}, nil // no home directory: no contexts either
	}
	ctx, err := currentContext(dir)
	if err != nil || ctx == nil {
		return []client.Opt{client.FromEnv}, err
	}
	if err := checkScheme(ctx.host); err != nil {
		return nil, fmt.Errorf("docker context %q: %w", ctx.name, err)
	}
	opts := []client.Opt{client.WithHost(ctx.host)}
	if ctx.tlsDir != "" {
		opts = append([]client.Opt{client.WithTLSClientConfig(
			filepath.Join(ctx.tlsDir, "ca.pem"),
			filepath.Join(ctx.tlsDir, "cert.pem"),
			filepath.Join(ctx.tlsDir, "key.pem"))}, opts...)
	}
	return opts, nil
}

// checkScheme refuses ssh://, which the docker command serves by running ssh.
func checkScheme(host string) error {
	if strings.HasPrefix(host, "ssh://") {
		return fmt.Errorf("%s: engines behind ssh are not supported; forward the socket (ssh -L /tmp/docker.sock:/var/run/docker.sock …) and set DOCKER_HOST=unix:///tmp/docker.sock", host)
	}
	return nil
}

// remoteHost is the host name of an engine on another machine, "" for one on this.
func remoteHost(daemon string) string {
	u, err := url.Parse(daemon)
	if err != nil || (u.Scheme != "tcp" && u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	switch host := u.Hostname(); host {
	case "", "localhost", "127.0.0.1", "::1":
		return ""
	default:
		return host
	}
}

// Probe says which engine New would use, e.g. "Docker 20.10.24 (API 1.41) at
// unix:///var/run/docker.sock", or why there is none.
func Probe(ctx context.Context) (string, error) {
	cli, err := connect(ctx, "")
	if err != nil {
		return "", err
	}
	defer cli.Close()
	version, err := cli.ServerVersion(ctx)
	if err != nil {
		return "", fmt.Errorf("%w at %s: %w", ErrNoEngine, cli.DaemonHost(), err)
	}
	return fmt.Sprintf("Docker %s (API %s) at %s", version.Version, cli.ClientVersion(), cli.DaemonHost()), nil
}
