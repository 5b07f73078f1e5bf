package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	engine "github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"
	"github.com/docker/go-connections/nat"

	"postern/testdata/images"
)

// maxImage is what users are promised.
const maxImage = 40 << 20

func TestTheImageRunsFunctionsInSiblingContainers(t *testing.T) {
	cli := needEngine(t)
	name := buildImage(t, cli)
	provided, err := images.Build(t.Context(), cli, "provided")
	if err != nil {
		t.Fatal(err)
	}
	postern := startImage(t, cli, name, "POSTERN_LAMBDA=docker", "POSTERN_RUNTIME_IMAGE=provided.al2023="+provided)
	sdk := lambda.New(lambda.Options{
		BaseEndpoint: aws.String(postern.endpoint), Region: "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("123456789012", "test", ""),
	})
	createProbe(t, sdk)

	if got := invoke(t, sdk, `{"Do":"count"}`); got != "1" {
		t.Errorf("first call answers %s, want 1", got)
	}
	if got := invoke(t, sdk, `{"Do":"count"}`); got != "2" {
		t.Errorf("second call answers %s, want 2: the sandbox was not kept warm", got)
	}
	if got := siblings(t, postern); got != 1 {
		t.Errorf("%d sandboxes in the engine, want 1", got)
	}
	endpoint := strings.Trim(invoke(t, sdk, `{"Do":"env","With":"AWS_ENDPOINT_URL"}`), `"`)
	if got := invoke(t, sdk, fmt.Sprintf(`{"Do":"get","With":%q}`, endpoint+"/_postern/health")); !strings.Contains(got, "status") {
		t.Errorf("postern's health seen from the function at %s is %s", endpoint, got)
	}

	postern.stop(t)
	if got := siblings(t, postern); got != 0 {
		t.Errorf("%d sandboxes are left after a clean stop, want 0", got)
	}
}

// needEngine skips the test where no engine answers, and fails it in CI.
func needEngine(t *testing.T) *engine.Client {
	t.Helper()
	cli, err := engine.NewClientWithOpts(engine.FromEnv, engine.WithAPIVersionNegotiation())
	if err == nil {
		_, err = cli.Ping(t.Context())
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Cleanup(func() { cli.Close() })
	return cli
}

// buildImage does what "make image" does, under a name of its own.
func buildImage(t *testing.T, cli *engine.Client) string {
	t.Helper()
	name := fmt.Sprintf("postern-test/postern:%d", os.Getpid())
	if out, err := exec.CommandContext(t.Context(), "../../.ci/image", name).CombinedOutput(); err != nil {
		t.Fatalf("build the image: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if _, err := cli.ImageRemove(context.Background(), name, image.RemoveOptions{Force: true, PruneChildren: true}); err != nil {
			t.Error(err)
		}
	})
	built, err := cli.ImageInspect(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if built.Size > maxImage {
		t.Errorf("the image has %.1f MB, more than %d", float64(built.Size)/(1<<20), maxImage>>20)
	}
	return name
}

// An inContainer is a Postern started from the image.
type inContainer struct {
	cli      *engine.Client
	id       string
	endpoint string
}

// startImage runs the image as docker-compose.yml does, on a free port, and waits for "Ready.".
func startImage(t *testing.T, cli *engine.Client, name string, env ...string) *inContainer {
	t.Helper()
	created, err := cli.ContainerCreate(t.Context(), &container.Config{Image: name, Env: env}, &container.HostConfig{
		PortBindings: nat.PortMap{"4566/tcp": {{HostIP: "127.0.0.1"}}},
		Mounts: []mount.Mount{
			{Type: mount.TypeBind, Source: "/var/run/docker.sock", Target: "/var/run/docker.sock"},
			{Type: mount.TypeVolume, Target: "/var/lib/postern"},
		},
	}, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	p := &inContainer{cli: cli, id: created.ID}
	t.Cleanup(func() {
		if err := cli.ContainerRemove(context.Background(), p.id, container.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
			t.Error(err)
		}
	})
	if err := cli.ContainerStart(t.Context(), p.id, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	p.waitReady(t)
	c, err := cli.ContainerInspect(t.Context(), p.id)
	if err != nil {
		t.Fatal(err)
	}
	p.endpoint = "http://127.0.0.1:" + c.NetworkSettings.Ports["4566/tcp"][0].HostPort
	return p
}

func (p *inContainer) waitReady(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	logs, err := p.cli.ContainerLogs(ctx, p.id, container.LogsOptions{ShowStdout: true, ShowStderr: true, Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	var all bytes.Buffer
	for lines := bufio.NewScanner(logs); lines.Scan(); {
		all.Write(append(lines.Bytes(), '\n'))
		if strings.HasSuffix(lines.Text(), "Ready.") {
			return
		}
	}
	var plain bytes.Buffer
	_, _ = stdcopy.StdCopy(&plain, &plain, &all)
	t.Fatalf("postern is not ready; it says:\n%s", plain.String())
}

// stop sends SIGTERM and waits for a clean exit.
func (p *inContainer) stop(t *testing.T) {
	t.Helper()
	limit := 30
	if err := p.cli.ContainerStop(t.Context(), p.id, container.StopOptions{Timeout: &limit}); err != nil {
		t.Fatal(err)
	}
	c, err := p.cli.ContainerInspect(t.Context(), p.id)
	if err != nil {
		t.Fatal(err)
	}
	if c.State.ExitCode != 0 {
		t.Errorf("postern ended with exit code %d", c.State.ExitCode)
	}
}

// siblings counts the sandboxes of this Postern.
func siblings(t *testing.T, p *inContainer) int {
	t.Helper()
	list, err := p.cli.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(
		filters.Arg("label", "postern=sandbox"), filters.Arg("label", "postern.container="+p.id))})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func createProbe(t *testing.T, sdk *lambda.Client) {
	t.Helper()
	architecture := types.ArchitectureX8664
	if runtime.GOARCH == "arm64" {
		architecture = types.ArchitectureArm64
	}
	_, err := sdk.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("probe"), Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Role:          aws.String("arn:aws:iam::123456789012:role/any"),
		Architectures: []types.Architecture{architecture},
		Timeout:       aws.Int32(20),
		Code:          &types.FunctionCode{ZipFile: probeZip(t)},
	})
	if err != nil {
		t.Fatal(err)
	}
	active := lambda.NewFunctionActiveV2Waiter(sdk, func(o *lambda.FunctionActiveV2WaiterOptions) { o.MinDelay = 50 * time.Millisecond })
	if err := active.Wait(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("probe")}, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// probeZip packs the function that the Docker launcher's tests use, too.
func probeZip(t *testing.T) []byte {
	t.Helper()
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", "lambda.norpc", "-o", bootstrap, "../../lambdarunner/docker/testdata/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the probe: %v\n%s", err, out)
	}
	content, err := os.ReadFile(bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	w, err := z.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func invoke(t *testing.T, sdk *lambda.Client, payload string) string {
	t.Helper()
	out, err := sdk.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("probe"), Payload: []byte(payload)})
	if err != nil {
		t.Fatal(err)
	}
	if out.FunctionError != nil {
		t.Fatalf("%s: %s: %s", payload, *out.FunctionError, out.Payload)
	}
	return string(out.Payload)
}
