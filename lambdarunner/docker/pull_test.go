package docker

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAnImageThatCannotBeHadSaysWhatToDo(t *testing.T) {
	// Nothing listens on port 1, so the pull fails at once, as it does offline.
	const image = "127.0.0.1:1/lambda/python:3.13"
	l := newLauncher(t, Options{Images: map[string]string{"python3.13": image}})
	_, err := l.ensureImage(t.Context(), "python3.13", "x86_64")
	var missing *ImageError
	if !errors.As(err, &missing) {
		t.Fatalf("got %v, want an ImageError", err)
	}
	for _, part := range []string{image, "docker pull --platform linux/amd64 " + image, "--runtime-image python3.13=", "--lambda process"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestPullProgressAddsUpTheLayers(t *testing.T) {
	var got []PullProgress
	clock := time.Unix(0, 0)
	l := &Launcher{options: Options{
		Progress: func(p PullProgress) { got = append(got, p) },
		Now:      func() time.Time { clock = clock.Add(progressEvery); return clock },
	}.withDefaults()}
	// As Docker 20.10 reports a pull.
	err := l.followPull("python", strings.NewReader(`{"status":"Pulling from lambda/python","id":"3.13"}
{"status":"Pulling fs layer","progressDetail":{},"id":"a"}
{"status":"Downloading","progressDetail":{"current":10,"total":100},"progress":"[>  ]","id":"a"}
{"status":"Downloading","progressDetail":{"current":5,"total":50},"id":"b"}
{"status":"Downloading","progressDetail":{"current":90,"total":100},"id":"a"}
{"status":"Download complete","progressDetail":{},"id":"a"}
{"status":"Digest: sha256:00"}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []PullProgress{
		{Image: "python", Current: 10, Total: 100},
		{Image: "python", Current: 15, Total: 150},
		{Image: "python", Current: 95, Total: 150},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAPullThatFailsHalfwayIsAnError(t *testing.T) {
	l := &Launcher{options: Options{}.withDefaults()}
	err := l.followPull("python", strings.NewReader(`{"errorDetail":{"message":"toomanyrequests"},"error":"toomanyrequests"}`))
	if err == nil || err.Error() != "toomanyrequests" {
		t.Errorf("got %v", err)
	}
}
