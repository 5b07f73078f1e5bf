package emulator

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"postern/apigw/gateway"
)

// sniffTimeout is how long a new connection may stay silent before it is closed.
const sniffTimeout = 30 * time.Second

// tlsRecordHandshake is the first byte of every TLS connection; no HTTP request
// starts with it.
const tlsRecordHandshake = 0x16

// A sniffListener serves TLS and plain HTTP on one port: it looks at the first
// byte of each connection and returns a *tls.Conn or a plain one.
type sniffListener struct {
	net.Listener
	config *tls.Config

	ready  chan net.Conn
	failed chan error
	done   chan struct{}
	closer sync.Once
	active sync.WaitGroup

	// mu guards silent, the connections whose first byte has not come yet.
	mu     sync.Mutex
	silent map[net.Conn]struct{}
}

func newSniffListener(l net.Listener, config *tls.Config) *sniffListener {
	s := &sniffListener{
		Listener: l, config: config,
		ready: make(chan net.Conn), failed: make(chan error, 1), done: make(chan struct{}),
		silent: map[net.Conn]struct{}{},
	}
	s.active.Add(1)
	go s.acceptLoop()
	return s
}

// Accept returns the next connection that has sent its first byte.
func (s *sniffListener) Accept() (net.Conn, error) {
	select {
	case c := <-s.ready:
		return c, nil
	case err := <-s.failed:
		s.failed <- err // for the next caller
		return nil, err
	case <-s.done:
		return nil, net.ErrClosed
	}
}

// Close stops listening and closes connections that have not spoken yet.
func (s *sniffListener) Close() error {
	err := error(nil)
	s.closer.Do(func() {
		close(s.done)
		err = s.Listener.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		for c := range s.silent {
			c.Close()
		}
	})
	s.active.Wait()
	return err
}

func (s *sniffListener) acceptLoop() {
	defer s.active.Done()
	for {
		c, err := s.Listener.Accept()
		if err != nil {
			if transient(err) {
				time.Sleep(20 * time.Millisecond) // out of file descriptors: let some go
				continue
			}
			s.failed <- err
			return
		}
		s.active.Add(1)
		go s.sniff(c)
	}
}

// transient tells an Accept error that passes, such as too many open files.
func transient(err error) bool {
	var ne net.Error
	return !errors.Is(err, net.ErrClosed) && errors.As(err, &ne)
}

func (s *sniffListener) sniff(c net.Conn) {
	defer s.active.Done()
	p := &peekedConn{Conn: c}
	if err := s.peek(p); err != nil {
		c.Close()
		return
	}
	conn := net.Conn(&gateway.SpellingConn{Conn: p})
	if p.first[0] == tlsRecordHandshake {
		conn = tls.Server(p, s.config)
	}
	select {
	case s.ready <- conn:
	case <-s.done:
		c.Close()
	}
}

func (s *sniffListener) peek(p *peekedConn) error {
	s.mu.Lock()
	s.silent[p.Conn] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.silent, p.Conn)
		s.mu.Unlock()
	}()
	p.Conn.SetReadDeadline(time.Now().Add(sniffTimeout))
	if _, err := p.Conn.Read(p.first[:]); err != nil {
		return err
	}
	p.unread = true
	return p.Conn.SetReadDeadline(time.Time{})
}

// A peekedConn gives back the first byte that was read to look at it.
type peekedConn struct {
	net.Conn
	first  [1]byte
	unread bool
}

func (c *peekedConn) Read(b []byte) (int, error) {
	if c.unread && len(b) > 0 {
		c.unread = false
		b[0] = c.first[0]
		return 1, nil
	}
	return c.Conn.Read(b)
}

// Bare is the connection itself, once its first byte was read.
func (c *peekedConn) Bare() net.Conn { return c.Conn }
