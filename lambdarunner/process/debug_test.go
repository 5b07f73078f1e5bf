package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
	"postern/lambdarunner/debugger"
	"postern/lambdarunner/debugger/debuggertest"
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

// A breakpoint is hit, a variable changed, and the function goes on when its time would have been over.
func TestNodeIsSteppedThrough(t *testing.T) {
	needs(t, "node")
	h, door := debugging(t, false)
	fn := h.function("nodejs22.x", "index.f", map[string]string{"index.mjs": "export const f = async (event) => {\n  const twice = event.n * 2;\n  return twice;\n};\n"})
	fn.Timeout = time.Second
	if got := h.invoke(fn, `{"n": 1}`); string(got.Payload) != "2" {
		t.Fatalf("before: %s", got.Payload)
	}
	c := debuggertest.AttachCDP(t, door.Addr())
	c.Break("index.mjs", 2)
	answer := h.later(fn, `{"n": 2}`)
	second := h.later(fn, `{"n": 3}`) // there is one sandbox: it waits
	for _, n := range []string{"41", "42"} {
		frame := c.Paused()
		time.Sleep(beyond)
		c.Resume(frame, "twice", n)
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
	c := debuggertest.AttachCDP(t, door.Addr())
	c.Break("index.mjs", 1)
	c.Call("Runtime.runIfWaitingForDebugger", nil)
	c.Call("Debugger.evaluateOnCallFrame", map[string]any{"callFrameId": c.Paused(), "expression": "n = 7"})
	c.Call("Debugger.resume", nil)
	if got := <-answer; got != "7" {
		t.Errorf("got %s", got)
	}
}

func TestPythonIsSteppedThrough(t *testing.T) {
	needs(t, "python3")
	debuggertest.Debugpy(t)
	h, door := debugging(t, true)
	fn := h.function("python3.12", "m.f", map[string]string{"m.py": "def f(event, context):\n    twice = event['n'] * 2\n    return twice\n"})
	fn.Timeout = time.Second
	answer := h.later(fn, `{"n": 2}`)
	d := debuggertest.AttachDAP(t, door.Addr(), map[string]any{"justMyCode": false})
	d.Break(filepath.Join(fn.Code.Dir, "m.py"), 3)
	thread, frame := d.Stopped()
	time.Sleep(beyond)
	d.Call("evaluate", map[string]any{"expression": "twice = 42", "context": "repl", "frameId": frame})
	d.Call("continue", map[string]any{"threadId": thread})
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
	d := debuggertest.AttachDAP(t, door.Addr(), map[string]any{"mode": "remote"})
	d.Call("setFunctionBreakpoints", map[string]any{"breakpoints": []any{map[string]any{"name": "main.handle"}}})
	d.Call("configurationDone", map[string]any{})
	answer := h.later(fn, `{"Do": "count"}`)
	d.Event("stopped")
	time.Sleep(beyond)
	d.Call("continue", map[string]any{"threadId": 1})
	if got := <-answer; got != "2" {
		t.Errorf("got %s", got)
	}
	answer = h.later(fn, `{"Do": "exit"}`)
	d.Event("stopped")
	d.Call("continue", map[string]any{"threadId": 1})
	if got := <-answer; !strings.Contains(got, "exit status 3") {
		t.Errorf("a program that ends: %s", got)
	}
}

func TestWhatCannotBeDebuggedSaysSo(t *testing.T) {
	h, _ := debugging(t, false)
	_, err := h.pool.Invoke(t.Context(), h.function("ruby3.3", "f.f", map[string]string{"f.rb": "def f(event:, context:) = 1"}), &lambdarunner.Invocation{RequestID: "1", Payload: []byte("{}")})
	if _, noRuby := exec.LookPath("ruby"); noRuby == nil && (err == nil || !strings.Contains(err.Error(), "functions of ruby3.3 cannot be debugged")) {
		t.Error(err)
	}
}
