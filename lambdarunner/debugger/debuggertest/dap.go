package debuggertest

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

// A DAP speaks the Debug Adapter Protocol, as editors do with debugpy and delve.
type DAP struct {
	t    *testing.T
	conn net.Conn
	r    *textproto.Reader
	seq  int
	seen map[string]Message // events that came while an answer was waited for, by name
}

// A Message is an answer or an event.
type Message struct {
	Type, Event, Command, Message string
	Success                       bool
	Body                          json.RawMessage
}

// AttachDAP connects to a door as an editor does.
func AttachDAP(t *testing.T, addr string, arguments any) *DAP {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	d := &DAP{t: t, conn: conn, r: textproto.NewReader(bufio.NewReader(conn)), seen: map[string]Message{}}
	d.Call("initialize", map[string]any{"adapterID": "test", "linesStartAt1": true, "pathFormat": "path"})
	d.send("attach", arguments)
	d.Event("initialized")
	return d
}

func (d *DAP) send(command string, arguments any) {
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

func (d *DAP) read() (m Message) {
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

// Call waits for the answer.
func (d *DAP) Call(command string, arguments any) Message {
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

// Event waits for one.
func (d *DAP) Event(name string) Message {
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

// Break sets a breakpoint in a file, and has the program go.
func (d *DAP) Break(file string, line int) {
	d.t.Helper()
	d.Call("setBreakpoints", map[string]any{"source": map[string]any{"path": file}, "breakpoints": []any{map[string]any{"line": line}}})
	d.Call("configurationDone", map[string]any{})
}

// Stopped waits for a breakpoint and returns its thread and the frame there.
func (d *DAP) Stopped() (thread, frame int) {
	d.t.Helper()
	var where struct{ ThreadID int }
	if err := json.Unmarshal(d.Event("stopped").Body, &where); err != nil {
		d.t.Fatal(err)
	}
	var stack struct{ StackFrames []struct{ ID int } }
	if err := json.Unmarshal(d.Call("stackTrace", map[string]any{"threadId": where.ThreadID}).Body, &stack); err != nil || len(stack.StackFrames) == 0 {
		d.t.Fatalf("%v: %v", stack, err)
	}
	return where.ThreadID, stack.StackFrames[0].ID
}
