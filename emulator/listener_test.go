package emulator_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/emulator"
)

func TestOnePortSpeaksEveryKindOfHTTP(t *testing.T) {
	dir := t.TempDir()
	s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
	pem, err := os.ReadFile(filepath.Join(dir, "ca", "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	for _, c := range []struct {
		name, scheme, host, proto string
		protocols                 func(*http.Protocols)
	}{
		{"HTTP/1.1", "http", "localhost", "HTTP/1.1", func(p *http.Protocols) { p.SetHTTP1(true) }},
		{"HTTP/2 without TLS", "http", "localhost", "HTTP/2.0", func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }},
		{"HTTP/1.1 over TLS", "https", "localhost", "HTTP/1.1", func(p *http.Protocols) { p.SetHTTP1(true) }},
		{"HTTP/2 over TLS", "https", "localhost", "HTTP/2.0", func(p *http.Protocols) { p.SetHTTP2(true) }},
		{"TLS with the name of an API", "https", "abc1234567.execute-api.us-east-1.amazonaws.com", "HTTP/1.1", func(p *http.Protocols) { p.SetHTTP1(true) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			transport := &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: pool}, Protocols: new(http.Protocols),
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
					return (&net.Dialer{}).DialContext(ctx, "tcp", s.addr)
				},
			}
			c.protocols(transport.Protocols)
			defer transport.CloseIdleConnections()
			res, err := (&http.Client{Transport: transport}).Get(c.scheme + "://" + c.host + "/_postern/health")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != 200 || res.Proto != c.proto {
				t.Errorf("%s %s, want 200 by %s", res.Status, res.Proto, c.proto)
			}
		})
	}
}

func TestTheCAIsKeptBetweenStarts(t *testing.T) {
	dir := t.TempDir()
	var first string
	for range 2 {
		e, err := emulator.Open(t.Context(), emulator.Config{DataDir: dir, Lambda: processes(t)})
		if err != nil {
			t.Fatal(err)
		}
		path := e.Health().CAPath
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		pem, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if first != "" && string(pem) != first {
			t.Error("another CA after a restart")
		}
		first = string(pem)
	}
}

// A client that connects and says nothing must not keep the server from stopping,
// nor others from being served.
func TestASilentConnectionHoldsNothingUp(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	silent, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if status, _ := get(t, s.url("/_postern/health")); status != 200 {
		t.Errorf("health: %d", status)
	}
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(8 * time.Second):
		t.Fatal("Close waits for a silent client")
	}
}

func TestWhatIsNotHTTPIsRefused(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	for _, garbage := range []string{"\x00\x01\x02\r\n\r\n", "\x16\x03\x01nonsense that is no ClientHello", "GET\r\n\r\n", strings.Repeat("x", 1<<17)} {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(c, garbage)
		c.(*net.TCPConn).CloseWrite()
		answer, err := io.ReadAll(bufio.NewReader(c))
		if ne, ok := err.(net.Error); ok && ne.Timeout() {
			t.Errorf("%.20q: the connection hangs", garbage)
		}
		if strings.HasPrefix(string(answer), "HTTP/1.1 2") {
			t.Errorf("%.20q: answered %.40q", garbage, answer)
		}
		c.Close()
	}
	if status, _ := get(t, s.url("/_postern/health")); status != 200 {
		t.Errorf("health afterwards: %d", status)
	}
}
