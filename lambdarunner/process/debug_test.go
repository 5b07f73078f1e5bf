package process

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"postern/lambdarunner"
	"postern/lambdarunner/debugger"
)

// debugging is a harness whose function f is stepped through.
func debugging(t *testing.T, wait bool) (*harness, *debugger.Door) {
	t.Helper()
	door, err := debugger.Open(debugger.Target{Wait: wait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { door.Close() })
	doors := debugger.Doors{"f": door}
	l, err := New(Options{Debug: doors})
	if err != nil {
		t.Fatal(err)
	}
	pool := lambdarunner.NewPool(l, lambdarunner.PoolOptions{Debugger: doors})
	t.Cleanup(func() { pool.Close() })
	return &harness{t: t, pool: pool, launcher: l}, door
}

// beyond is longer than the time-out of the functions below.
const beyond = 1200 * time.Millisecond

// later invokes the function, whose time-out is a second.
func (h *harness) later(fn *lambdarunner.Function, payload string) <-chan string {
	answer := make(chan string, 1)
	go func() { answer <- string(h.invoke(fn, payload).Payload) }()
	return answer
}

// A cdp speaks the protocol of Chrome's developer tools, as editors do with node.
type cdp struct {
	t    *testing.T
	conn net.Conn
	last int
}

func attachCDP(t *testing.T, door string) *cdp {
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
	return &cdp{t: t, conn: conn}
}

type cdpMessage struct {
	ID     int
	Method string
	Error  json.RawMessage
	Params struct {
		CallFrames []struct{ CallFrameID string }
	}
}

// until reads until something has come.
func (c *cdp) until(is func(cdpMessage) bool) (m cdpMessage) {
	c.t.Helper()
	for {
		text, err := wsutil.ReadServerText(c.conn)
		if err != nil {
			c.t.Fatal(err)
		}
		m = cdpMessage{}
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

func (c *cdp) call(method string, params any) {
	c.t.Helper()
	c.last++
	b, err := json.Marshal(map[string]any{"id": c.last, "method": method, "params": params})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := wsutil.WriteClientText(c.conn, b); err != nil {
		c.t.Fatal(err)
	}
	c.until(func(m cdpMessage) bool { return m.ID == c.last })
}

// A breakpoint is hit, a variable changed, and the function goes on when its time would have been over.
func TestNodeIsSteppedThrough(t *testing.T) {
	needs(t, "node")
	h, door := debugging(t, false)
	fn := h.function("nodejs22.x", "index.f", map[string]string{"index.mjs": "export const f = async (event) => {\n  const twice = event.n * 2;\n  return twice;\n};\n"})
	fn.Timeout = time.Second
	if got := h.invoke(fn, `{"n": 1}`); string(got.Payload) != "2" {
		t.Fatalf("before: %s", got.Payload)
	}
	c := attachCDP(t, door.Addr())
	c.call("Debugger.enable", nil)
	c.call("Debugger.setBreakpointByUrl", map[string]any{"urlRegex": `.*/index\.mjs`, "lineNumber": 2})
	answer := h.later(fn, `{"n": 2}`)
	second := h.later(fn, `{"n": 3}`) // there is one sandbox: it waits
	for _, n := range []string{"41", "42"} {
		paused := c.until(func(m cdpMessage) bool { return m.Method == "Debugger.paused" })
		time.Sleep(beyond)
		c.call("Debugger.setVariableValue", map[string]any{"scopeNumber": 0, "variableName": "twice",
			"newValue": map[string]any{"value": json.Number(n)}, "callFrameId": paused.Params.CallFrames[0].CallFrameID})
		c.call("Debugger.resume", nil)
	}
	if got := []string{<-answer, <-second}; strings.Join(got, " ") != "41 42" && strings.Join(got, " ") != "42 41" {
		t.Errorf("got %s", got)
	}
}

// A sandbox that waits loads the function when somebody has come, however long that takes.
func TestNodeWaitsForADebugger(t *testing.T) {
	needs(t, "node")
	h, door := debugging(t, true)
	fn := h.function("nodejs22.x", "index.f", map[string]string{"index.mjs": "let n = 1;\nexport const f = async () => n;\n"})
	fn.Timeout = time.Second
	answer := h.later(fn, `{}`)
	time.Sleep(beyond)
	c := attachCDP(t, door.Addr())
	c.call("Debugger.enable", nil)
	c.call("Debugger.setBreakpointByUrl", map[string]any{"urlRegex": `.*/index\.mjs`, "lineNumber": 1})
	c.call("Runtime.runIfWaitingForDebugger", nil)
	paused := c.until(func(m cdpMessage) bool { return m.Method == "Debugger.paused" })
	c.call("Debugger.evaluateOnCallFrame", map[string]any{"callFrameId": paused.Params.CallFrames[0].CallFrameID, "expression": "n = 7"})
	c.call("Debugger.resume", nil)
	if got := <-answer; got != "7" {
		t.Errorf("got %s", got)
	}
}

func TestPythonIsSteppedThrough(t *testing.T) {
	needs(t, "python3")
	t.Setenv("PATH", "/usr/bin"+string(os.PathListSeparator)+os.Getenv("PATH")) // where Debian's python3-debugpy is
	if exec.Command("python3", "-c", "import debugpy").Run() != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("debugpy must be there in CI")
		}
		t.Skip("python3 has no debugpy on this machine")
	}
	h, door := debugging(t, true)
	fn := h.function("python3.12", "m.f", map[string]string{"m.py": "def f(event, context):\n    twice = event['n'] * 2\n    return twice\n"})
	fn.Timeout = time.Second
	answer := h.later(fn, `{"n": 2}`)
	d := attachDAP(t, door.Addr(), map[string]any{"justMyCode": false})
	d.call("setBreakpoints", map[string]any{"source": map[string]any{"path": filepath.Join(fn.Code.Dir, "m.py")}, "breakpoints": []any{map[string]any{"line": 3}}})
	d.call("configurationDone", map[string]any{})
	stopped := d.event("stopped")
	var where struct{ ThreadID int }
	if err := json.Unmarshal(stopped.Body, &where); err != nil {
		t.Fatal(err)
	}
	time.Sleep(beyond)
	var stack struct{ StackFrames []struct{ ID int } }
	if err := json.Unmarshal(d.call("stackTrace", map[string]any{"threadId": where.ThreadID}).Body, &stack); err != nil || len(stack.StackFrames) == 0 {
		t.Fatalf("%v: %v", stack, err)
	}
	d.call("evaluate", map[string]any{"expression": "twice = 42", "context": "repl", "frameId": stack.StackFrames[0].ID})
	d.call("continue", map[string]any{"threadId": where.ThreadID})
	if got := <-answer; got != "42" {
		t.Errorf("got %s", got)
	}
}

func TestGoIsSteppedThrough(t *testing.T) {
	needs(t, "dlv")
	h, door := debugging(t, false)
	fn := h.function("provided.al2023", "bootstrap", nil)
	build := exec.Command("go", "build", "-gcflags", "-N -l", "-tags", "lambda.norpc", "-o", filepath.Join(fn.Code.Dir, "bootstrap"), "../docker/testdata/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	fn.Timeout = time.Second
	if got := h.invoke(fn, `{"Do": "count"}`); string(got.Payload) != "1" {
		t.Fatalf("before: %s", got.Payload)
	}
	d := attachDAP(t, door.Addr(), map[string]any{"mode": "remote"})
	d.call("setFunctionBreakpoints", map[string]any{"breakpoints": []any{map[string]any{"name": "main.handle"}}})
	d.call("configurationDone", map[string]any{})
	answer := h.later(fn, `{"Do": "count"}`)
	d.event("stopped")
	time.Sleep(beyond)
	d.call("continue", map[string]any{"threadId": 1})
	if got := <-answer; got != "2" {
		t.Errorf("got %s", got)
	}
}

func TestWhatCannotBeDebuggedSaysSo(t *testing.T) {
	h, _ := debugging(t, false)
	_, err := h.pool.Invoke(t.Context(), h.function("ruby3.3", "f.f", map[string]string{"f.rb": "def f(event:, context:) = 1"}), &lambdarunner.Invocation{RequestID: "1", Payload: []byte("{}")})
	if _, noRuby := exec.LookPath("ruby"); noRuby == nil && (err == nil || !strings.Contains(err.Error(), "functions of ruby3.3 cannot be debugged")) {
		t.Error(err)
	}
}
