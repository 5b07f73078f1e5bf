package emulator

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"postern/apigw/gateway"
)

// Limits of the HTTP server. There is none on writing a response: a function may
// take 15 minutes to give one.
const (
	headerTimeout = 30 * time.Second
	idleTimeout   = 5 * time.Minute
	maxHeader     = 64 << 10
	drainTimeout  = 10 * time.Second // that running requests get at Close
	socketTimeout = 5 * time.Second  // that messages of WebSockets get then
)

// A serverSet is the HTTP servers that Serve started.
type serverSet struct {
	// mu guards all fields.
	mu     sync.Mutex
	all    []*http.Server
	closed bool
}

// Handler answers everything Postern serves.
func (e *Emulator) Handler() http.Handler { return e.handler }

// Serve answers HTTP/1.1, HTTP/2 (with and without TLS) and TLS on l until the
// Emulator is closed, then returns nil. It may run on several listeners.
func (e *Emulator) Serve(l net.Listener) error {
	srv := &http.Server{
		Handler:           e.handler,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(e.config.Logger.Handler(), slog.LevelDebug), // TLS probes and resets
		Protocols:         new(http.Protocols),
	}
	gateway.KeepSpelling(srv)
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetHTTP2(true)
	srv.Protocols.SetUnencryptedHTTP2(true)
	if !e.servers.add(srv) {
		return l.Close() // closed before it began
	}
	err := srv.Serve(newSniffListener(l, e.tlsConfig()))
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

var protocols = []string{"h2", "http/1.1"}

// tlsConfig serves any name with the user's certificate or one of the local CA, and custom
// domain names as they say.
func (e *Emulator) tlsConfig() *tls.Config {
	return &tls.Config{
		NextProtos: protocols,
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if d := e.domains.Lookup(hello.ServerName); d != nil {
				return d.TLS, nil // nil: this one
			}
			return nil, nil
		},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if e.cert != nil {
				return e.cert, nil
			}
			return e.ca.certificate(hello.ServerName, e.config.Now())
		},
	}
}

func (s *serverSet) add(srv *http.Server) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.all = append(s.all, srv)
	return true
}

// close lets running requests finish for a while, then ends them.
func (s *serverSet) close() {
	s.mu.Lock()
	s.closed = true
	all := s.all
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	var wg sync.WaitGroup
	for _, srv := range all {
		wg.Go(func() {
			if srv.Shutdown(ctx) != nil {
				srv.Close()
			}
		})
	}
	wg.Wait()
}
