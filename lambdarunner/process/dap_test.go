package process

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"testing"
	"time"
)

// A dap speaks the Debug Adapter Protocol, as editors do with debugpy and delve.
type dap struct {
	t    *testing.T
	conn net.Conn
	r    *textproto.Reader
	seq  int
	seen map[string]message // events that came while an answer was waited for, by name
}

type message struct {
	Type, Event, Command, Message string
	Success                       bool
	Body                          json.RawMessage
}

func attachDAP(t *testing.T, addr string, arguments any) *dap {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	d := &dap{t: t, conn: conn, r: textproto.NewReader(bufio.NewReader(conn)), seen: map[string]message{}}
	d.call("initialize", map[string]any{"adapterID": "test", "linesStartAt1": true, "pathFormat": "path"})
	d.send("attach", arguments)
	d.event("initialized")
	return d
}

func (d *dap) send(command string, arguments any) {
	d.t.Helper()
	d.seq++
	b, err := json.Marshal(map[string]any{"seq": d.seq, "type": "request", "command": command, "arguments": arguments})
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(d.conn, "Content-Length: %d\r\n\r\n%s", len(b), b); err != nil {
		d.t.Fatal(err)
	}
}

func (d *dap) read() (m message) {
	d.t.Helper()
	header, err := d.r.ReadMIMEHeader()
	if err != nil {
		d.t.Fatal(err)
	}
	n, _ := strconv.Atoi(header.Get("Content-Length"))
	b := make([]byte, n)
	if _, err := io.ReadFull(d.r.R, b); err != nil {
		d.t.Fatal(err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		d.t.Fatal(err)
	}
	if m.Type == "response" && !m.Success {
		d.t.Fatalf("%s: %s %s", m.Command, m.Message, m.Body)
	}
	return m
}

// call waits for the answer.
func (d *dap) call(command string, arguments any) message {
	d.t.Helper()
	d.send(command, arguments)
	for {
		m := d.read()
		if m.Type == "response" && m.Command == command {
			return m
		}
		d.seen[m.Event] = m
	}
}

// event waits for one.
func (d *dap) event(name string) message {
	d.t.Helper()
	for {
		if m, ok := d.seen[name]; ok {
			delete(d.seen, name)
			return m
		}
		if m := d.read(); m.Type == "event" {
			d.seen[m.Event] = m
		}
	}
}
