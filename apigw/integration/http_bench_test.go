package integration_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/apigw"
	"postern/apigw/integration"
)

// BenchmarkHTTPProxy compares HTTP_PROXY with the ReverseProxy of the standard library,
// both with 64 clients behind a bare server. The front of the gateway is not in it. Gate
// G2 asks for 0.85 of a tuned ReverseProxy.
func BenchmarkHTTPProxy(b *testing.B) {
	body := []byte(strings.Repeat(`{"message":"hello"}`, 5))
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Write(body)
	}))
	defer back.Close()
	b.Run("backend itself", func(b *testing.B) { hammer(b, back.URL) })
	b.Run("ReverseProxy", func(b *testing.B) {
		front := httptest.NewServer(reverseProxy(b, back.URL))
		defer front.Close()
		hammer(b, front.URL)
	})
	b.Run("HTTP_PROXY", func(b *testing.B) {
		front := httptest.NewServer(bareGateway(b, back.URL))
		defer front.Close()
		hammer(b, front.URL)
	})
}

func reverseProxy(tb testing.TB, to string) http.Handler {
	u, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{
		MaxIdleConns: 4096, MaxIdleConnsPerHost: 512, IdleConnTimeout: time.Minute,
		DisableCompression: true, WriteBufferSize: 4096, ReadBufferSize: 4096,
	}
	tb.Cleanup(transport.CloseIdleConnections)
	buffers := &bufferPool{sync.Pool{New: func() any { return make([]byte, 32<<10) }}}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u); r.SetXForwarded() }, Transport: transport, BufferPool: buffers,
	}
}

type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) Get() []byte { return p.pool.Get().([]byte) }

//lint:ignore SA6002 a header of 24 bytes is cheaper than 32 KB
func (p *bufferPool) Put(b []byte) { p.pool.Put(b) }

// bareGateway does what the gateway does around an HTTP_PROXY method, and no more.
func bareGateway(tb testing.TB, to string) http.Handler {
	h := httpOf(tb)
	stage := &apigw.Stage{AccountID: "123456789012", Region: "us-east-1", APIID: "abcdef1234", Name: "prod"}
	method := &apigw.Method{ResourcePath: "/", Verb: "ANY"}
	request := &integration.Request{URI: integration.ParseText(to + "/")}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &apigw.Exchange{Stage: stage, Method: method, Request: apigw.Request{
			Verb: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery, Protocol: r.Proto, Host: r.Host, SourceIP: "127.0.0.1",
		}}
		x.Request.SetHeaders(r.Header, func() string { return "Root=1-5935635b-47cdf47c6e1218c839de9a54" })
		err := request.Run(r.Context(), x)
		if err == nil {
			err = h.Proxy(r.Context(), x)
		}
		if err == nil {
			err = integration.ProxyContent(r.Context(), x)
		}
		if err != nil {
			tb.Error(err)
		}
		header := w.Header()
		for _, f := range x.Response.Header {
			header[f.Name] = append(header[f.Name], f.Value)
		}
		header["Content-Length"] = []string{strconv.Itoa(len(x.Response.Body))}
		w.WriteHeader(x.Response.Status)
		w.Write(x.Response.Body)
	})
}

// hammer sends requests from 64 connections and as little else as it can.
func hammer(b *testing.B, to string) {
	const clients = 64
	todo := make(chan struct{}, clients)
	var done sync.WaitGroup
	address := strings.TrimPrefix(to, "http://")
	request := "GET / HTTP/1.1\r\nHost: " + address + "\r\nUser-Agent: bench\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\r\n"
	for range clients {
		c, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		done.Go(func() {
			defer c.Close()
			r := bufio.NewReader(c)
			for range todo {
				io.WriteString(c, request)
				if err := skipAnswer(r); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	for b.Loop() {
		todo <- struct{}{}
	}
	close(todo)
	done.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

func skipAnswer(r *bufio.Reader) error {
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			_, err := r.Discard(length)
			return err
		}
		if value, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
	}
}
