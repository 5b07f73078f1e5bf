package docker

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"postern/lambdarunner"
)

// launch starts a sandbox that ends with the test.
func launch(t *testing.T, l *Launcher, fn *lambdarunner.Function, sink lambdarunner.LogSink) lambdarunner.Sandbox {
	t.Helper()
	s, err := l.Launch(t.Context(), fn, newOutput(fn, sink))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask sends one event and returns the answer's payload, prefixed if it is a failure.
func ask(t *testing.T, s lambdarunner.Sandbox, event string) string {
	t.Helper()
	result, err := s.Invoke(t.Context(), &lambdarunner.Invocation{Tail: true,
		RequestID: uuid.NewString(), Payload: []byte(event), TraceID: "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
		InvokedARN: "arn:aws:lambda:eu-west-1:123456789012:function:probe",
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.FunctionError != "" {
		var failure struct{ ErrorType, ErrorMessage string }
		if err := json.Unmarshal(result.Payload, &failure); err != nil {
			t.Fatalf("%s: %v", result.Payload, err)
		}
		return result.FunctionError + ": " + failure.ErrorType + ": " + failure.ErrorMessage
	}
	return string(result.Payload)
}

// order asks the probe.
func probeOrder(t *testing.T, s lambdarunner.Sandbox, do, with string) string {
	t.Helper()
	return ask(t, s, fmt.Sprintf(`{"Do":%q,"With":%q}`, do, with))
}

func TestWhatASandboxAllows(t *testing.T) {
	l := newLauncher(t, Options{EmulatorPort: 4566})
	layer := t.TempDir()
	write(t, filepath.Join(layer, "lib", "words"), "from a layer")
	fn := probeFunction("allows")
	fn.Layers = []lambdarunner.Code{{Dir: layer, Digest: "layer"}}
	s := launch(t, l, fn, nil)
	for _, c := range []struct{ name, do, with, want string }{
		{"first call", "count", "", `1`},
		{"second call, same process", "count", "", `2`},
		{"the user's variable", "env", "GREETING", `"hello"`},
		{"endpoint", "env", "AWS_ENDPOINT_URL", fmt.Sprintf(`"http://%s:4566"`, l.HostAddress())},
		{"task root", "env", "LAMBDA_TASK_ROOT", `"/var/task"`},
		{"AWS's user", "who", "", `"993:990"`},
		{"layer", "read", "/opt/lib/words", `"from a layer"`},
		{"no raw sockets", "raw", "", "operation not permitted"},
		{"no chown", "chown", "/tmp", "operation not permitted"},
		{"/tmp can be written", "write", "/tmp/x", `"written"`},
		{"code is read-only", "write", "/var/task/x", "read-only file system"},
		{"layers are read-only", "write", "/opt/x", "read-only file system"},
		{"so is the rest", "write", "/etc/x", "read-only file system"},
	} {
		if got := probeOrder(t, s, c.do, c.with); got != c.want && !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// A later layer's file takes the place of a directory, and the other way round.
func TestLaterLayersReplaceWhatIsInTheirWay(t *testing.T) {
	l := newLauncher(t, Options{})
	first, second := t.TempDir(), t.TempDir()
	write(t, filepath.Join(first, "was-a-dir", "x"), "x")
	write(t, filepath.Join(first, "was-a-file"), "file")
	write(t, filepath.Join(first, "real", "a"), "a")
	if err := os.Symlink("real", filepath.Join(first, "link")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(second, "was-a-dir"), "now a file")
	write(t, filepath.Join(second, "was-a-file", "y"), "y")
	write(t, filepath.Join(second, "link", "b"), "not in real")
	fn := probeFunction("replaces")
	fn.Layers = []lambdarunner.Code{{Dir: first, Digest: "first"}, {Dir: second, Digest: "second"}}
	s := launch(t, l, fn, nil)
	for file, want := range map[string]string{"was-a-dir": `"now a file"`, "was-a-file/y": `"y"`, "link/b": `"not in real"`, "real/a": `"a"`} {
		if got := probeOrder(t, s, "read", "/opt/"+file); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
	if got := probeOrder(t, s, "read", "/opt/real/b"); !strings.HasSuffix(got, "no such file or directory") {
		t.Errorf("a link of one layer leads another's files astray: %s", got)
	}
}

func TestASandboxReachesTheRuntimeAPIAndTheEndpointAndNothingElseOfThisMachine(t *testing.T) {
	endpoint, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := endpoint.Addr().(*net.TCPAddr).Port
	endpoint.Close()
	l := newLauncher(t, Options{EmulatorPort: port})
	if endpoint, err = net.Listen("tcp", fmt.Sprintf("%s:%d", l.HostAddress(), port)); err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "endpoint") })}
	go server.Serve(endpoint)
	defer server.Close()
	s := launch(t, l, probeFunction("reaches"), nil)
	other := launch(t, l, probeFunction("other"), nil).(*sandbox)

	if got := probeOrder(t, s, "get", fmt.Sprintf("http://%s:%d/", l.HostAddress(), port)); got != `"endpoint"` {
		t.Errorf("endpoint: got %s", got)
	}
	if got := probeOrder(t, s, "say", other.gate.Addr().String()); strings.Contains(got, "200") {
		t.Errorf("another sandbox's Runtime API answers %s", got)
	}
	if got := probeOrder(t, s, "dial", "127.0.0.1:22"); !strings.Contains(got, "refused") {
		t.Errorf("loopback is this machine's: %s", got)
	}
	if l.reach.bridge == "" {
		t.Skip("the network is not of this Postern's own making")
	}
	address, err := other.container.address(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := probeOrder(t, s, "dial", net.JoinHostPort(address.String(), "80")); !strings.Contains(got, "timeout") {
		t.Errorf("another sandbox can be reached: %s", got)
	}
	if l.firewall == nil {
		t.Skip("closing this machine's other ports needs root")
	}
	for name, ip := range map[string]string{"gateway": l.HostAddress(), "all addresses": "0.0.0.0"} {
		private := listenEverywhere(t, ip)
		if got := probeOrder(t, s, "dial", fmt.Sprintf("%s:%d", l.HostAddress(), private.Port)); !strings.Contains(got, "refused") {
			t.Errorf("%s: a port of this machine can be reached: %s", name, got)
		}
	}
}

func TestFailuresReadAsOnAWS(t *testing.T) {
	l := newLauncher(t, Options{})
	for _, c := range []struct {
		name, do, with string
		memory         int
		want           string
	}{
		{"exit", "exit", "", 128, "Runtime.ExitError: RequestId: X Error: Runtime exited with error: exit status 3"},
		{"out of memory", "fill", "", 128, "Runtime.ExitError: RequestId: X Error: Runtime exited with error: signal: killed"},
		{"time is over", "sleep", "1m", 128, "Sandbox.Timedout: RequestId: X Error: Task timed out after 2.00 seconds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fn := probeFunction("fails")
			fn.MemoryMB = c.memory
			if c.do == "sleep" {
				fn.Timeout = 2 * time.Second
			}
			s := launch(t, l, fn, nil)
			got := probeOrder(t, s, c.do, c.with)
			if got = requestID.ReplaceAllString(got, "X"); got != "Unhandled: "+c.want {
				t.Errorf("got %s\nwant Unhandled: %s", got, c.want)
			}
			select {
			case <-s.Done():
			case <-t.Context().Done():
				t.Error("the sandbox lives on")
			}
		})
	}
}

func TestPythonAndNodeRunInTheirImages(t *testing.T) {
	l := newLauncher(t, Options{})
	for runtime, c := range map[string]struct{ file, handler, code string }{
		"python3.13": {"app/main.py", "app/main.handler", "import os\ndef handler(event, context):\n    print('hi', event['name'])\n    return {'hello': event['name'], 'uid': os.getuid()}\n"},
		"nodejs22.x": {"index.mjs", "index.handler", "export const handler = async (event) => { console.log('hi', event.name); return { hello: event.name, uid: process.getuid() }; };\n"},
	} {
		t.Run(runtime, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, c.file), c.code)
			fn := probeFunction("language")
			fn.Runtime, fn.Handler = runtime, c.handler
			fn.Code = lambdarunner.Code{Dir: dir, Live: true}
			fn.MemoryMB = 512
			var log printed
			s := launch(t, l, fn, &log)
			var got struct {
				Hello string
				UID   int
			}
			if answer := ask(t, s, `{"name":"you"}`); json.Unmarshal([]byte(answer), &got) != nil || got.Hello != "you" || got.UID != 993 {
				t.Errorf("got %s", answer)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if !strings.Contains(log.String(), "hi you\n") {
				t.Errorf("printed %q", &log)
			}
		})
	}
}

func TestLiveCodeIsReadAtEveryStart(t *testing.T) {
	l := newLauncher(t, Options{})
	dir := t.TempDir()
	fn := probeFunction("live")
	fn.Runtime, fn.Handler = "python3.13", "main.handler"
	fn.Code = lambdarunner.Code{Dir: dir, Live: true}
	fn.MemoryMB = 512
	for _, want := range []string{`"one"`, `"two"`} {
		write(t, filepath.Join(dir, "main.py"), "def handler(event, context):\n    return "+want+"\n")
		s := launch(t, l, fn, nil)
		if got := ask(t, s, `{}`); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestWhatAFunctionPrintsStandsBetweenStartAndEnd(t *testing.T) {
	l := newLauncher(t, Options{})
	var log printed
	s := launch(t, l, probeFunction("prints"), &log)
	probeOrder(t, s, "print", "#")
	probeOrder(t, s, "print", "#")
	got := regexp.MustCompile(`REPORT .*`).ReplaceAllString(requestID.ReplaceAllString(log.String(), "X"), "REPORT")
	got = strings.ReplaceAll(got, "# on stderr\n#\n", "#\n# on stderr\n") // the engine keeps no order between the two
	const each = "START RequestId: X Version: $LATEST\n#\n# on stderr\nEND RequestId: X\nREPORT\n"
	if diff := cmp.Diff(each+each, got); diff != "" {
		t.Error(diff)
	}
}

func TestOutOfMemoryReportsAllOfIt(t *testing.T) {
	l := newLauncher(t, Options{})
	s := launch(t, l, probeFunction("greedy"), nil)
	result, err := s.Invoke(t.Context(), &lambdarunner.Invocation{Tail: true, RequestID: uuid.NewString(), Payload: []byte(`{"Do":"fill"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if result.MaxMemoryMB != 128 {
		t.Errorf("%d MB of 128 used", result.MaxMemoryMB)
	}
}

func TestMemoryUseIsReported(t *testing.T) {
	l := newLauncher(t, Options{})
	s := launch(t, l, probeFunction("measured"), nil).(*sandbox)
	probeOrder(t, s, "sleep", "1500ms") // the engine measures once a second
	result, err := s.Invoke(t.Context(), &lambdarunner.Invocation{Tail: true, RequestID: uuid.NewString(), Payload: []byte(`{"Do":"count"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if result.MaxMemoryMB < 1 || result.MaxMemoryMB > 128 {
		t.Errorf("%d MB", result.MaxMemoryMB)
	}
}

func TestSandboxesStartAtOnceAndCloseEndsThemAll(t *testing.T) {
	l := newLauncher(t, Options{})
	fn := probeFunction("many")
	var starting sync.WaitGroup
	for range 6 {
		starting.Go(func() {
			s, err := l.Launch(t.Context(), fn, newOutput(fn, nil))
			if err != nil {
				t.Error(err)
				return
			}
			if got := probeOrder(t, s, "count", ""); got != "1" {
				t.Errorf("got %s", got)
			}
		})
	}
	starting.Wait()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if got := made(t, needEngine(t), l.owner.instance); got != "0 containers, 0 volumes, 0 networks" {
		t.Errorf("%s are left", got)
	}
}

func TestCloseEndsAStartUnderWay(t *testing.T) {
	l := newLauncher(t, Options{})
	late := probeFunction("late")
	started := make(chan error, 1)
	go func() {
		_, err := l.Launch(t.Context(), late, newOutput(late, nil))
		started <- err
	}()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	<-started // with an error, or a sandbox that Close has ended
	if got := made(t, needEngine(t), l.owner.instance); got != "0 containers, 0 volumes, 0 networks" {
		t.Errorf("%s are left", got)
	}
	if _, err := l.Launch(t.Context(), late, newOutput(late, nil)); err == nil {
		t.Error("a closed launcher starts sandboxes")
	}
}
