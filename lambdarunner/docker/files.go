package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"

	"github.com/docker/docker/api/types/container"
)

// filesDir is where files of our own are in a container: a volume of its own, as the rest cannot be written.
const filesDir = "/var/postern"

// caBundle is Options.CABundle among them.
const caBundle = "ca-bundle.pem"

// place puts files of our own into a container that has not started.
func (r *running) place(ctx context.Context, files map[string]string) error {
	if len(files) == 0 {
		return nil
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for name, content := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o444, Size: int64(len(content))}); err != nil {
			return err
		}
		w.Write([]byte(content)) // to a buffer
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := r.l.cli.CopyToContainer(ctx, r.id, filesDir, &archive, container.CopyToContainerOptions{}); err != nil {
		return fmt.Errorf("copy files into the container: %w", err)
	}
	return nil
}
