package process

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
)

// telemetrySource is an extension that subscribes to everything and tells the test what it gets.
const telemetrySource = `#!/usr/bin/env python3
import json, os, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import Request, urlopen
api, at = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'], {}

def call(method, path, body=None, **headers):
    headers = {'Lambda-Extension-' + k: v for k, v in {**at, **headers}.items()}
    return urlopen(Request(api + path, None if body is None else json.dumps(body).encode(), headers, method=method))

def tell(what):
    return urlopen(os.environ['DIRECTOR'] + '?telemetry', json.dumps(what).encode()).read()

class Listener(BaseHTTPRequestHandler):
    def do_POST(self):
        tell({'batch': json.loads(self.rfile.read(int(self.headers['Content-Length'])))})
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()
    def log_message(self, *args): pass

server = HTTPServer(('', 0), Listener)
threading.Thread(target=server.serve_forever, daemon=True).start()
at = {'Identifier': call('POST', '/2020-01-01/extension/register', {'events': ['INVOKE', 'SHUTDOWN']}, Name=os.path.basename(__file__)).headers['Lambda-Extension-Identifier']}
call('PUT', '/2022-07-01/telemetry', {'schemaVersion': '2022-12-13', 'types': ['platform', 'function', 'extension'], 'buffering': {'timeoutMs': 25},
    'destination': {'protocol': 'HTTP', 'URI': 'http://sandbox.localdomain:%d' % server.server_port}})
print('subscribed', flush=True)
while tell(json.load(call('GET', '/2020-01-01/extension/event/next'))) != b'exit': pass
`

// gather takes batches until a record of a type has come, and lets the extension go on.
func (d *director) gather(until string) (all []map[string]any) {
	d.t.Helper()
	for {
		one := d.goOn("batch")
		for _, record := range one.what["batch"].([]any) {
			all = append(all, record.(map[string]any))
		}
		one.reply <- ""
		if slices.ContainsFunc(all, func(r map[string]any) bool { return r["type"] == until }) {
			return all
		}
	}
}

// What an extension of the documentation does, from the subscription to the end.
func TestAnExtensionGetsTelemetry(t *testing.T) {
	needs(t, "python3")
	h, d := newHarness(t, Options{}), newDirector(t)
	fn := h.function("python3.12", "m.f", map[string]string{"m.py": "print('loaded')\n" + echo})
	fn.Layers = []lambdarunner.Code{h.layer(map[string]string{"extensions/telemetry": telemetrySource})}
	fn.Environment = map[string]string{"DIRECTOR": d.url}
	done := h.invokeSoon(fn, false)
	all := d.gather("platform.report")
	if r := <-done; string(r.Payload) != `"sent"` {
		t.Errorf("%+v", r)
	}
	for _, want := range []struct {
		kind   string
		record any // nil for any
	}{
		{"platform.initStart", nil}, {"platform.telemetrySubscription", nil}, {"extension", "subscribed\n"}, {"function", "loaded\n"}, {"platform.initRuntimeDone", nil},
		{"platform.initReport", nil}, {"platform.extension", nil}, {"platform.start", nil}, {"function", "called\n"}, {"platform.runtimeDone", nil}, {"platform.report", nil},
	} {
		if !slices.ContainsFunc(all, func(r map[string]any) bool {
			return r["type"] == want.kind && (want.record == nil || r["record"] == want.record)
		}) {
			t.Errorf("no %s %v among %v", want.kind, want.record, all)
		}
	}
	closed := make(chan error)
	go func() { closed <- h.pool.Close() }()
	d.goOn("shutdownReason").reply <- "exit"
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the pool does not close")
	}
	noneLeft(t)
}

// noneLeft fails if a goroutine of a sandbox lives on; one that is about to end may do so.
func noneLeft(t *testing.T) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		all := string(stacks[:runtime.Stack(stacks, true)])
		if !strings.Contains(all, "lambdarunner/runtimeapi.") && !strings.Contains(all, "process.(*sandbox)") && !strings.Contains(all, "process.(*printPipe)") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(all)
		}
	}
}
