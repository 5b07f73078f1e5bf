package emulator_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/docker/docker/client"

	"postern/emulator"
	"postern/testdata/images"
)

// A server is a running Postern for one test.
type server struct {
	*emulator.Emulator
	addr string
}

func (s *server) url(path string) string { return "http://" + s.addr + path }

// start opens and serves an Emulator until the test ends.
func start(t *testing.T, c emulator.Config) *server {
	t.Helper()
	if c.Logger == nil {
		c.Logger = slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.Port = l.Addr().(*net.TCPAddr).Port
	e, err := emulator.Open(t.Context(), c)
	if err != nil {
		l.Close()
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- e.Serve(l) }()
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &server{e, l.Addr().String()}
}

// aws is the configuration of SDK clients for the server.
func (s *server) aws() aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + s.addr), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// get fetches an URL and returns status and body.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, body := do(t, req)
	return res.StatusCode, body
}

// do sends a request and reads the answer.
func do(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// A testWriter sends the server's log to the test's.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// needProgram skips where a program the test drives is missing; CI must have all.
func needProgram(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		skip(t, name+" is not on this machine")
	}
}

// skip skips with a reason, except in CI, where everything must run.
func skip(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("in CI this must run: " + reason)
	}
	t.Skip(reason)
}

// processes runs functions as processes.
func processes(*testing.T) emulator.LambdaConfig {
	return emulator.LambdaConfig{Mode: emulator.LambdaProcess, NoReserve: true} // most tests start one sandbox
}

// containers runs functions in containers of images made from this machine's
// interpreters, since none can be pulled where tests run.
func containers(t *testing.T) emulator.LambdaConfig {
	t.Helper()
	cli := engine(t)
	c := emulator.LambdaConfig{Mode: emulator.LambdaDocker, Images: map[string]string{}}
	for runtime, language := range map[string]string{"python3.12": "python", "nodejs22.x": "nodejs", "provided.al2023": "provided"} {
		image, err := images.Build(t.Context(), cli, language)
		if err != nil {
			t.Fatal(err)
		}
		c.Images[runtime] = image
	}
	return c
}

// engine is the Docker engine that tests run containers in.
func engine(t *testing.T) *client.Client {
	t.Helper()
	cli, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cli.Close() })
	if _, err := cli.Ping(t.Context()); err != nil {
		skip(t, "no Docker engine answers: "+err.Error())
	}
	return cli
}

// runners are both ways to run functions, for tests of what must not depend on it.
var runners = map[string]func(*testing.T) emulator.LambdaConfig{"process": processes, "docker": containers}

// root is the folder of the checkout.
func root(t *testing.T) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("no caller")
	}
	return filepath.Dir(filepath.Dir(file))
}
