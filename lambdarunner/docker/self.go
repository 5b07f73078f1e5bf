package docker

import (
	"context"
	"os"
	"regexp"
	"strings"

	"github.com/docker/docker/client"
)

// A selfContainer is the container that Postern runs in, seen by the engine it uses.
type selfContainer struct {
	id            string
	started       string // State.StartedAt, another one after a restart
	hostNetwork   bool
	networks      map[string]string // name to our address in it
	first         string            // the network to use if none is asked for
	sessionLabels map[string]string // Testcontainers' labels
}

// The engine mounts /etc/hostname and others from the container's own directory.
var containerMount = regexp.MustCompile(`/containers/([0-9a-f]{64})/`)

// ownContainerID finds the id of the container we are in, "" if in none. The host name
// is the id's beginning unless the user gave another.
func ownContainerID(mountinfo, hostname string) string {
	for line := range strings.Lines(mountinfo) {
		fields := strings.Fields(line)
		if len(fields) < 5 || !strings.HasPrefix(fields[4], "/etc/") {
			continue
		}
		if m := containerMount.FindStringSubmatch(fields[3]); m != nil {
			return m[1]
		}
	}
	if len(hostname) == 12 && strings.Trim(hostname, "0123456789abcdef") == "" {
		return hostname
	}
	return ""
}

// findSelf asks the engine about the container we are in: nil if we are in none, or in
// one that this engine does not know (then the engine is as good as remote).
func findSelf(ctx context.Context, cli *client.Client) *selfContainer {
	mountinfo, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	hostname, _ := os.Hostname()
	id := ownContainerID(string(mountinfo), hostname)
	if id == "" {
		return nil
	}
	c, err := cli.ContainerInspect(ctx, id)
	if err != nil {
		return nil
	}
	self := &selfContainer{id: c.ID, started: c.State.StartedAt, networks: map[string]string{}, sessionLabels: map[string]string{}}
	self.hostNetwork = c.HostConfig.NetworkMode.IsHost()
	for name, endpoint := range c.NetworkSettings.Networks {
		if endpoint.IPAddress == "" {
			continue
		}
		self.networks[name] = endpoint.IPAddress
		if self.first == "" || name < self.first {
			self.first = name
		}
	}
	for key, value := range c.Config.Labels {
		if strings.HasPrefix(key, "org.testcontainers") {
			self.sessionLabels[key] = value
		}
	}
	return self
}
