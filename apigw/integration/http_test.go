package integration_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/integration"
)

// received is what a backend got.
type received struct {
	Method, URI, Host, Body string
	Header                  http.Header
}

// backend is an HTTP server that remembers the last request and answers with f, if there is one.
func backend(t testing.TB, f http.HandlerFunc) (url string, got *received) {
	got = &received{}
	var mu sync.Mutex // a call that timed out may arrive together with the next
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		*got = received{r.Method, r.RequestURI, r.Host, string(body), r.Header}
		mu.Unlock()
		if f != nil {
			f(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func httpOf(t testing.TB) *integration.HTTP {
	transport := integration.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return &integration.HTTP{Transport: transport, Timeout: time.Minute, APIID: "abcdef1234"}
}

// to names the backend and what was mapped for it.
func to(uri string, change ...func(*apigw.EndpointRequest)) func(*apigw.Exchange) {
	return func(x *apigw.Exchange) {
		x.Endpoint.Request.URI = uri
		for _, c := range change {
			c(&x.Endpoint.Request)
		}
	}
}

func mapping(namesAndValues ...string) func(*apigw.EndpointRequest) {
	return func(r *apigw.EndpointRequest) {
		for i := 0; i < len(namesAndValues); i += 2 {
			r.Header.Add(namesAndValues[i], namesAndValues[i+1])
		}
	}
}

func TestHTTPCallSendsOnlyWhatWasMapped(t *testing.T) {
	url, got := backend(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Back", "1")
		w.WriteHeader(404)
		io.WriteString(w, "gone")
	})
	x := call(sending("X-Client", "1", "User-Agent", "curl/8"), to(url+"/base?u=1", func(r *apigw.EndpointRequest) {
		r.Verb, r.Body = "POST", []byte("hello")
		r.Query.Add("q", "a b&c")
	}))
	x.Request.RawQuery = "client=1"
	if err := httpOf(t).Call(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	want := received{"POST", "/base?u=1&q=a+b%26c", strings.TrimPrefix(url, "http://"), "hello", http.Header{
		"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": {"AmazonAPIGateway_abcdef1234"},
		"X-Amzn-Apigateway-Api-Id": {"abcdef1234"}, "X-Amzn-Trace-Id": {"Root=1-2-3"}, "Content-Length": {"5"},
	}}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Error(diff)
	}
	in := x.Endpoint.Response
	if in.Status != 404 || string(in.Body) != "gone" || in.Header.Get("x-back") != "1" || in.Selector == nil || *in.Selector != "404" || !x.Response.Traced {
		t.Errorf("got %+v", in)
	}
}

func TestHTTPProxySendsTheClientsRequest(t *testing.T) {
	url, got := backend(t, nil)
	x := call(sending("X-Client", "1", "X-Client", "2", "Via", "1.1 x", "Content-Encoding", "gzip", "Te", "x", "Accept-Encoding", "br", "X-Forwarded-For", "10.0.0.1"), to(url+"/base"))
	x.Request.RawQuery = "b=2&a=%20+&b=1"
	if err := httpOf(t).Proxy(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	want := received{"GET", "/base?b=2&a=%20+&b=1", strings.TrimPrefix(url, "http://"), "", http.Header{
		"X-Client": {"1", "2"}, "Accept-Encoding": {"br"}, "X-Amzn-Trace-Id": {"Root=1-2-3"}, "X-Amzn-Apigateway-Api-Id": {"abcdef1234"},
		"X-Forwarded-For": {"10.0.0.1, 127.0.0.1"}, "X-Forwarded-Port": {"4566"}, "X-Forwarded-Proto": {"http"},
	}}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Error(diff)
	}
	if x.Response.Status != 200 || x.Response.Traced {
		t.Errorf("got %+v", x.Response)
	}
}

func TestQueriesOfHTTPProxy(t *testing.T) {
	cases := []struct {
		name, uri string
		mapped    []string
		client    string
		want      string
	}{
		{"none", "/a", nil, "", "/a"},
		{"the client's", "/a", nil, "x=1&x=2&y", "/a?x=1&x=2&y"},
		{"the URI's comes before the client's", "/a?testVar=foobar", nil, "testVar=bar", "/a?testVar=foobar&testVar=bar"},
		{"a mapped one replaces the client's and follows the URI's", "/a?testQs=bar", []string{"testQs", "foo"}, "testQs=foo&other=1", "/a?testQs=bar&testQs=foo&other=1"},
		{"a mapped one with two values", "/a", []string{"q", "1", "q", "ü&"}, "", "/a?q=1&q=%C3%BC%26"},
		{"a semicolon separates", "/a", nil, "x=1;y=2", "/a?x=1&y=2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			url, got := backend(t, nil)
			x := call(to(url+c.uri, func(r *apigw.EndpointRequest) {
				for i := 0; i < len(c.mapped); i += 2 {
					r.Query.Add(c.mapped[i], c.mapped[i+1])
				}
			}))
			x.Request.RawQuery = c.client
			if err := httpOf(t).Proxy(t.Context(), x); err != nil {
				t.Fatal(err)
			}
			if got.URI != c.want {
				t.Errorf("got %s, want %s", got.URI, c.want)
			}
		})
	}
}

func TestVerbsOfHTTPIntegrations(t *testing.T) {
	url, got := backend(t, nil)
	for _, c := range []struct{ client, integration, want string }{
		{"PUT", "", "PUT"}, {"PUT", "ANY", "PUT"}, {"PUT", "DELETE", "DELETE"}, {"HEAD", "ANY", "HEAD"}, {"PATCH", "PATCH", "PATCH"},
	} {
		x := call(to(url, func(r *apigw.EndpointRequest) { r.Verb = c.integration }))
		x.Request.Verb = c.client
		if err := httpOf(t).Proxy(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		if got.Method != c.want || got.URI != "/" {
			t.Errorf("%+v: got %s %s", c, got.Method, got.URI)
		}
	}
}

func TestMappedHeaders(t *testing.T) {
	url, got := backend(t, nil)
	h := httpOf(t)
	for name, serve := range map[string]func(context.Context, *apigw.Exchange) error{"HTTP": h.Call, "HTTP_PROXY": h.Proxy} {
		t.Run(name, func(t *testing.T) {
			mapped := mapping("x-cLIENT", "mapped", "x-client", "twice", "HOST", "other.example", "Authorization", "me", "user-agent", "ua",
				"Server", "s", "Date", "d", "Accept", "text/plain", "Connection", "close", "Expect", "x", "Proxy-Authenticate", "x", "TE", "x", "Via", "x")
			if err := serve(t.Context(), call(sending("X-Client", "1"), to(url, mapped))); err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]string{
				"X-Client": "mapped,twice", "Authorization": "me", "User-Agent": "ua", "Server": "s", "Date": "d", "Accept": "text/plain",
				"Connection": "", "Expect": "", "Proxy-Authenticate": "", "Te": "", "Via": "",
			} {
				if v := strings.Join(got.Header[name], ","); v != want {
					t.Errorf("%s is %q, want %q", name, v, want)
				}
			}
			if got.Host != "other.example" {
				t.Errorf("host %s", got.Host)
			}
			for _, forbidden := range []string{"Content-Length", "transfer-encoding"} {
				x := call(to(url, mapping(forbidden, "1")))
				if r := rejectionOf(t, serve(t.Context(), x)); r.Type != apigw.APIConfigurationError || x.Response.Traced {
					t.Errorf("%s: %v, traced %v", forbidden, r, x.Response.Traced)
				}
			}
		})
	}
}

func TestHTTPProxyAnswers(t *testing.T) {
	large := strings.Repeat("x", 1<<20)
	cases := []struct {
		name   string
		f      http.HandlerFunc
		status int
		header []string // sorted
		body   string
	}{
		{"headers are renamed", func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h["Date"] = []string{"today"}
			for _, name := range []string{"Server", "Www-Authenticate", "X-Amzn-Requestid", "X-Mine", "Content-Encoding", "Via", "X-Amzn-Trace-Id"} {
				h.Set(name, "1")
			}
			h.Set("Content-Type", "text/x")
			w.WriteHeader(201)
			io.WriteString(w, "hi")
		}, 201, []string{
			"Content-Encoding: 1", "Content-Type: text/x", "Via: 1", "X-Amzn-Trace-Id: 1", "X-Mine: 1", "x-amzn-Remapped-Content-Length: 2",
			"x-amzn-Remapped-Date: today", "x-amzn-Remapped-Server: 1", "x-amzn-Remapped-Www-Authenticate: 1", "x-amzn-Remapped-X-Amzn-Requestid: 1",
		}, "hi"},
		{"several values", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"] = nil
			w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
			w.WriteHeader(204)
		}, 204, []string{"Set-Cookie: a=1", "Set-Cookie: b=2"}, ""},
		{"a redirect is an answer", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"] = nil
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(302)
		}, 302, []string{"Location: /elsewhere", "x-amzn-Remapped-Content-Length: 0"}, ""},
		{"chunks", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
			io.WriteString(w, large[:10])
			w.(http.Flusher).Flush()
			io.WriteString(w, large)
		}, 200, nil, large[:10] + large},
		{"informational answers are skipped", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</x>")
			w.WriteHeader(103)
			w.Header().Del("Link")
			w.Header()["Date"] = nil
			w.WriteHeader(500)
		}, 500, []string{"x-amzn-Remapped-Content-Length: 0"}, ""},
		{"a compressed body stays as it is", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, "not really")
		}, 200, []string{"Content-Encoding: gzip", "x-amzn-Remapped-Content-Length: 10"}, "not really"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			url, _ := backend(t, c.f)
			x := call(to(url))
			if err := httpOf(t).Proxy(t.Context(), x); err != nil {
				t.Fatal(err, rejectionOf(t, err).Err)
			}
			var header []string
			for _, f := range x.Response.Header {
				header = append(header, f.Name+": "+f.Value)
			}
			slices.Sort(header)
			if diff := cmp.Diff(c.header, header); diff != "" {
				t.Error(diff)
			}
			if x.Response.Status != c.status || string(x.Response.Body) != c.body {
				t.Errorf("got %d and %d bytes", x.Response.Status, len(x.Response.Body))
			}
		})
	}
}

func TestBackendsThatCannotAnswer(t *testing.T) {
	hung := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	halfway := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	cut := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "x")
		panic(http.ErrAbortHandler)
	}
	huge := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10485761")
	}
	hugeChunks := func(w http.ResponseWriter, r *http.Request) {
		for range 11 {
			w.Write(make([]byte, 1<<20))
		}
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	cases := []struct {
		name string
		uri  string // or
		f    http.HandlerFunc
		kind string
	}{
		{"silent", "", hung, apigw.IntegrationTimeout},
		{"silent in its body", "", halfway, apigw.IntegrationTimeout},
		{"cut off", "", cut, apigw.IntegrationFailure},
		{"too large", "", huge, apigw.APIConfigurationError},
		{"too large in chunks", "", hugeChunks, apigw.APIConfigurationError},
		{"not listening", closed.URL, nil, apigw.IntegrationFailure},
		{"no such host", "http://no-such-host.invalid/", nil, apigw.IntegrationFailure},
		{"no TLS", "https://" + closed.Listener.Addr().String(), nil, apigw.IntegrationFailure},
		{"no host", "http:///path", nil, apigw.APIConfigurationError},
		{"no scheme", "example.com/path", nil, apigw.APIConfigurationError},
		{"a hole in the host", "http://{host}/path", nil, apigw.APIConfigurationError},
		{"not a URI", "http://a b/", nil, apigw.APIConfigurationError},
		{"another scheme", "ftp://example.com/", nil, apigw.APIConfigurationError},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			uri := c.uri
			if c.f != nil {
				uri, _ = backend(t, c.f)
			}
			h := httpOf(t)
			if c.kind == apigw.IntegrationTimeout {
				h.Timeout = 50 * time.Millisecond
			}
			for name, serve := range map[string]func(context.Context, *apigw.Exchange) error{"HTTP": h.Call, "HTTP_PROXY": h.Proxy} {
				if r := rejectionOf(t, serve(t.Context(), call(to(uri)))); r.Type != c.kind {
					t.Errorf("%s: got %v", name, r)
				}
			}
		})
	}
}

func TestAClientThatLeavesEndsTheCall(t *testing.T) {
	arrived, left := make(chan struct{}), make(chan struct{})
	url, _ := backend(t, func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(left)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if err := httpOf(t).Proxy(ctx, call(to(url))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-left
}

// raw is a backend that speaks for itself: f serves one connection. At its end it waits for them,
// so that the transport has to be made after it.
func raw(t *testing.T, f func(net.Conn)) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				f(c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	return "http://" + l.Addr().String()
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// readRequest reads a request that comes in one piece; false at the end.
func readRequest(c net.Conn) bool {
	_, err := c.Read(make([]byte, 4096))
	return err == nil
}

func posting(x *apigw.Exchange) {
	x.Request.Verb, x.Endpoint.Request.Body = "POST", []byte("body")
}

func TestClosedIdleConnectionsAreNotUsed(t *testing.T) {
	served := make(chan net.Conn, 1)
	url := raw(t, func(c net.Conn) {
		if readRequest(c) {
			io.WriteString(c, okAnswer)
			served <- c
			readRequest(c)
		}
	})
	h := httpOf(t)
	for range 5 {
		if err := h.Proxy(t.Context(), call(to(url), posting)); err != nil {
			t.Fatal(err)
		}
		(<-served).Close()
	}
}

func TestOnlyHarmlessRequestsAreRepeated(t *testing.T) {
	once := func(c net.Conn) { // a connection that ends at the second request, without a word
		if readRequest(c) {
			io.WriteString(c, okAnswer)
			readRequest(c)
		}
	}
	url := raw(t, once)
	h := httpOf(t)
	for range 5 {
		if err := h.Proxy(t.Context(), call(to(url))); err != nil {
			t.Fatal(err)
		}
	}
	if r := rejectionOf(t, h.Proxy(t.Context(), call(to(url), posting))); r.Type != apigw.IntegrationFailure {
		t.Errorf("POST: %v", r)
	}
	dead := raw(t, func(c net.Conn) { readRequest(c) })
	if r := rejectionOf(t, h.Proxy(t.Context(), call(to(dead)))); r.Type != apigw.IntegrationFailure {
		t.Errorf("new connection: %v", r)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	cases := []struct {
		name, answer string
		again        bool
	}{
		{"length", okAnswer, true},
		{"no body", "HTTP/1.1 204 No Content\r\n\r\n", true},
		{"chunks and a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nX: y\r\n\r\n", true},
		{"an informational answer first", "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + okAnswer, true},
		{"an empty line first", "\r\n" + okAnswer, true},
		{"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", true},
		{"close", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok", false},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false},
		{"more than was asked for", okAnswer + "HTTP/1.1 200 OK\r\n", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var connections atomic.Int32
			url := raw(t, func(conn net.Conn) {
				connections.Add(1)
				for readRequest(conn) {
					io.WriteString(conn, c.answer)
				}
			})
			h := httpOf(t)
			for range 3 {
				x := call(to(url))
				if err := h.Proxy(t.Context(), x); err != nil {
					t.Fatal(err)
				}
				if body := string(x.Response.Body); body != "ok" && x.Response.Status != 204 {
					t.Errorf("body %q", body)
				}
			}
			if n := connections.Load(); (n == 1) != c.again {
				t.Errorf("%d connections", n)
			}
		})
	}
}

func TestAnswersThatAreNotHTTP(t *testing.T) {
	for _, answer := range []string{
		"", "hello\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 200 OK\r\nX",
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nName : x\r\n\r\n", "HTTP/1.1 200 OK\r\n folded\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 300<<10),
	} {
		url := raw(t, func(c net.Conn) {
			if readRequest(c) {
				io.WriteString(c, answer)
			}
		})
		if r := rejectionOf(t, httpOf(t).Proxy(t.Context(), call(to(url)))); r.Type != apigw.IntegrationFailure {
			t.Errorf("%.60q: got %v", answer, r)
		}
	}
}

func TestAnAnswerMayEndWithTheConnection(t *testing.T) {
	url := raw(t, func(c net.Conn) {
		if readRequest(c) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nx-Odd-Case: 1\r\n\r\nto the end")
		}
	})
	x := call(to(url))
	if err := httpOf(t).Proxy(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if string(x.Response.Body) != "to the end" || lines(x.Response.Header) != "x-Odd-Case: 1\n" {
		t.Errorf("got %q, %q", x.Response.Body, lines(x.Response.Header))
	}
}

func TestLargeBodies(t *testing.T) {
	large := strings.Repeat("0123456789", 1<<20)
	t.Run("there and back", func(t *testing.T) {
		url, got := backend(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, large) })
		h := httpOf(t)
		for range 3 {
			x := call(to(url), posting)
			x.Endpoint.Request.Body = []byte(large)
			if err := h.Proxy(t.Context(), x); err != nil {
				t.Fatal(err)
			}
			if got.Body != large || string(x.Response.Body) != large {
				t.Errorf("%d bytes there, %d back", len(got.Body), len(x.Response.Body))
			}
		}
	})
	t.Run("answered before it was read", func(t *testing.T) {
		url := raw(t, func(c net.Conn) {
			if readRequest(c) {
				io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
				readRequest(c)
			}
		})
		x := call(to(url), posting)
		x.Endpoint.Request.Body = []byte(large)
		if err := httpOf(t).Proxy(t.Context(), x); err != nil || x.Response.Status != 413 {
			t.Errorf("got %d, %v", x.Response.Status, err)
		}
	})
}

func TestCertificatesOfBackendsAreVerified(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	h := httpOf(t)
	refused := func(uri string) {
		t.Helper()
		if r := rejectionOf(t, h.Proxy(t.Context(), call(to(uri)))); r.Type != apigw.IntegrationFailure || !strings.Contains(r.Err.Error(), "certificate") {
			t.Errorf("got %v", r)
		}
	}
	refused(s.URL)
	h.AnyIssuer = true
	for range 2 {
		x := call(to(s.URL))
		if err := h.Proxy(t.Context(), x); err != nil || string(x.Response.Body) != "HTTP/1.1" {
			t.Errorf("got %s, %v", x.Response.Body, err)
		}
	}
	refused("https://localhost:" + port) // the certificate is for 127.0.0.1
	h.AnyIssuer = false
	refused(s.URL)
}

func TestMappedHeadersCannotSmuggle(t *testing.T) {
	url, _ := backend(t, nil)
	for _, f := range []apigw.Field{{Name: "X", Value: "a\r\nY: b"}, {Name: "X\r\n", Value: "a"}, {Name: "Host", Value: "a b"}, {Name: "", Value: "a"}} {
		x := call(to(url, mapping(f.Name, f.Value)))
		if r := rejectionOf(t, httpOf(t).Proxy(t.Context(), x)); r.Type != apigw.APIConfigurationError {
			t.Errorf("%q: %v", f, r)
		}
	}
}
