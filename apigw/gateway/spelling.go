package gateway

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"

	"postern/apigw/domain"
)

// maxSpelling is how much of a request's head is looked at for its spelling.
const maxSpelling = 64 << 10

// A SpellingConn remembers how a client spells the names of its headers: API Gateway shows
// them to functions so, and net/http makes them all alike. It is for HTTP/1 without TLS, whose bytes
// pass through it; names of HTTP/2 are in lower case, those of HTTP/1 over TLS are
// shown in canonical form.
type SpellingConn struct {
	net.Conn

	// mu guards the rest: a server reads ahead while a request is served.
	mu    sync.Mutex
	head  []byte            // of the request that is being read or served
	whole bool              // head has its end
	names map[string]string // spelled other than canonically; nil until someone asks
}

// Read reads from the client.
func (c *SpellingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 && !c.whole {
		seen := max(0, len(c.head)-3)
		c.head = append(c.head, b[:n]...)
		c.whole = bytes.Contains(c.head[seen:], []byte("\r\n\r\n")) || len(c.head) > maxSpelling
	}
	return n, err
}

// spelled is an apigw.Request's spelling of header names.
func (c *SpellingConn) spelled(canonical string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.names == nil {
		c.names = map[string]string{}
		head, _, _ := bytes.Cut(c.head, []byte("\r\n\r\n"))
		for line := range bytes.Lines(head) {
			if name, _, ok := bytes.Cut(line, []byte(":")); ok {
				spelled := string(name)
				c.names[http.CanonicalHeaderKey(spelled)] = spelled
			}
		}
	}
	return c.names[canonical]
}

// Bare is the connection without what is remembered, for who takes it over from the server.
func (c *SpellingConn) Bare() net.Conn {
	c.forget()
	return c.Conn
}

func (c *SpellingConn) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.head, c.whole, c.names = c.head[:0], false, nil
}

type connKey struct{}

// KeepSpelling makes a server hand on what the SpellingConns among its connections know.
func KeepSpelling(s *http.Server) {
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if c, ok := c.(*SpellingConn); ok {
			return context.WithValue(ctx, connKey{}, c)
		}
		return ctx
	}
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if c, ok := c.(*SpellingConn); ok && state == http.StateIdle {
			c.forget()
		}
	}
}

// spelling is how the client of r, which called d, spells header names; nil if nobody knows.
func spelling(r *http.Request, d *domain.Domain) func(canonical string) string {
	if r.ProtoMajor >= 2 || d != nil && d.MultiLevel() {
		return strings.ToLower
	}
	if c, ok := r.Context().Value(connKey{}).(*SpellingConn); ok {
		return c.spelled
	}
	return nil
}
