package docker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/image"
	"github.com/google/uuid"

	"postern/lambdarunner"
	"postern/testdata/images"
)

// buildImage is "docker build" of a Dockerfile with some files beside it, until the test ends. It
// returns a name that nobody else uses.
func buildImage(t *testing.T, dockerfile string, files map[string]string) string {
	t.Helper()
	name := "postern-test/function:" + uuid.NewString()
	if err := images.FromDockerfile(t.Context(), needEngine(t), name, dockerfile, files); err != nil {
		t.Fatal(err)
	}
	removeLater(t, name)
	return name
}

func removeLater(t *testing.T, name string) {
	cli := needEngine(t)
	t.Cleanup(func() { images.Remove(context.Background(), cli, name) }) // the test may have done so
}

// probeImage is an image of the probe alone.
func probeImage(t *testing.T) string {
	t.Helper()
	return buildImage(t, `FROM scratch
COPY probe /app/probe
COPY words /app/data/words
COPY id /app/id
ENV COLOUR=green PATH=/app
USER 0
WORKDIR /app/data
ENTRYPOINT ["/app/probe"]
CMD ["app.handler"]
`, map[string]string{"probe": readFile(t, filepath.Join(probe.dir, "bootstrap")), "words": "from the image", "id": uuid.NewString()})
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// imageFunction is a function of an image.
func imageFunction(t *testing.T, l *Launcher, name, uri string, change ...func(*lambdarunner.Image)) *lambdarunner.Function {
	t.Helper()
	img, err := l.FindImage(t.Context(), uri, goArchitecture())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&img)
	}
	fn := probeFunction(name)
	fn.Image, fn.Runtime, fn.Handler, fn.Code = &img, "", "", lambdarunner.Code{}
	return fn
}

func TestAFunctionOfAnImageRunsAsTheImageSays(t *testing.T) {
	l := newLauncher(t, Options{})
	uri := probeImage(t)
	s := launch(t, l, imageFunction(t, l, "image", uri), nil)
	for _, c := range []struct{ name, do, with, want string }{
		{"entry point and command", "args", "", `["/app/probe","app.handler"]`},
		{"working directory", "dir", "", `"/app/data"`},
		{"its files", "read", "words", `"from the image"`},
		{"its variables", "env", "COLOUR", `"green"`},
		{"its PATH", "env", "PATH", `"/app"`},
		{"the user's variable", "env", "GREETING", `"hello"`},
		{"what Lambda calls it", "env", "AWS_EXECUTION_ENV", `"AWS_Lambda_Image"`},
		{"where the X-Ray daemon would be", "env", "_AWS_XRAY_DAEMON_ADDRESS", `"127.0.0.1"`},
		{"no handler", "env", "_HANDLER", `""`},
		{"task root", "env", "LAMBDA_TASK_ROOT", `"/var/task"`},
		{"no libraries of Lambda's images", "env", "LD_LIBRARY_PATH", `""`},
		{"AWS's user, not its USER", "who", "", `"993:990"`},
		{"/tmp can be written", "write", "/tmp/x", `"written"`},
		{"the rest is read-only", "write", "/app/x", "read-only file system"},
	} {
		if got := probeOrder(t, s, c.do, c.with); got != c.want && !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	changed := launch(t, l, imageFunction(t, l, "changed", uri, func(img *lambdarunner.Image) {
		img.Command, img.WorkingDirectory = []string{"other.handler", "x"}, "/app"
	}), nil)
	if got := probeOrder(t, changed, "args", ""); got != `["/app/probe","other.handler","x"]` {
		t.Errorf("with a command of its own: %s", got)
	}
	if got := probeOrder(t, changed, "dir", ""); got != `"/app"` {
		t.Errorf("with a directory of its own: %s", got)
	}
}

// AWS's base images start a runtime with the handler that is their argument, and that is the image's CMD
// or the function's command.
func TestImagesMadeFromARuntimesImageRun(t *testing.T) {
	l := newLauncher(t, Options{})
	base, err := images.Build(t.Context(), l.cli, "python")
	if err != nil {
		t.Fatal(err)
	}
	entry, err := images.HandlerEntryPoint(t.Context(), l.cli, base)
	if err != nil {
		t.Fatal(err)
	}
	uri := buildImage(t, "FROM "+base+"\nCOPY app.py /var/task/\nWORKDIR /var/task\n"+entry+`CMD ["app.one"]`, map[string]string{
		"app.py": "def one(event, context):\n    return 'one'\ndef two(event, context):\n    return 'two'\n",
	})
	one := imageFunction(t, l, "one", uri)
	two := imageFunction(t, l, "two", uri, func(img *lambdarunner.Image) { img.Command = []string{"app.two"} })
	for want, fn := range map[string]*lambdarunner.Function{`"one"`: one, `"two"`: two} {
		fn.MemoryMB = 512
		if got := ask(t, launch(t, l, fn, nil), `{}`); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestProgramsThatCannotBeStartedReadAsOnAWS(t *testing.T) {
	l := newLauncher(t, Options{})
	uri := probeImage(t)
	for entry, want := range map[string]string{
		"/nowhere":        "fork/exec /nowhere: no such file or directory",
		"nowhere":         "fork/exec nowhere: no such file or directory",
		"/app/data":       "fork/exec /app/data: permission denied",
		"/app/data/words": "fork/exec /app/data/words: exec format error",
	} {
		s := launch(t, l, imageFunction(t, l, "none", uri, func(img *lambdarunner.Image) { img.EntryPoint = []string{entry} }), nil)
		got := requestID.ReplaceAllString(probeOrder(t, s, "count", ""), "X")
		if got != "Unhandled: Runtime.InvalidEntrypoint: RequestId: X Error: "+want {
			t.Errorf("%s: got %s", entry, got)
		}
	}
}

func TestAnExtensionInAnImageRuns(t *testing.T) {
	l := newLauncher(t, Options{})
	layer := extended(t, "x").Layers[0].Dir
	uri := buildImage(t, "FROM scratch\nCOPY probe /probe\nCOPY watcher /opt/extensions/watcher\nENTRYPOINT [\"/probe\"]\n", map[string]string{
		"probe": readFile(t, filepath.Join(probe.dir, "bootstrap")), "watcher": readFile(t, filepath.Join(layer, "extensions", "watcher")),
	})
	var log printed
	s := launch(t, l, imageFunction(t, l, "extended", uri), &log)
	if got := probeOrder(t, s, "count", ""); got != "1" {
		t.Errorf("got %s", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s.(*sandbox).output.Flush()
	if !strings.Contains(log.String(), "EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE,SHUTDOWN]\n") {
		t.Errorf("log:\n%s", &log)
	}
}

func TestImagesThatAreNotThere(t *testing.T) {
	l := newLauncher(t, Options{})
	uri := probeImage(t)
	other := "arm64"
	if goArchitecture() == other {
		other = "x86_64"
	}
	for _, c := range []struct {
		uri, architecture string
		want              error
	}{
		{"UPPER/case", "x86_64", lambdarunner.ErrBadImage},
		{"upper/CASE", "x86_64", lambdarunner.ErrBadImage},
		{"127.0.0.1:1/none:1", "x86_64", lambdarunner.ErrNoImage},
		{uri, other, lambdarunner.ErrImageArchitecture},
	} {
		if _, err := l.FindImage(t.Context(), c.uri, c.architecture); !errors.Is(err, c.want) {
			t.Errorf("%s for %s: %v", c.uri, c.architecture, err)
		}
	}
	fn := imageFunction(t, l, "gone", uri)
	if _, err := l.cli.ImageRemove(t.Context(), uri, image.RemoveOptions{Force: true, PruneChildren: true}); err != nil {
		t.Fatal(err)
	}
	_, err := l.Launch(t.Context(), fn, newOutput(fn, nil))
	if err == nil || !strings.Contains(err.Error(), "is no longer in the engine") || !strings.Contains(err.Error(), "update-function-code") {
		t.Errorf("after the image was removed: %v", err)
	}
}
