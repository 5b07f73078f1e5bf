package debuggertest

import (
	"encoding/json"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// A CDP speaks the protocol of Chrome's developer tools, as editors do with node.
type CDP struct {
	t    *testing.T
	conn net.Conn
	last int
}

// AttachCDP connects to a door as an editor does.
func AttachCDP(t *testing.T, door string) *CDP {
	t.Helper()
	res, err := http.Get("http://" + door + "/json/list")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var targets []struct{ WebSocketDebuggerURL string }
	if err := json.NewDecoder(res.Body).Decode(&targets); err != nil || len(targets) != 1 {
		t.Fatalf("%v: %v", targets, err)
	}
	if !strings.Contains(targets[0].WebSocketDebuggerURL, door) {
		t.Errorf("%s leads past the door %s", targets[0].WebSocketDebuggerURL, door)
	}
	conn, _, _, err := ws.Dial(t.Context(), targets[0].WebSocketDebuggerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	return &CDP{t: t, conn: conn}
}

// An Event is what node tells, or its answer.
type Event struct {
	ID     int
	Method string
	Error  json.RawMessage
	Params struct {
		CallFrames []struct{ CallFrameID string }
	}
}

// Until reads until something has come.
func (c *CDP) Until(is func(Event) bool) (m Event) {
	c.t.Helper()
	for {
		text, err := wsutil.ReadServerText(c.conn)
		if err != nil {
			c.t.Fatal(err)
		}
		m = Event{}
		if err := json.Unmarshal(text, &m); err != nil {
			c.t.Fatal(err)
		}
		if m.Error != nil {
			c.t.Fatalf("%s", m.Error)
		}
		if is(m) {
			return m
		}
	}
}

// Call waits for the answer.
func (c *CDP) Call(method string, params any) {
	c.t.Helper()
	c.last++
	b, err := json.Marshal(map[string]any{"id": c.last, "method": method, "params": params})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := wsutil.WriteClientText(c.conn, b); err != nil {
		c.t.Fatal(err)
	}
	c.Until(func(m Event) bool { return m.ID == c.last })
}

// Break sets a breakpoint in a file, lines counted from 0.
func (c *CDP) Break(file string, line int) {
	c.t.Helper()
	c.Call("Debugger.enable", nil)
	c.Call("Debugger.setBreakpointByUrl", map[string]any{"urlRegex": ".*/" + regexp.QuoteMeta(file), "lineNumber": line})
}

// Paused waits for a breakpoint and returns the call frame there.
func (c *CDP) Paused() (frame string) {
	c.t.Helper()
	return c.Until(func(m Event) bool { return m.Method == "Debugger.paused" }).Params.CallFrames[0].CallFrameID
}

// Resume has a local variable changed to a number, and the function go on.
func (c *CDP) Resume(frame, variable, number string) {
	c.t.Helper()
	c.Call("Debugger.setVariableValue", map[string]any{"scopeNumber": 0, "variableName": variable,
		"newValue": map[string]any{"value": json.Number(number)}, "callFrameId": frame})
	c.Call("Debugger.resume", nil)
}
