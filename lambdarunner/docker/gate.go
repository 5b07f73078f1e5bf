package docker

import (
	"net"
	"net/netip"
	"sync"
)

// A gate is a listener for one container: whoever else connects is turned away. The
// address of a container is known only once it has started, and its runtime connects at
// once, so until then connections wait.
type gate struct {
	net.Listener
	decided chan struct{} // closed by admit
	only    netip.Addr    // valid after decided; the zero Addr admits everyone
	closed  chan struct{}
	once    sync.Once
}

func newGate(ln net.Listener) *gate {
	return &gate{Listener: ln, decided: make(chan struct{}), closed: make(chan struct{})}
}

// admit lets connections from one address in, from everywhere if it is the zero Addr. It
// is called once.
func (g *gate) admit(only netip.Addr) {
	g.only = only.Unmap()
	close(g.decided)
}

func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case <-g.decided:
		case <-g.closed:
			conn.Close()
			return nil, net.ErrClosed
		}
		if g.admits(conn.RemoteAddr()) {
			return conn, nil
		}
		conn.Close()
	}
}

func (g *gate) admits(remote net.Addr) bool {
	if !g.only.IsValid() {
		return true
	}
	tcp, ok := remote.(*net.TCPAddr)
	return ok && tcp.AddrPort().Addr().Unmap() == g.only
}

func (g *gate) Close() error {
	g.once.Do(func() { close(g.closed) })
	return g.Listener.Close()
}

func (g *gate) port() int { return g.Addr().(*net.TCPAddr).Port }
