package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/gobwas/ws"
)

// body is what every baseline answers: 100 bytes of JSON.
const body = `{"message":"hello","padding":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}`

// runBaseline serves one of the baselines at an address until it is told to stop.
func runBaseline(args []string) {
	kind, addr := args[0], args[1]
	var h http.Handler
	switch kind {
	case "bare":
		h = http.HandlerFunc(bare)
	case "proxy":
		h = tunedProxy(args[2])
	case "runtimeapi":
		h = newRuntimeAPI()
	case "echo":
		h = http.HandlerFunc(echo)
	default:
		fmt.Fprintln(os.Stderr, "bench: no baseline", kind)
		os.Exit(2)
	}
	go func() { fmt.Fprintln(os.Stderr, http.ListenAndServe(addr, h)) }()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	<-stop
}

// bare is the least an HTTP server in Go can do: read the body, answer.
func bare(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, body)
}

// echo is the least a server of WebSockets can do: send back the messages of a connection.
func echo(w http.ResponseWriter, r *http.Request) {
	conn, rw, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		_, text, err := readFrame(rw.Reader)
		if err != nil || ws.WriteFrame(conn, ws.NewTextFrame(text)) != nil {
			return
		}
	}
}

// readFrame reads a frame of no more than 64 KB.
func readFrame(r io.Reader) (op ws.OpCode, payload []byte, err error) {
	h, err := ws.ReadHeader(r)
	if err != nil || h.Length > 64<<10 {
		return 0, nil, fmt.Errorf("frame of %d bytes: %w", h.Length, err)
	}
	payload = make([]byte, h.Length)
	if _, err = io.ReadFull(r, payload); h.Masked {
		ws.Cipher(payload, h.Mask, 0)
	}
	return h.OpCode, payload, err
}

// tunedProxy is a ReverseProxy with the settings a careful user gives it.
func tunedProxy(target string) http.Handler {
	u, err := url.Parse(target)
	if err != nil {
		panic(err)
	}
	p := httputil.NewSingleHostReverseProxy(u)
	p.Transport = &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024, DisableCompression: true}
	p.BufferPool = &buffers{}
	return p
}

type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(p []byte) { b.pool.Put(&p) }

// A runtimeAPI is the bare Runtime API on net/http with an invoke endpoint in
// front, as AWS's Runtime Interface Emulator has one: a queue in, a reply out, no
// checks, no logs, no time-outs.
type runtimeAPI struct {
	mux   *http.ServeMux
	queue chan *invocation

	// mu guards running, the invocations a worker has taken, by id.
	mu      sync.Mutex
	running map[string]*invocation
	last    int
}

type invocation struct {
	id    string
	event []byte
	reply chan []byte
}

func newRuntimeAPI() *runtimeAPI {
	s := &runtimeAPI{mux: http.NewServeMux(), queue: make(chan *invocation), running: map[string]*invocation{}}
	s.mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", s.next)
	s.mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", s.response)
	s.mux.HandleFunc("/invoke", s.invoke)
	return s
}

func (s *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *runtimeAPI) invoke(w http.ResponseWriter, r *http.Request) {
	event, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	inv := &invocation{event: event, reply: make(chan []byte, 1)}
	s.queue <- inv
	w.Header().Set("Content-Type", "application/json")
	w.Write(<-inv.reply)
}

func (s *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case inv := <-s.queue:
		s.mu.Lock()
		s.last++
		inv.id = fmt.Sprintf("00000000-0000-4000-8000-%012d", s.last)
		s.running[inv.id] = inv
		s.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", "9999999999999")
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:bench")
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0")
		w.Write(inv.event)
	case <-r.Context().Done():
	}
}

func (s *runtimeAPI) response(w http.ResponseWriter, r *http.Request) {
	reply, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	inv := s.running[r.PathValue("id")]
	delete(s.running, r.PathValue("id"))
	s.mu.Unlock()
	if inv == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	inv.reply <- reply
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"status":"OK"}`)
}
