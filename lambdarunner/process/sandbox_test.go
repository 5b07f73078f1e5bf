package process

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
)

// A harness runs functions of one test in a Pool over a Launcher.
type harness struct {
	t        *testing.T
	pool     *lambdarunner.Pool
	logs     *sink
	launcher *Launcher
}

type sink struct{ events chan lambdarunner.LogEvent }

func (s *sink) Append(_ *lambdarunner.Function, _ string, events []lambdarunner.LogEvent) {
	for _, e := range events {
		s.events <- e
	}
}

func newHarness(t *testing.T, o Options) *harness {
	t.Helper()
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	logs := &sink{events: make(chan lambdarunner.LogEvent, 10_000)}
	pool := lambdarunner.NewPool(l, lambdarunner.PoolOptions{Logs: logs})
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &harness{t, pool, logs, l}
}

// function writes files into a directory and makes a function of them.
func (h *harness) function(runtime, handler string, files map[string]string) *lambdarunner.Function {
	h.t.Helper()
	dir := h.t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			h.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			h.t.Fatal(err)
		}
	}
	return &lambdarunner.Function{
		ARN: "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST", Name: "f", Version: "$LATEST", Revision: h.t.Name(),
		AccountID: "000000000000", Region: "us-east-1", Runtime: runtime, Handler: handler, MemoryMB: 128, Timeout: 3 * time.Second,
		LogGroup: "/aws/lambda/f", Code: lambdarunner.Code{Dir: dir},
	}
}

func (h *harness) invoke(fn *lambdarunner.Function, payload string) *lambdarunner.Result {
	h.t.Helper()
	r, err := h.pool.Invoke(h.t.Context(), fn, &lambdarunner.Invocation{
		RequestID: "8f7e2c3a-0000-4000-8000-000000000001", InvokedARN: "arn:aws:lambda:us-east-1:000000000000:function:f", Payload: []byte(payload), Tail: true})
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// needs skips where an interpreter is missing; CI must have it.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s must be there in CI", program)
		}
		t.Skip(program + " is not on this machine")
	}
}

// Each case is a question about what AWS's runtime client does with a handler.
// Sources: the clients' public documentation and facts recorded of AWS Lambda.
var handlers = []struct {
	name, runtime, handler string
	files                  map[string]string
	payload                string
	want                   string // of the payload, "" for anything
	failed                 string // errorType of a failure
	message                string // part of its errorMessage
	log                    string // part of the log
}{
	{name: "python: a value comes back", runtime: "python3.12", handler: "m.f",
		files: map[string]string{"m.py": "def f(e, c):\n    return {'got': e, 'n': None}"}, payload: `{"a":1}`, want: `{"got": {"a": 1}, "n": null}`},
	{name: "python: nothing is null", runtime: "python3.12", handler: "m.f",
		files: map[string]string{"m.py": "def f(e, c): pass"}, payload: `{}`, want: `null`},
	{name: "python: a handler in a folder", runtime: "python3.12", handler: "a/b.f",
		files: map[string]string{"a/b.py": "def f(e, c): return 'in a folder'"}, payload: `{}`, want: `"in a folder"`},
	{name: "python: a handler in a package", runtime: "python3.12", handler: "a.b.f",
		files: map[string]string{"a/__init__.py": "", "a/b.py": "from . import c\ndef f(e, x): return c.v", "a/c.py": "v = 7"}, payload: `{}`, want: `7`},
	{name: "python: print and logging", runtime: "python3.12", handler: "m.f",
		files:   map[string]string{"m.py": "import logging\nlogging.getLogger().setLevel('INFO')\ndef f(e, c):\n    print('printed')\n    logging.info('two\\nlines')"},
		payload: `{}`, want: `null`, log: "[INFO]\t20"},
	{name: "python: an exception", runtime: "python3.12", handler: "m.f",
		files: map[string]string{"m.py": "class Mine(Exception): pass\ndef f(e, c):\n    raise Mine('no')"}, payload: `{}`, failed: "Mine", message: "no", log: "[ERROR] Mine: no\nTraceback (most recent call last):\n\u00a0\u00a0File \""},
	{name: "python: no such module", runtime: "python3.12", handler: "nosuch.f", files: map[string]string{"m.py": ""}, payload: `{}`,
		failed: "Runtime.ImportModuleError", message: "Unable to import module 'nosuch': No module named 'nosuch'"},
	{name: "python: no such function", runtime: "python3.12", handler: "m.g", files: map[string]string{"m.py": ""}, payload: `{}`,
		failed: "Runtime.HandlerNotFound", message: "Handler 'g' missing on module 'm'"},
	{name: "python: a syntax error", runtime: "python3.12", handler: "m.f", files: map[string]string{"m.py": "def f(:"}, payload: `{}`,
		failed: "Runtime.UserCodeSyntaxError", message: "Syntax error in module 'm'"},
	{name: "python: an unserialisable result", runtime: "python3.12", handler: "m.f", files: map[string]string{"m.py": "def f(e, c): return {1, 2}"}, payload: `{}`,
		failed: "Runtime.MarshalError", message: "Unable to marshal response: Object of type set is not JSON serializable"},
	{name: "python: sys.exit while loading", runtime: "python3.12", handler: "m.f", files: map[string]string{"m.py": "import os; os._exit(4)"}, payload: `{}`,
		failed: "Runtime.ExitError", message: "Runtime exited with error: exit status 4"},

	{name: "python: exit, which site defines", runtime: "python3.12", handler: "m.f", files: map[string]string{"m.py": "def f(e, c): exit(3)"}, payload: `{}`,
		failed: "Runtime.ExitError", message: "Runtime exited with error: exit status 3"},

	{name: "node: an async handler", runtime: "nodejs22.x", handler: "index.f",
		files: map[string]string{"index.mjs": "export const f = async (e) => ({ got: e });"}, payload: `{"a":1}`, want: `{"got":{"a":1}}`},
	{name: "node: CommonJS", runtime: "nodejs22.x", handler: "index.f",
		files: map[string]string{"index.js": "exports.f = async () => require('node:path').sep;"}, payload: `{}`, want: `"/"`},
	{name: "node: a .js that package.json says is a module", runtime: "nodejs22.x", handler: "src/index.f",
		files: map[string]string{"package.json": `{"type":"module"}`, "src/index.js": "import os from 'node:os'; export async function f() { return typeof os.EOL; }"}, payload: `{}`, want: `"string"`},
	{name: "node: a callback", runtime: "nodejs22.x", handler: "index.f",
		files: map[string]string{"index.js": "exports.f = (e, c, cb) => { setTimeout(() => cb(null, 'called'), 10); };"}, payload: `{}`, want: `"called"`},
	{name: "node: a callback waits for the event loop", runtime: "nodejs22.x", handler: "index.f",
		files:   map[string]string{"index.js": "exports.f = (e, c, cb) => { cb(null, 'late'); setTimeout(() => console.log('before the answer'), 50); };"},
		payload: `{}`, want: `"late"`, log: "\tINFO\tbefore the answer"},
	{name: "node: neither promise nor callback is null", runtime: "nodejs22.x", handler: "index.f",
		files: map[string]string{"index.js": "exports.f = () => 5;"}, payload: `{}`, want: `null`},
	{name: "node: context.succeed", runtime: "nodejs22.x", handler: "index.f",
		files: map[string]string{"index.js": "exports.f = (e, c) => c.succeed(c.functionName);"}, payload: `{}`, want: `"f"`},
	{name: "node: a rejection", runtime: "nodejs22.x", handler: "index.f",
		files: map[string]string{"index.mjs": "export const f = async () => { throw new TypeError('no'); };"}, payload: `{}`, failed: "TypeError", message: "no", log: "\tERROR\tInvoke Error \t{"},
	{name: "node: an unhandled rejection", runtime: "nodejs22.x", handler: "index.f",
		files: map[string]string{"index.js": "exports.f = (e, c, cb) => { Promise.reject(new Error('lost')); setTimeout(cb, 1000); };"}, payload: `{}`,
		failed: "Runtime.UnhandledPromiseRejection", message: "Error: lost"},
	{name: "node: an exception out of the handler", runtime: "nodejs22.x", handler: "index.f",
		files: map[string]string{"index.js": "exports.f = (e, c, cb) => { setTimeout(() => { throw new Error('outside'); }, 5); };"}, payload: `{}`, failed: "Error", message: "outside"},
	{name: "node: no such module", runtime: "nodejs22.x", handler: "nosuch.f", files: map[string]string{"index.js": ""}, payload: `{}`,
		failed: "Runtime.ImportModuleError", message: "Error: Cannot find module 'nosuch'\nRequire stack:"},
	{name: "node: no such export", runtime: "nodejs22.x", handler: "index.g", files: map[string]string{"index.js": ""}, payload: `{}`,
		failed: "Runtime.HandlerNotFound", message: "index.g is undefined or not exported"},
	{name: "node: a syntax error", runtime: "nodejs22.x", handler: "index.f", files: map[string]string{"index.js": "exports.f = ("}, payload: `{}`,
		failed: "Runtime.UserCodeSyntaxError", message: "SyntaxError: "},
	{name: "node: process.exit", runtime: "nodejs22.x", handler: "index.f", files: map[string]string{"index.js": "exports.f = async () => process.exit(0);"}, payload: `{}`,
		failed: "Runtime.ExitError", message: "Runtime exited without providing a reason"},

	{name: "a shell script is a bootstrap", runtime: "provided.al2023", handler: "x",
		files: map[string]string{"bootstrap": "#!/bin/sh\necho dying\nexit 9\n"}, payload: `{}`, failed: "Runtime.ExitError", message: "exit status 9", log: "dying\n"},
	{name: "no bootstrap", runtime: "provided.al2023", handler: "x", files: map[string]string{"main": ""}, payload: `{}`,
		failed: "Runtime.InvalidEntrypoint", message: "/bootstrap: no such file or directory", log: "END RequestId: "},
	{name: "killed from outside", runtime: "provided.al2023", handler: "x",
		files: map[string]string{"bootstrap": "#!/bin/sh\nkill -9 $$\n"}, payload: `{}`, failed: "Runtime.ExitError", message: "Runtime exited with error: signal: killed"},
}

func TestHandlersBehaveAsInTheImagesOfAWS(t *testing.T) {
	needs(t, "python3")
	needs(t, "node")
	h := newHarness(t, Options{})
	for _, c := range handlers {
		t.Run(c.name, func(t *testing.T) {
			h := &harness{t, h.pool, h.logs, h.launcher}
			r := h.invoke(h.function(c.runtime, c.handler, c.files), c.payload)
			if c.failed == "" {
				if r.FunctionError != "" || string(r.Payload) != c.want {
					t.Errorf("%q %s, want %s\n%s", r.FunctionError, r.Payload, c.want, r.LogTail)
				}
			} else {
				var got struct{ ErrorType, ErrorMessage string }
				if err := json.Unmarshal(r.Payload, &got); err != nil {
					t.Fatalf("%s: %v", r.Payload, err)
				}
				if r.FunctionError != "Unhandled" || got.ErrorType != c.failed || !strings.Contains(got.ErrorMessage, c.message) {
					t.Errorf("%q %s, want %s: %s\n%s", r.FunctionError, r.Payload, c.failed, c.message, r.LogTail)
				}
			}
			if !strings.Contains(string(r.LogTail), c.log) {
				t.Errorf("the log lacks %q:\n%s", c.log, r.LogTail)
			}
		})
	}
}

func TestATimeoutKillsTheWholeGroup(t *testing.T) {
	h := newHarness(t, Options{InitLimit: 200 * time.Millisecond})
	fn := h.function("provided.al2023", "x", map[string]string{"bootstrap": "#!/bin/sh\nsleep 600 &\necho child $!\nwait\n"})
	fn.Timeout = time.Second
	r := h.invoke(fn, `{}`)
	if !strings.Contains(string(r.Payload), `"Sandbox.Timedout"`) || !strings.Contains(string(r.Payload), "Task timed out after 1.00 seconds") {
		t.Errorf("%s", r.Payload)
	}
	if !strings.Contains(string(r.LogTail), "Task timed out after 1.00 seconds\nEND RequestId") || !strings.Contains(string(r.LogTail), "Status: timeout") ||
		!strings.Contains(string(r.LogTail), "\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\t") ||
		runtime.GOOS == "linux" && strings.Contains(string(r.LogTail), "Max Memory Used: 0 MB") {
		t.Errorf("%s", r.LogTail)
	}
	var pid string
	for pid == "" {
		e := <-h.logs.events
		pid, _ = strings.CutPrefix(strings.TrimSpace(e.Message), "child ")
		if pid == strings.TrimSpace(e.Message) {
			pid = ""
		}
	}
	if err := h.pool.Close(); err != nil {
		t.Fatal(err)
	}
	// The kill is sent when Close returns; who takes it is no child of ours to wait for.
	for deadline := time.Now().Add(10 * time.Second); ; {
		state, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the child %s lives: %s", pid, state)
		}
		select {
		case <-t.Context().Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestAWarmSandboxIsUsedAgain(t *testing.T) {
	needs(t, "python3")
	h := newHarness(t, Options{})
	fn := h.function("python3.12", "m.f", map[string]string{"m.py": "import os\nn = 0\ndef f(e, c):\n    global n\n    n += 1\n    return [n, os.getpid()]"})
	first, second := h.invoke(fn, `{}`), h.invoke(fn, `{}`)
	if first.InitDuration == 0 || second.InitDuration != 0 {
		t.Errorf("init took %s, then %s", first.InitDuration, second.InitDuration)
	}
	if !strings.HasPrefix(string(second.Payload), "[2, ") {
		t.Errorf("%s, then %s", first.Payload, second.Payload)
	}
	if first.MaxMemoryMB == 0 {
		t.Error("no memory is reported")
	}
}

func TestAnErrorBetweenTwoEventsCostsNeither(t *testing.T) {
	needs(t, "node")
	h := newHarness(t, Options{})
	fn := h.function("nodejs22.x", "index.f", map[string]string{"index.mjs": `export const f = async () => {
		setTimeout(() => { throw new Error('too late'); }, 20);
		return 'done';
	};`})
	for range 3 {
		if r := h.invoke(fn, `{}`); string(r.Payload) != `"done"` {
			t.Errorf("got %s", r.Payload)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// On AWS a function goes on when its caller hangs up.
func TestACallerThatHangsUpDoesNotStopTheFunction(t *testing.T) {
	needs(t, "python3")
	h := newHarness(t, Options{})
	done := filepath.Join(t.TempDir(), "done")
	fn := h.function("python3.12", "m.f", map[string]string{"m.py": "import time\ndef f(e, c):\n    print('begun')\n    time.sleep(0.3)\n    open(e, 'w').close()\n    print('ended')"})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for e := range h.logs.events {
			if e.Message == "begun\n" {
				cancel()
				return
			}
		}
	}()
	payload, _ := json.Marshal(done)
	_, err := h.pool.Invoke(ctx, fn, &lambdarunner.Invocation{RequestID: "r", Payload: payload})
	if err == nil {
		t.Fatal("the call outlived its context")
	}
	for e := range h.logs.events {
		if e.Message == "ended\n" {
			break
		}
	}
	if _, err := os.Stat(done); err != nil {
		t.Error(err)
	}
}

func TestAClientContextKeepsItsAlphabet(t *testing.T) {
	needs(t, "python3")
	needs(t, "node")
	h := newHarness(t, Options{})
	for runtime, file := range map[string]string{"python3.12": "def f(e, c): return c.client_context.custom['k']", "nodejs22.x": "exports.f = async (e, c) => c.clientContext.custom.k"} {
		fn := h.function(runtime, "m.f", map[string]string{map[string]string{"python3.12": "m.py", "nodejs22.x": "m.js"}[runtime]: file})
		fn.Revision += runtime
		r, err := h.pool.Invoke(t.Context(), fn, &lambdarunner.Invocation{RequestID: "r", Payload: []byte("{}"), ClientContext: `{"custom":{"k":"é€"}}`})
		if err != nil {
			t.Fatal(err)
		}
		if string(r.Payload) != `"é€"` {
			t.Errorf("%s: %s", runtime, r.Payload)
		}
	}
}

func TestAStackTraceHasNoCarets(t *testing.T) {
	needs(t, "python3")
	h := newHarness(t, Options{})
	fn := h.function("python3.12", "m.f", map[string]string{"m.py": "def f(e, c):\n    return 1 + e['nosuch']\n"})
	r := h.invoke(fn, `{}`)
	var got struct{ StackTrace []string }
	if err := json.Unmarshal(r.Payload, &got); err != nil {
		t.Fatal(err)
	}
	want := "  File \"" + filepath.Join(fn.Code.Dir, "m.py") + "\", line 2, in f\n    return 1 + e['nosuch']\n"
	if len(got.StackTrace) != 1 || got.StackTrace[0] != want {
		t.Errorf("%q, want %q", got.StackTrace, want)
	}
}
