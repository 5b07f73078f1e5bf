package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

// hostAlias is this machine's name inside a container of an engine that runs in a
// virtual machine (Docker Desktop and its like).
const hostAlias = "host.docker.internal"

// reach is how a sandbox gets to us, and how far else it gets.
//
//	where Postern runs              bind                      advertised            network
//	on the engine's Linux host      the bridge's gateway      the same address      one of our own
//	in a container of the engine    its address there         the same address      Postern's
//	beside an engine in a VM        127.0.0.1                 host.docker.internal  one of our own
//	far from a tcp:// engine        the address that leads    the same address      one of our own
//	                                to the engine
type reach struct {
	bind       string // address our listeners for sandboxes take
	advertised string // address or name of the same place inside a sandbox
	network    string // name or id
	bridge     string // interface on this machine, "" if not on it
	ownSubnet  string // of a network of our own
	gateway    string // of the network, "" if not known
	direct     bool   // connections come from the sandbox's own address, and reach it there
	published  string // address of this machine at which ports that containers publish are found, "" for none
	why        string // for the log
}

// A preference is what the user asked for; zero values leave the choice to us.
type preference struct {
	network    string
	bind       string
	advertised string
}

// findReach decides, and creates a network of our own where one is needed.
func (l *Launcher) findReach(ctx context.Context, self *selfContainer, want preference) (reach, error) {
	if self != nil && !self.hostNetwork {
		return reachFromContainer(self, want)
	}
	r := reach{network: want.network}
	var gateway string
	var err error
	if want.network == "" {
		gateway, err = l.createNetwork(ctx, &r)
	} else {
		gateway, err = existingGateway(ctx, l.cli, want.network)
	}
	if err != nil {
		return reach{}, err
	}
	r.gateway = gateway
	remote := remoteHost(l.cli.DaemonHost())
	if remote == "" {
		r.published = "127.0.0.1"
	}
	switch {
	case want.bind != "":
		r.bind, r.why = want.bind, "as configured"
	case remote == "" && bindable(gateway):
		r.bind, r.direct, r.why = gateway, true, "gateway of the sandboxes' network"
	case remote == "":
		r.bind, r.advertised, r.why = "127.0.0.1", hostAlias, "the engine runs in a virtual machine"
	default:
		r.why = "our address toward the remote engine"
		if r.bind, err = localAddress(remote); err != nil {
			return reach{}, err
		}
	}
	if !r.direct {
		r.bridge = ""
	}
	return r.advertise(want), nil
}

// reachFromContainer puts sandboxes beside us.
func reachFromContainer(self *selfContainer, want preference) (reach, error) {
	name := want.network
	if name == "" {
		name = self.first
	}
	ip, joined := self.networks[name]
	if !joined && want.bind == "" {
		if name == "" {
			return reach{}, errors.New("postern's container has no network, so no function could reach it; start it with a bridge network or --network host")
		}
		return reach{}, fmt.Errorf("postern's container is not in the network %q that functions are to use; start it with --network %s", name, name)
	}
	r := reach{bind: ip, network: name, direct: true, why: "postern's own container"}
	if want.bind != "" {
		r.bind, r.direct, r.why = want.bind, false, "as configured"
	}
	return r.advertise(want), nil
}

func (r reach) advertise(want preference) reach {
	switch {
	case want.advertised != "":
		r.advertised = want.advertised
	case r.advertised == "":
		r.advertised = r.bind
	}
	return r
}

// createNetwork makes the bridge network of this Postern: containers on it reach the
// Internet and the gateway, not each other.
func (l *Launcher) createNetwork(ctx context.Context, r *reach) (gateway string, err error) {
	r.network = "postern-" + l.short
	r.bridge = "pt-" + l.short // 15 bytes at most
	if _, err := l.cli.NetworkCreate(ctx, r.network, l.ownNetwork(r.bridge)); err != nil {
		return "", fmt.Errorf("create the functions' network: %w", err)
	}
	made, err := l.cli.NetworkInspect(ctx, r.network, network.InspectOptions{})
	if err != nil {
		return "", fmt.Errorf("network for functions: %w", err)
	}
	if len(made.IPAM.Config) > 0 {
		r.ownSubnet = made.IPAM.Config[0].Subnet
	}
	return gatewayOf(made), nil
}

func (l *Launcher) ownNetwork(bridge string) network.CreateOptions {
	return network.CreateOptions{
		Driver: "bridge",
		Options: map[string]string{
			"com.docker.network.bridge.name":       bridge,
			"com.docker.network.bridge.enable_icc": "false",
		},
		Labels: l.owner.labels("network", map[string]string{labelBridge: bridge}),
	}
}

// restoreNetwork makes our network again as it was, addresses included, on which we listen.
func (l *Launcher) restoreNetwork(ctx context.Context) error {
	if l.reach.ownSubnet == "" {
		return errors.New("the functions' network is not one of postern's own")
	}
	_, err, _ := l.images.Do("network", func() (any, error) {
		options := l.ownNetwork("pt-" + l.short)
		options.IPAM = &network.IPAM{Config: []network.IPAMConfig{{Subnet: l.reach.ownSubnet, Gateway: l.reach.gateway}}}
		_, err := l.cli.NetworkCreate(ctx, l.reach.network, options)
		if cerrdefs.IsConflict(err) {
			return nil, nil // another start was faster
		}
		if err == nil {
			l.options.Logger.Warn("somebody removed the functions' network: it is made again")
		}
		return nil, err
	})
	return err
}

// networkGone tells that a container could not be started for want of its network.
func networkGone(err error) bool {
	return cerrdefs.IsNotFound(err) && strings.Contains(err.Error(), "network ")
}

func existingGateway(ctx context.Context, cli *client.Client, name string) (string, error) {
	n, err := cli.NetworkInspect(ctx, name, network.InspectOptions{})
	if err != nil {
		return "", fmt.Errorf("network for functions: %w", err)
	}
	return gatewayOf(n), nil
}

func gatewayOf(n network.Inspect) string {
	for _, c := range n.IPAM.Config {
		if ip := net.ParseIP(c.Gateway); ip != nil && ip.To4() != nil {
			return c.Gateway
		}
	}
	return ""
}

// bindable holds if the address is one of this machine's.
func bindable(ip string) bool {
	if ip == "" {
		return false
	}
	ln, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		return false
	}
	ln.Close()
	return true
}

// localAddress is the address of ours from which a host is reached. UDP: nothing is sent.
func localAddress(host string) (string, error) {
	conn, err := net.Dial("udp", net.JoinHostPort(host, "9"))
	if err != nil {
		return "", fmt.Errorf("find the address toward the engine at %s: %w", host, err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).IP.String(), nil
}
