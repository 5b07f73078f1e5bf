package gateway

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type spellingListener struct{ net.Listener }

func (l spellingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &SpellingConn{Conn: c}, err
}

func TestHeaderNamesKeepTheClientsSpelling(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		spelled := spelling(r, nil)
		io.WriteString(w, spelled("X-Test-Header")+","+spelled("Origin")+","+spelled("X-Absent"))
	}))
	s.Listener = spellingListener{s.Listener}
	KeepSpelling(s.Config)
	s.Start()
	defer s.Close()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	answers := bufio.NewReader(c)
	large := strings.Repeat("x: y\r\n\r\n", 10000)
	for _, q := range []struct{ request, want string }{
		{"GET / HTTP/1.1\r\nHost: a\r\nx-tEsT-HEADeR: 1\r\norigin: b\r\n\r\n", "x-tEsT-HEADeR,origin,"},
		{"GET / HTTP/1.1\r\nHost: a\r\nX-Test-Header: x-absent:\r\n\r\n", "X-Test-Header,,"},
		{"POST / HTTP/1.1\r\nHost: a\r\nx-test-header: 1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\norigin: c\r\n0\r\n\r\n", "x-test-header,,"},
		{"POST / HTTP/1.1\r\nHost: a\r\nORIGIN: 1\r\nContent-Length: 80000\r\n\r\n" + large, ",ORIGIN,"},
		{"GET / HTTP/1.1\r\nhost: a\r\nX-TEST-HEADER: 1\r\n\r\n", "X-TEST-HEADER,,"},
	} {
		if _, err := io.WriteString(c, q.request); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || string(got) != q.want {
			t.Errorf("%.60q: got %s, %v, want %s", q.request, got, err, q.want)
		}
	}
}

func TestNothingIsKnownOfOtherConnections(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	if spelling(r, nil) != nil {
		t.Error("spelling of a plain request")
	}
	r.ProtoMajor = 2
	if got := spelling(r, nil)("X-Test-Header"); got != "x-test-header" {
		t.Errorf("HTTP/2: %s", got)
	}
}
