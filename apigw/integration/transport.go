package integration

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"

	"postern/apigw"
)

const (
	maxBody        = 10 << 20 // API Gateway's limit for payloads in both directions
	maxIdle        = 512      // connections to one backend
	idleTTL        = 60 * time.Second
	connectTimeout = 30 * time.Second
)

// A Transport calls HTTP backends for all integrations of a process and keeps its
// connections for the next call. Like API Gateway it speaks HTTP/1.1, follows no redirect
// and leaves the encoding of bodies alone.
//
// It leaves backends behind a proxy to net/http. Others it calls itself: net/http keeps two
// goroutines for each connection, here the goroutine of the call writes and reads.
type Transport struct {
	dialer  net.Dialer
	tls     *tls.Config
	proxy   func(*url.URL) (*url.URL, error) // of the environment; nil for none at all
	proxied http.Transport

	// mu guards the rest.
	mu    sync.Mutex
	idle  map[origin][]*connection // the last used at the end
	sweep *time.Timer              // closes what stays idle; nil while nothing is
}

// An origin is where a connection leads, and how.
type origin struct {
	address string // host:port
	secure  bool
	// Of secure ones:
	name        string // that the backend's certificate must have
	anyIssuer   bool   // of the backend's certificate
	certificate *tls.Certificate
}

func originOf(out *outgoing) origin {
	at := out.url
	if out.via != nil {
		at = out.via
	}
	o := origin{address: at.Host, secure: at.Scheme == "https"}
	if at.Port() == "" {
		port := "80"
		if o.secure {
			port = "443"
		}
		o.address = net.JoinHostPort(at.Hostname(), port)
	}
	if o.secure {
		o.name, o.anyIssuer, o.certificate = out.url.Hostname(), out.anyIssuer, out.certificate
	}
	return o
}

// NewTransport returns a Transport without connections.
func NewTransport() *Transport {
	t := &Transport{
		dialer: net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second},
		tls:    &tls.Config{NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12},
		idle:   map[origin][]*connection{},
	}
	if env := httpproxy.FromEnvironment(); env.HTTPProxy != "" || env.HTTPSProxy != "" {
		t.proxy = env.ProxyFunc()
		t.proxied.Proxy = func(r *http.Request) (*url.URL, error) { return t.proxy(r.URL) }
		t.proxied.DisableCompression = true
		t.proxied.IdleConnTimeout = idleTTL
	}
	return t
}

// call sends a request and reads the answer until the deadline. A request that may be
// repeated is, if a connection turns out to have been closed by the backend while it was idle.
func (t *Transport) call(ctx context.Context, deadline time.Time, out *outgoing, in *apigw.EndpointResponse) error {
	if t.isProxied(out) {
		return roundTrip(ctx, deadline, t.proxiedFor(out), out, in)
	}
	return t.attempt(ctx, deadline, out, func(to origin, c *connection) error {
		reusable, err := c.exchange(ctx, deadline, out, in)
		t.done(to, c, reusable)
		return err
	})
}

// isProxied tells backends that are reached through a proxy; none is behind a VPC link.
func (t *Transport) isProxied(out *outgoing) bool {
	if t.proxy == nil || out.via != nil {
		return false
	}
	via, err := t.proxy(out.url)
	return via != nil || err != nil
}

// proxiedFor is what calls backends behind a proxy. One with TLS settings of its own gets connections
// of its own.
func (t *Transport) proxiedFor(out *outgoing) *http.Transport {
	to := originOf(out)
	if !to.anyIssuer && to.certificate == nil {
		return &t.proxied
	}
	own := t.proxied.Clone()
	own.TLSClientConfig, own.DisableKeepAlives = t.tlsConfig(to), true
	return own
}

// attempt uses a connection, and another one if the backend had closed the first while it was
// idle and the request may be repeated.
func (t *Transport) attempt(ctx context.Context, deadline time.Time, out *outgoing, use func(origin, *connection) error) error {
	to := originOf(out)
	for {
		c, err := t.connect(ctx, deadline, to)
		if err != nil {
			return err
		}
		err = use(to, c)
		if err == nil || !(c.used && c.silent && out.repeatable()) || ctx.Err() != nil {
			return err
		}
	}
}

// done takes a connection back.
func (t *Transport) done(to origin, c *connection, reusable bool) {
	if reusable {
		t.keep(to, c)
	} else {
		c.Close()
	}
}

// connect returns an idle connection or a new one.
func (t *Transport) connect(ctx context.Context, deadline time.Time, to origin) (*connection, error) {
	for c := t.take(to); c != nil; c = t.take(to) {
		if c.alive() {
			return c, nil
		}
		c.Close()
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	conn, err := t.dialer.DialContext(ctx, "tcp", to.address)
	if err != nil {
		return nil, err
	}
	if !to.secure {
		return newConnection(conn, conn), nil
	}
	secured := tls.Client(conn, t.tlsConfig(to))
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return newConnection(secured, conn), nil
}

// tlsConfig leaves only the issuer unchecked where any will do, as insecureSkipVerification does:
// the certificate must still be valid now and for the host.
func (t *Transport) tlsConfig(to origin) *tls.Config {
	config := t.tls.Clone()
	config.ServerName = to.name
	if to.certificate != nil {
		// Shown whoever the backend says it trusts: the certificate is its own issuer.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return to.certificate, nil }
	}
	if to.anyIssuer {
		config.InsecureSkipVerify = true
		config.VerifyConnection = func(s tls.ConnectionState) error {
			leaf := s.PeerCertificates[0]
			if now := time.Now(); now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
				return x509.CertificateInvalidError{Cert: leaf, Reason: x509.Expired}
			}
			return leaf.VerifyHostname(config.ServerName)
		}
	}
	return config
}

// take returns the idle connection that was used last, nil for none.
func (t *Transport) take(to origin) *connection {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.idle[to]
	if len(all) == 0 {
		return nil
	}
	c := all[len(all)-1]
	all[len(all)-1] = nil
	t.idle[to] = all[:len(all)-1]
	return c
}

// keep makes a connection idle.
func (t *Transport) keep(to origin, c *connection) {
	c.used, c.idleSince = true, time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.idle[to]) >= maxIdle {
		c.Close()
		return
	}
	t.idle[to] = append(t.idle[to], c)
	if t.sweep == nil {
		t.sweep = time.AfterFunc(idleTTL, t.closeOld)
	}
}

// closeOld closes what has been idle for long, and comes again while anything is left.
func (t *Transport) closeOld() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sweep == nil {
		return // closed meanwhile
	}
	oldest := time.Now().Add(-idleTTL)
	for to, all := range t.idle {
		fresh := slices.IndexFunc(all, func(c *connection) bool { return c.idleSince.After(oldest) })
		if fresh < 0 {
			fresh = len(all)
		}
		for _, c := range all[:fresh] {
			c.Close()
		}
		if t.idle[to] = slices.Clone(all[fresh:]); len(t.idle[to]) == 0 {
			delete(t.idle, to)
		}
	}
	t.sweep = nil
	if len(t.idle) > 0 {
		t.sweep = time.AfterFunc(idleTTL, t.closeOld)
	}
}

// CloseIdleConnections closes what no call uses. The Transport stays usable.
func (t *Transport) CloseIdleConnections() {
	t.proxied.CloseIdleConnections()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, all := range t.idle {
		for _, c := range all {
			c.Close()
		}
	}
	clear(t.idle)
	if t.sweep != nil {
		t.sweep.Stop()
		t.sweep = nil
	}
}
