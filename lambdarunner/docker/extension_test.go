package docker

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
)

// extended is the probe with the extension of testdata in a layer.
func extended(t *testing.T, name string) *lambdarunner.Function {
	t.Helper()
	layer := t.TempDir()
	if err := os.Chmod(layer, 0o755); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(layer, "extensions", "watcher"), "./testdata/extension")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	fn := probeFunction(name)
	fn.Layers = []lambdarunner.Code{{Dir: layer, Digest: name}}
	return fn
}

func TestAnExtensionInAContainerSeesItsWholeLife(t *testing.T) {
	l := newLauncher(t, Options{})
	var log printed
	s := launch(t, l, extended(t, "extended"), &log)
	for _, want := range []string{"1", "2"} {
		if got := probeOrder(t, s, "count", ""); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s.(*sandbox).output.Flush()
	for line, times := range map[string]int{
		"EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE,SHUTDOWN]\n": 1,
		"event: INVOKE  as 993\n": 2, "event: SHUTDOWN spindown as 993\n": 1,
		"telemetry: platform.initStart\n": 1, "telemetry: platform.report\n": 2,
	} {
		if got := strings.Count(log.String(), line); got != times {
			t.Errorf("%q is there %d times, want %d:\n%s", line, got, times, &log)
		}
	}
}

func TestExtensionsInContainersFailAsOnAWS(t *testing.T) {
	l := newLauncher(t, Options{})
	for _, c := range []struct {
		name    string
		prepare func(*lambdarunner.Function)
		do      string
		want    string
	}{
		{"a crash", func(fn *lambdarunner.Function) { fn.Environment["CRASH"] = "yes" }, "count", "Extension.Crash: RequestId: X Error: exit status 7"},
		{"not executable", func(fn *lambdarunner.Function) {
			if err := os.Chmod(filepath.Join(fn.Layers[0].Dir, "extensions", "watcher"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "count", "Extension.LaunchError: RequestId: X Error: fork/exec /opt/extensions/watcher: permission denied"},
		{"the runtime's end is the runtime's", func(*lambdarunner.Function) {}, "exit", "Runtime.ExitError: RequestId: X Error: Runtime exited with error: exit status 3"},
		{"time is over", func(fn *lambdarunner.Function) { fn.Timeout = time.Second }, "sleep", "Sandbox.Timedout: RequestId: X Error: Task timed out after 1.00 seconds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fn := extended(t, strings.ReplaceAll(fmt.Sprint(c.do, c.name), " ", "-"))
			c.prepare(fn)
			var log printed
			s := launch(t, l, fn, &log)
			got := requestID.ReplaceAllString(probeOrder(t, s, c.do, "1m"), "X")
			if got != "Unhandled: "+c.want {
				t.Errorf("got %s\nwant Unhandled: %s", got, c.want)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			s.(*sandbox).output.Flush()
			if c.do == "sleep" && !strings.Contains(log.String(), "event: SHUTDOWN timeout") {
				t.Errorf("the extension does not know why:\n%s", &log)
			}
		})
	}
}
