package websocket

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gobwas/ws"
	"golang.org/x/net/http/httpguts"
)

// Wanted tells whether a request asks for a WebSocket.
func Wanted(r *http.Request) bool {
	return r.Method == http.MethodGet && r.ProtoMajor == 1 &&
		httpguts.HeaderValuesContainsToken(r.Header["Connection"], "upgrade") && httpguts.HeaderValuesContainsToken(r.Header["Upgrade"], "websocket")
}

// Check tells what is wrong with the handshake of a request that asks for a WebSocket: 0 for nothing,
// else the status to answer with.
func Check(r *http.Request) (status int) {
	switch {
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return http.StatusUpgradeRequired
	case len(r.Header.Get("Sec-WebSocket-Key")) != 24:
		return http.StatusBadRequest
	}
	return 0
}

// Offered are the subprotocols that a client offers, as it prefers them.
func Offered(r *http.Request) (all []string) {
	for _, list := range r.Header["Sec-Websocket-Protocol"] {
		for name := range strings.SplitSeq(list, ",") {
			all = append(all, strings.TrimSpace(name))
		}
	}
	return all
}

// A Start is what is known of a connection when it is opened.
type Start struct {
	ID, API, Stage string
	Opened         time.Time
	Protocol       string      // the subprotocol that was chosen, "" for none
	Header         http.Header // of the answer, besides that of the handshake
	Client         any
}

// ErrClosed is the answer of a Hub that was closed.
var ErrClosed = errors.New("no connections are opened any more")

// Open answers a request whose handshake is good with 101 and serves the connection from then on. It
// can be found before its client knows that it is open.
func (h *Hub) Open(w http.ResponseWriter, r *http.Request, s Start) error {
	if !h.begin() {
		return ErrClosed
	}
	c := &Conn{ID: s.ID, API: s.API, Stage: s.Stage, Opened: s.Opened, Client: s.Client, hub: h, writing: true}
	c.changed.L = &c.mu
	c.touch()
	h.conns.Store(c.ID, c)
	u := ws.HTTPUpgrader{Timeout: writeTimeout, Header: s.Header}
	if s.Protocol != "" {
		u.Protocol = func(name string) bool { return name == s.Protocol }
	}
	conn, rw, _, err := u.Upgrade(r, w)
	if err != nil {
		h.conns.CompareAndDelete(c.ID, c)
		h.work.Done()
		if conn != nil {
			conn.Close()
		}
		return err
	}
	c.start(conn, rw.Reader)
	return nil
}

// start serves the connection whose handshake is done.
func (c *Conn) start(conn net.Conn, read *bufio.Reader) {
	ahead, _ := read.Peek(read.Buffered())
	c.mu.Lock()
	c.net, c.r = bare(conn), newReader(bare(conn), slices.Clone(ahead))
	c.timer = time.AfterFunc(min(c.hub.o.Idle, c.hub.o.Longest), c.check)
	if c.end != nil {
		c.timer.Stop()
	}
	c.mu.Unlock()
	c.hub.work.Add(1)
	go c.write() // what was sent since the connection could be found
	go c.read()
}

// bare is a connection without what only the HTTP server needed of it.
func bare(conn net.Conn) net.Conn {
	if wrapped, ok := conn.(interface{ Bare() net.Conn }); ok {
		return bare(wrapped.Bare())
	}
	return conn
}

// readBuffer is small, so that idle connections take little: payloads are read past it.
const readBuffer = 512

func newReader(conn net.Conn, ahead []byte) io.Reader {
	if len(ahead) == 0 {
		return bufio.NewReaderSize(conn, readBuffer)
	}
	return bufio.NewReaderSize(io.MultiReader(bytes.NewReader(ahead), conn), readBuffer)
}
