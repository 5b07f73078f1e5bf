package process

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
)

// extensionSource is an extension that tells the test of everything and does what the test
// answers: "exit 3", "init/error Extension.No", "" to go on.
const extensionSource = `#!/usr/bin/env python3
import json, os, sys
from urllib.request import Request, urlopen
name, at = os.path.basename(__file__), {}

def call(path, body=None, **headers):
    headers = {'Lambda-Extension-' + k: v for k, v in {**at, **headers}.items()}
    r = Request('http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2020-01-01/extension/' + path, body, headers)
    return urlopen(r)

def tell(what):
    order = urlopen(os.environ['DIRECTOR'] + '?' + name, json.dumps(what).encode()).read().decode().split()
    while order:
        if order[0] == 'exit':
            sys.exit(int(order[1]))
        call(order[0], b'{}', **{'Function-Error-Type': order[1]})
        order = order[2:]

print(name, 'starts', flush=True)
tell({'start': dict(os.environ), 'in': os.getcwd()})
r = call('register', json.dumps({'events': os.environ['EVENTS'].split()}).encode(), Name=name, **{'Accept-Feature': 'accountId'})
at = {'Identifier': r.headers['Lambda-Extension-Identifier']}
tell({'registered': json.load(r)})
while True:
    tell(json.load(call('event/next')))
`

// A director hears what an extension tells, and answers.
type director struct {
	t     *testing.T
	heard chan told
	url   string
}

// told is what one extension told. The extension waits until it is answered.
type told struct {
	by    string
	what  map[string]any
	reply chan string
}

func newDirector(t *testing.T) *director {
	d := &director{t: t, heard: make(chan told)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one := told{by: r.URL.RawQuery, reply: make(chan string, 1)}
		if err := json.NewDecoder(r.Body).Decode(&one.what); err != nil {
			t.Error(err)
		}
		io.Copy(io.Discard, r.Body) // so that the server watches the connection
		select {
		case d.heard <- one:
		case <-r.Context().Done():
			return
		}
		select {
		case order := <-one.reply:
			io.WriteString(w, order)
		case <-r.Context().Done(): // it was killed
		}
	}))
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// hear waits for the next thing told that has a key.
func (d *director) hear(key string) told {
	d.t.Helper()
	select {
	case one := <-d.heard:
		if _, ok := one.what[key]; !ok {
			d.t.Fatalf("told %v, want %s", one.what, key)
		}
		return one
	case <-time.After(30 * time.Second):
		d.t.Fatalf("nothing told, want %s", key)
	}
	return told{}
}

// extended makes a function with an extension that does as the director says.
func (h *harness) extended(d *director, events string, files map[string]string) *lambdarunner.Function {
	fn := h.function("python3.12", "m.f", files)
	fn.Layers = []lambdarunner.Code{h.layer(map[string]string{"extensions/watcher": extensionSource})}
	fn.Environment = map[string]string{"DIRECTOR": d.url, "EVENTS": events}
	return fn
}

const echo = "def f(e, c):\n    print('called')\n    return e"

// invokeSoon invokes in the background.
func (h *harness) invokeSoon(fn *lambdarunner.Function, tail bool) <-chan *lambdarunner.Result {
	done := make(chan *lambdarunner.Result, 1)
	go func() {
		r, err := h.pool.Invoke(h.t.Context(), fn, &lambdarunner.Invocation{RequestID: "8f7e2c3a-0000-4000-8000-000000000001",
			InvokedARN: "arn:aws:lambda:us-east-1:000000000000:function:f", Payload: []byte(`"sent"`), TraceID: "Root=1-2-3", Tail: tail})
		if err != nil {
			h.t.Error(err)
		}
		done <- r
	}()
	return done
}

func TestAnExtensionSeesTheWholeLifeOfItsSandbox(t *testing.T) {
	needs(t, "python3")
	h, d := newHarness(t, Options{}), newDirector(t)
	done := h.invokeSoon(h.extended(d, "INVOKE SHUTDOWN", map[string]string{"m.py": echo}), true)

	start := d.hear("start")
	env := start.what["start"].(map[string]any)
	for name, want := range map[string]bool{"AWS_LAMBDA_FUNCTION_NAME": true, "AWS_ACCESS_KEY_ID": true, "_HANDLER": false, "LAMBDA_TASK_ROOT": false, "AWS_LAMBDA_LOG_STREAM_NAME": false} {
		if _, got := env[name]; got != want {
			t.Errorf("%s is in its environment: %v, want %v", name, got, want)
		}
	}
	start.reply <- ""
	registered := d.hear("registered")
	if got := fmt.Sprint(registered.what["registered"]); got != "map[accountId:000000000000 functionName:f functionVersion:$LATEST handler:m.f]" {
		t.Error(got)
	}
	registered.reply <- ""
	invoke := d.hear("eventType")
	deadline := time.UnixMilli(int64(invoke.what["deadlineMs"].(float64)))
	if left := time.Until(deadline); left <= 0 || left > 3*time.Second {
		t.Errorf("its deadline is in %s", left)
	}
	delete(invoke.what, "deadlineMs")
	if got := fmt.Sprint(invoke.what); got != "map[eventType:INVOKE invokedFunctionArn:arn:aws:lambda:us-east-1:000000000000:function:f "+
		"requestId:8f7e2c3a-0000-4000-8000-000000000001 tracing:map[type:X-Amzn-Trace-Id value:Root=1-2-3]]" {
		t.Error(got)
	}
	invoke.reply <- ""
	r := <-done
	for _, line := range []string{"watcher starts\n", "EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE,SHUTDOWN]\n", "called\n", "REPORT RequestId: "} {
		if !strings.Contains(string(r.LogTail), line) {
			t.Errorf("the log lacks %q:\n%s", line, r.LogTail)
		}
	}
	if string(r.Payload) != `"sent"` || r.InitDuration == 0 {
		t.Errorf("%+v %s", r, r.Payload)
	}

	closed := make(chan error)
	go func() { closed <- h.pool.Close() }()
	shutdown := d.hear("eventType")
	if shutdown.what["eventType"] != "SHUTDOWN" || shutdown.what["shutdownReason"] != "spindown" {
		t.Error(shutdown.what)
	}
	if left := time.Until(time.UnixMilli(int64(shutdown.what["deadlineMs"].(float64)))); left <= 0 || left > 2*time.Second {
		t.Errorf("its deadline is in %s", left)
	}
	select {
	case <-closed:
		t.Fatal("the sandbox did not wait for its extension")
	default:
	}
	shutdown.reply <- "exit 0"
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// goOn answers everything that is told with "" until something has the key.
func (d *director) goOn(key string) told {
	d.t.Helper()
	for {
		select {
		case one := <-d.heard:
			if _, ok := one.what[key]; ok {
				return one
			}
			one.reply <- ""
		case <-time.After(30 * time.Second):
			d.t.Fatalf("nothing told, want %s", key)
		}
	}
}

// AWS returns the response as soon as the runtime has given it (compute blog, "Performance and
// functionality improvements for AWS Lambda extensions"). The sandbox is not free before the
// extension is.
func TestTheResponseDoesNotWaitForExtensions(t *testing.T) {
	needs(t, "python3")
	h, d := newHarness(t, Options{}), newDirector(t)
	fn := h.extended(d, "INVOKE", map[string]string{"m.py": "import os\ndef f(e, c): return os.getpid()"})
	fn.Timeout = time.Minute
	first := h.invokeSoon(fn, false)
	busy := d.goOn("eventType")
	one := <-first
	second := h.invokeSoon(fn, false)
	another := d.goOn("eventType")
	two := <-second
	if string(one.Payload) == string(two.Payload) {
		t.Error("a busy sandbox took another invocation")
	}
	busy.reply <- ""
	another.reply <- ""
}

// Each case is a way in which an extension ends its sandbox. Sources: the types and texts of
// AWS's Runtime Interface Emulator (rapid/handlers.go, core/externalagent_states.go), the log line
// of its logging package.
func TestAnExtensionThatFailsEndsTheSandbox(t *testing.T) {
	needs(t, "python3")
	const hang = "import time\ndef f(e, c): time.sleep(60)"
	for _, c := range []struct {
		name    string
		at      string // when it gets the order
		order   string
		kind    string
		message string
		log     string
	}{
		{"before it registers", "start", "exit 4", "Extension.Crash", "Error: exit status 4", "EXTENSION\tName: watcher\tState: Exited\tEvents: []\n"},
		{"well, before it asks", "registered", "exit 0", "Extension.Crash", "Error: exit code 0", "EXTENSION\tName: watcher\tState: Exited\tEvents: [INVOKE]\n"},
		{"in init, with an error", "registered", "init/error Extension.NoConfig exit 1", "Extension.InitError", "Error: exit status 1",
			"EXTENSION\tName: watcher\tState: InitError\tEvents: [INVOKE]\tError Type: Extension.NoConfig\n"},
		{"in an invocation", "eventType", "exit 3", "Extension.Crash", "Error: exit status 3", "EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE]\n"},
		{"in an invocation, with an error", "eventType", "exit/error Extension.Oops exit 5", "Extension.ExitError", "Error: exit status 5", "State: Ready"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, d := newHarness(t, Options{}), newDirector(t)
			done := h.invokeSoon(h.extended(d, "INVOKE", map[string]string{"m.py": hang}), true)
			d.goOn(c.at).reply <- c.order
			r := <-done
			var got struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(r.Payload, &got); err != nil {
				t.Fatalf("%s: %v", r.Payload, err)
			}
			if got.ErrorType != c.kind || got.ErrorMessage != "RequestId: 8f7e2c3a-0000-4000-8000-000000000001 "+c.message || !r.Ended {
				t.Errorf("%s: %+v", r.Payload, r)
			}
			if !strings.Contains(string(r.LogTail), c.log) {
				t.Errorf("the log lacks %q:\n%s", c.log, r.LogTail)
			}
		})
	}
}

func TestExtensionsThatCannotBeStartedFailTheFunction(t *testing.T) {
	needs(t, "python3")
	many := map[string]string{}
	for i := range 11 {
		many[fmt.Sprintf("extensions/e%02d", i)] = "#!/bin/sh\nexec sleep 60\n"
	}
	for _, c := range []struct {
		name    string
		layer   map[string]string
		mode    os.FileMode
		message string
		log     string
	}{
		{"not executable", map[string]string{"extensions/plain": "text"}, 0o644, "permission denied", "EXTENSION\tName: plain\tState: LaunchError\tEvents: []\tError Type: PermissionDenied\n"},
		{"no program", map[string]string{"extensions/text": "text"}, 0o755, "exec format error", "EXTENSION\tName: text\tState: LaunchError\tEvents: []\tError Type: UnknownError\n"},
		{"eleven of them", many, 0o755, "ErrTooManyExtensions", "EXTENSION\tName: e10\tState: LaunchError\tEvents: []\tError Type: TooManyExtensions\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t, Options{})
			fn := h.function("python3.12", "m.f", map[string]string{"m.py": echo})
			fn.Layers = []lambdarunner.Code{h.layer(c.layer)}
			for file := range c.layer {
				if err := os.Chmod(filepath.Join(fn.Layers[0].Dir, file), c.mode); err != nil {
					t.Fatal(err)
				}
			}
			r := h.invoke(fn, `{}`)
			if !strings.Contains(string(r.Payload), `"errorType":"Extension.LaunchError"`) || !strings.Contains(string(r.Payload), c.message) {
				t.Errorf("%s", r.Payload)
			}
			if !strings.Contains(string(r.LogTail), c.log) {
				t.Errorf("the log lacks %q:\n%s", c.log, r.LogTail)
			}
		})
	}
}

// A function that takes too long is killed, and its extensions get to know why.
func TestExtensionsHearOfATimeout(t *testing.T) {
	needs(t, "python3")
	h, d := newHarness(t, Options{}), newDirector(t)
	fn := h.extended(d, "SHUTDOWN", map[string]string{"m.py": "import time\ndef f(e, c): time.sleep(60)"})
	fn.Timeout = time.Second
	done := h.invokeSoon(fn, true)
	shutdown := d.goOn("eventType")
	if shutdown.what["shutdownReason"] != "timeout" {
		t.Error(shutdown.what)
	}
	if r := <-done; !strings.Contains(string(r.Payload), "Task timed out after 1.00 seconds") {
		t.Errorf("%s", r.Payload)
	}
	// It does not exit, and is killed: closing the pool waits for that.
	if err := h.pool.Close(); err != nil {
		t.Error(err)
	}
}

// An extension that takes too long is the function's time-out, too.
func TestAnExtensionMayTakeTooLong(t *testing.T) {
	needs(t, "python3")
	h, d := newHarness(t, Options{}), newDirector(t)
	fn := h.extended(d, "INVOKE", map[string]string{"m.py": echo})
	fn.Timeout = time.Second
	done := h.invokeSoon(fn, true)
	d.goOn("eventType")
	r := <-done
	if string(r.Payload) != `"sent"` || r.FunctionError != "" || !r.Ended {
		t.Errorf("%+v %s", r, r.Payload)
	}
	if !strings.Contains(string(r.LogTail), "Task timed out after 1.00 seconds") || !strings.Contains(string(r.LogTail), "Status: timeout") {
		t.Errorf("%s", r.LogTail)
	}
}
