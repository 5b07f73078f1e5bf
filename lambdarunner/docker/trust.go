package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"

	"github.com/docker/docker/api/types/container"
)

// trustDir is where Options.CABundle is in a container, as caBundle: a volume of its own, as the rest cannot
// be written.
const (
	trustDir = "/var/postern"
	caBundle = "ca-bundle.pem"
)

// trust puts the authorities into a container that has not started.
func (r *running) trust(ctx context.Context) error {
	bundle := r.l.options.CABundle
	if len(bundle) == 0 {
		return nil
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: caBundle, Mode: 0o444, Size: int64(len(bundle))}); err != nil {
		return err
	}
	w.Write(bundle) // to a buffer
	if err := w.Close(); err != nil {
		return err
	}
	if err := r.l.cli.CopyToContainer(ctx, r.id, trustDir, &archive, container.CopyToContainerOptions{}); err != nil {
		return fmt.Errorf("copy authorities into the container: %w", err)
	}
	return nil
}
