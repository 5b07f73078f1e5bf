package docker

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// A firewall lets containers on one bridge reach chosen TCP ports of this machine and
// nothing else on it. The engine's API has no means for that (a bridge's traffic to the
// host itself passes no chain of Docker's), so it is iptables, and only where we run as
// root beside the engine; elsewhere a container reaches whatever listens on all
// addresses, and the start-up log says so.
type firewall struct {
	bridge string
	chain  string
}

// openFirewall closes this machine to the bridge.
func openFirewall(bridge string) (*firewall, error) {
	f := &firewall{bridge: bridge, chain: chainOf(bridge)}
	if err := iptables("-N", f.chain); err != nil {
		return nil, err
	}
	// Answers to what this machine asked a container come back through INPUT too.
	err := errors.Join(
		iptables("-A", f.chain, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "RETURN"),
		iptables("-A", f.chain, "-j", "REJECT"),
		iptables("-I", "INPUT", "-i", bridge, "-j", f.chain),
	)
	if err != nil {
		closeFirewall(bridge)
		return nil, err
	}
	return f, nil
}

// allow opens a TCP port of one address of this machine; f may be nil.
func (f *firewall) allow(ip string, port int) error {
	if f == nil {
		return nil
	}
	return iptables(append([]string{"-I", f.chain}, portRule(ip, port)...)...)
}

// forbid takes an allow back.
func (f *firewall) forbid(ip string, port int) error {
	if f == nil {
		return nil
	}
	return iptables(append([]string{"-D", f.chain}, portRule(ip, port)...)...)
}

func portRule(ip string, port int) []string {
	return []string{"-d", ip, "-p", "tcp", "--dport", strconv.Itoa(port), "-j", "RETURN"}
}

// closeFirewall removes the rules for a bridge, if there are any.
func closeFirewall(bridge string) {
	if bridge == "" {
		return
	}
	chain := chainOf(bridge)
	if iptables("-D", "INPUT", "-i", bridge, "-j", chain) == nil {
		_ = iptables("-F", chain) // what is left is an empty chain that nothing names
		_ = iptables("-X", chain)
	}
}

func chainOf(bridge string) string { return "POSTERN-" + bridge }

// iptables waits up to 5 seconds for the lock that dockerd takes as well.
func iptables(args ...string) error {
	out, err := exec.Command("iptables", append([]string{"-w", "5"}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("iptables %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
