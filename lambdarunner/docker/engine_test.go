package docker

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"

	"postern/lambdarunner"
	"postern/testdata/images"
)

// needEngine skips the test where no engine answers, and fails it in CI.
func needEngine(t *testing.T) *client.Client {
	t.Helper()
	cli, err := connect(t.Context(), "")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Cleanup(func() { cli.Close() })
	return cli
}

// newLauncher has this machine's test images for the runtimes the tests use.
func newLauncher(t *testing.T, options Options) *Launcher {
	t.Helper()
	cli := needEngine(t)
	if options.Images == nil {
		options.Images = map[string]string{}
		for name, language := range map[string]string{"provided.al2023": "provided", "python3.13": "python", "nodejs22.x": "nodejs"} {
			image, err := images.Build(t.Context(), cli, language)
			if err != nil {
				t.Fatal(err)
			}
			options.Images[name] = image
		}
	}
	options.Logger = testLogger(t)
	l, err := New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func testLogger(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

var probe struct {
	dir string
	err error
}

func TestMain(m *testing.M) {
	if os.Getenv(victimOwner) != "" {
		beVictim()
	}
	os.Exit(runTests(m))
}

// runTests builds the probe function once for all tests.
func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "postern-docker-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	probe.dir = dir
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", "lambda.norpc", "-o", filepath.Join(dir, "bootstrap"), "./testdata/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s%v\n", out, err)
		return 1
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// probeFunction is a function whose code is testdata/probe.
func probeFunction(name string) *lambdarunner.Function {
	return &lambdarunner.Function{
		ARN: "arn:aws:lambda:eu-west-1:123456789012:function:" + name + ":$LATEST", Name: name, Version: "$LATEST",
		AccountID: "123456789012", Region: "eu-west-1", Revision: "1",
		Runtime: "provided.al2023", Handler: "bootstrap", Architecture: goArchitecture(),
		MemoryMB: 128, EphemeralMB: 512, Timeout: 20 * time.Second,
		Environment: map[string]string{"GREETING": "hello"},
		Code:        lambdarunner.Code{Dir: probe.dir, Digest: "probe"},
		LogGroup:    "/aws/lambda/" + name,
	}
}

// goArchitecture is what the probe is built for, in Lambda's words.
func goArchitecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// made counts what is left in the engine of one Postern.
func made(t *testing.T, cli *client.Client, instance string) string {
	t.Helper()
	f := filters.NewArgs(filters.Arg("label", labelInstance+"="+instance))
	containers, err := cli.ContainerList(t.Context(), container.ListOptions{All: true, Filters: f})
	if err != nil {
		t.Fatal(err)
	}
	volumes, err := cli.VolumeList(t.Context(), volume.ListOptions{Filters: f})
	if err != nil {
		t.Fatal(err)
	}
	networks, err := cli.NetworkList(t.Context(), network.ListOptions{Filters: f})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d containers, %d volumes, %d networks", len(containers), len(volumes.Volumes), len(networks))
}

// listenEverywhere is a server of this machine that is none of the functions' business.
func listenEverywhere(t *testing.T, ip string) *net.TCPAddr {
	t.Helper()
	ln, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln.Addr().(*net.TCPAddr)
}
