package images

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
)

// FromDockerfile is "docker build" of a Dockerfile with executable files beside it, without the network.
func FromDockerfile(ctx context.Context, cli *client.Client, name, dockerfile string, files map[string]string) error {
	all := map[string]string{"Dockerfile": dockerfile}
	maps.Copy(all, files)
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, file := range sortedKeys(all) {
		if err := w.WriteHeader(&tar.Header{Name: file, Mode: 0o755, Size: int64(len(all[file]))}); err != nil {
			return err
		}
		w.Write([]byte(all[file])) // to a buffer
	}
	if err := w.Close(); err != nil {
		return err
	}
	report, err := cli.ImageBuild(ctx, &archive, build.ImageBuildOptions{Tags: []string{name}, Remove: true, NetworkMode: "none"})
	if err != nil {
		return fmt.Errorf("build %s: %w", name, err)
	}
	defer report.Body.Close()
	return importError(report.Body)
}

// Remove removes an image that a test has built or pulled.
func Remove(ctx context.Context, cli *client.Client, name string) error {
	_, err := cli.ImageRemove(ctx, name, image.RemoveOptions{Force: true, PruneChildren: true})
	return err
}

// HandlerEntryPoint is an ENTRYPOINT for images made FROM that of Build's "python", whose argument is the
// handler, as for those made from AWS's.
func HandlerEntryPoint(ctx context.Context, cli *client.Client, base string) (string, error) {
	inspected, err := cli.ImageInspect(ctx, base)
	if err != nil {
		return "", err
	}
	words := []string{inspected.Config.Entrypoint[0], "-c", "import os, sys; os.environ['_HANDLER'] = sys.argv[1]; " +
		"os.execv(sys.executable, [sys.executable, '-u', '/var/runtime/bootstrap.py'])"}
	b, err := json.Marshal(words)
	return "ENTRYPOINT " + string(b) + "\n", err
}
