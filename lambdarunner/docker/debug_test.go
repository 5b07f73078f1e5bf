package docker

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"postern/lambdarunner"
	"postern/lambdarunner/debugger"
	"postern/lambdarunner/debugger/debuggertest"
	"postern/testdata/images"
)

// beyond is longer than the time-out of the functions below.
const beyond = 1200 * time.Millisecond

// A debugging runs a function that is stepped through.
type debugging struct {
	t    *testing.T
	pool *lambdarunner.Pool
	fn   *lambdarunner.Function
	door string
}

// debug has fn stepped through, by name.
func debug(t *testing.T, options Options, fn *lambdarunner.Function, wait bool) debugging {
	t.Helper()
	door, err := debugger.Open(debugger.Target{Wait: wait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { door.Close() })
	options.Debug = debugger.Doors{fn.Name: door}
	pool := lambdarunner.NewPool(newLauncher(t, options), lambdarunner.PoolOptions{Debugger: options.Debug})
	t.Cleanup(func() { pool.Close() })
	return debugging{t: t, pool: pool, fn: fn, door: door.Addr()}
}

// invoke invokes the function meanwhile.
func (d debugging) invoke(payload string) <-chan string {
	answer := make(chan string, 1)
	go func() {
		r, err := d.pool.Invoke(d.t.Context(), d.fn, &lambdarunner.Invocation{RequestID: uuid.NewString(), Payload: []byte(payload)})
		if err != nil {
			answer <- err.Error()
			return
		}
		answer <- string(r.Payload)
	}()
	return answer
}

// interpreted is a function of one file, whose time-out is a second.
func interpreted(t *testing.T, runtime, handler, file, source string) *lambdarunner.Function {
	t.Helper()
	fn := probeFunction("debugged")
	fn.Runtime, fn.Handler, fn.Code, fn.Timeout = runtime, handler, lambdarunner.Code{Dir: t.TempDir()}, time.Second
	write(t, filepath.Join(fn.Code.Dir, file), source)
	return fn
}

// A breakpoint is hit, a variable changed, and the function goes on when its time would have been over.
func TestNodeIsSteppedThrough(t *testing.T) {
	gateway, err := existingGateway(t.Context(), needEngine(t), "bridge")
	if err != nil {
		t.Fatal(err)
	}
	for name, bind := range map[string]string{"at the container's address": "", "at a published port": gateway} {
		t.Run(name, func(t *testing.T) {
			fn := interpreted(t, "nodejs22.x", "index.f", "index.mjs", "export const f = async (event) => {\n  const twice = event.n * 2;\n  return twice;\n};\n")
			d := debug(t, Options{Bind: bind}, fn, true)
			answer := d.invoke(`{"n": 2}`)
			c := debuggertest.AttachCDP(t, d.door)
			time.Sleep(beyond)
			c.Break("index.mjs", 2)
			c.Call("Runtime.runIfWaitingForDebugger", nil)
			frame := c.Paused()
			time.Sleep(beyond)
			c.Resume(frame, "twice", "42")
			if got := <-answer; got != "42" {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestPythonIsSteppedThrough(t *testing.T) {
	needEngine(t)
	fn := interpreted(t, "python3.13", "m.f", "m.py", "def f(event, context):\n    twice = event['n'] * 2\n    return twice\n")
	fn.Layers = []lambdarunner.Code{{Dir: debugpyLayer(t)}}
	d := debug(t, Options{}, fn, true)
	answer := d.invoke(`{"n": 2}`)
	c := debuggertest.AttachDAP(t, d.door, map[string]any{"justMyCode": false})
	c.Break("/var/task/m.py", 3)
	thread, frame := c.Stopped()
	time.Sleep(beyond)
	c.Call("evaluate", map[string]any{"expression": "twice = 42", "context": "repl", "frameId": frame})
	c.Call("continue", map[string]any{"threadId": thread})
	if got := <-answer; got != "42" {
		t.Errorf("got %s", got)
	}
}

// debugpyLayer is a layer of this machine's debugpy.
func debugpyLayer(t *testing.T) string {
	t.Helper()
	own := debuggertest.Debugpy(t)
	parts, err := filepath.Glob(filepath.Join(filepath.Dir(own), "*pydev*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) > 0 { // Debian has parts of it, and what it needs, beside it
		parts = append(parts, filepath.Join(filepath.Dir(own), "bytecode"))
	}
	layer := t.TempDir()
	for _, part := range append(parts, own) {
		to := filepath.Join(layer, "python", filepath.Base(part))
		if info, err := os.Stat(part); err != nil || !info.IsDir() {
			copyFileTo(t, to, part, 0o644)
		} else if err := os.CopyFS(to, os.DirFS(part)); err != nil {
			t.Fatal(err)
		}
	}
	return layer
}

func copyFileTo(t *testing.T, to, from string, mode os.FileMode) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err := errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, content, mode)); err != nil {
		t.Fatal(err)
	}
}

func TestGoIsSteppedThrough(t *testing.T) {
	cli := needEngine(t)
	layer := delveLayer(t)
	libraries, err := images.Build(t.Context(), cli, "python") // that a delve of this machine may be linked with
	if err != nil {
		t.Fatal(err)
	}
	fn := probeFunction("debugged")
	fn.Code, fn.Layers, fn.Timeout = lambdarunner.Code{Dir: t.TempDir()}, []lambdarunner.Code{{Dir: layer}}, time.Second
	build := exec.Command("go", "build", "-gcflags", "-N -l", "-tags", "lambda.norpc", "-o", filepath.Join(fn.Code.Dir, "bootstrap"), "./testdata/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	d := debug(t, Options{Images: map[string]string{fn.Runtime: libraries}}, fn, true)
	answer := d.invoke(`{"Do": "count"}`)
	c := debuggertest.AttachDAP(t, d.door, map[string]any{"mode": "remote"})
	c.Call("setFunctionBreakpoints", map[string]any{"breakpoints": []any{map[string]any{"name": "main.handle"}}})
	c.Call("configurationDone", map[string]any{})
	c.Event("stopped")
	time.Sleep(beyond)
	c.Call("continue", map[string]any{"threadId": 1})
	if got := <-answer; got != "1" {
		t.Errorf("got %s", got)
	}
	answer = d.invoke(`{"Do": "exit"}`)
	c.Event("stopped")
	c.Call("continue", map[string]any{"threadId": 1})
	if got := <-answer; !strings.Contains(got, "exit status 3") {
		t.Errorf("a program that ends: %s", got)
	}
}

// delveLayer is a layer of this machine's delve.
func delveLayer(t *testing.T) string {
	t.Helper()
	delve, err := exec.LookPath("dlv")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	layer := t.TempDir()
	copyFileTo(t, filepath.Join(layer, "bin", "dlv"), delve, 0o755)
	return layer
}

func TestADebuggerThatIsMissingIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		fn   *lambdarunner.Function
		want string
	}{
		"debugpy": {interpreted(t, "python3.13", "m.f", "m.py", "def f(event, context): pass\n"), "needs debugpy (python3 -m pip install debugpy -t DIRECTORY): No module named"},
		"delve":   {probeFunction("debugged"), "needs delve, built with"},
	} {
		t.Run(name, func(t *testing.T) {
			d := debug(t, Options{}, c.fn, false)
			if got := <-d.invoke(`{}`); !strings.Contains(got, c.want) {
				t.Errorf("got %s", got)
			}
		})
	}
}
