package images

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sort"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
)

// A recipe is the content of an image: this machine's files under their own paths, some
// of our own, and how the engine is to start it.
type recipe struct {
	language string
	key      string // changes whenever the content would
	files    func() ([]string, error)
	own      map[string]string // path to content
	env      string            // NAME=value more than all images have
	entry    []string
}

// Build makes sure that the engine has the image of a language ("python", "nodejs", or
// "provided" for an empty one whose bootstrap comes with the function) and returns its
// name. The name holds a hash of the content: a second call finds the first one's image.
func Build(ctx context.Context, cli *client.Client, language string) (string, error) {
	r, err := recipeFor(ctx, language)
	if err != nil {
		return "", fmt.Errorf("test image %s: %w", language, err)
	}
	name := r.name()
	if _, err := cli.ImageInspect(ctx, name); !cerrdefs.IsNotFound(err) {
		return name, err
	}
	if err := r.build(ctx, cli, name); err != nil {
		return "", fmt.Errorf("test image %s: %w", language, err)
	}
	return name, nil
}

func recipeFor(ctx context.Context, language string) (recipe, error) {
	switch language {
	case "provided":
		return recipe{language: language, key: "1"}, nil
	case "python":
		return pythonRecipe(ctx)
	case "nodejs":
		return nodeRecipe(ctx)
	}
	return recipe{}, errors.New("unknown language")
}

func (r recipe) name() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q %q", r.language, r.key, r.env, r.entry)
	for _, name := range sortedKeys(r.own) {
		fmt.Fprintf(sum, " %q %q", name, r.own[name])
	}
	return "postern-test/" + r.language + ":" + hex.EncodeToString(sum.Sum(nil))[:12]
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// build streams the files into the engine's import, which makes a one-layer image.
func (r recipe) build(ctx context.Context, cli *client.Client, name string) error {
	var files []string
	if r.files != nil {
		var err error
		if files, err = r.files(); err != nil {
			return err
		}
	}
	archive, w := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		w.CloseWithError(r.write(w, files))
	}()
	defer func() { archive.Close(); <-written }()
	options := image.ImportOptions{Changes: []string{"ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime LANG=en_US.UTF-8 TZ=:UTC " + r.env}}
	if len(r.entry) > 0 {
		entry, err := json.Marshal(r.entry)
		if err != nil {
			return err
		}
		options.Changes = append(options.Changes, "ENTRYPOINT "+string(entry))
	}
	source := image.ImportSource{Source: archive, SourceName: "-"}
	report, err := cli.ImageImport(ctx, source, name, options)
	if err != nil {
		return err
	}
	defer report.Close()
	return importError(report)
}

// importError reads the engine's report to its end: errors come with status 200.
func importError(report io.Reader) error {
	for d := json.NewDecoder(report); ; {
		var m struct{ Error string }
		switch err := d.Decode(&m); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case m.Error != "":
			return errors.New(m.Error)
		}
	}
}

func (r recipe) write(w io.Writer, files []string) error {
	tw := tar.NewWriter(w)
	for dir, mode := range map[string]int64{"tmp/": 0o1777, "var/task/": 0o755, "opt/": 0o755} {
		if err := tw.WriteHeader(&tar.Header{Name: dir, Mode: mode, Typeflag: tar.TypeDir}); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(r.own) {
		content := []byte(r.own[name])
		if err := add(tw, name, 0o644, int64(len(content)), bytes.NewReader(content)); err != nil {
			return err
		}
	}
	for _, name := range files {
		if err := addFile(tw, name); err != nil {
			return err
		}
	}
	return tw.Close()
}

// addFile adds a file of this machine under its own name, with links followed.
func addFile(tw *tar.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return add(tw, name, info.Mode(), info.Size(), f)
}

func add(tw *tar.Writer, name string, mode fs.FileMode, size int64, content io.Reader) error {
	err := tw.WriteHeader(&tar.Header{Name: strings.TrimPrefix(name, "/"), Mode: int64(mode.Perm()), Size: size})
	if err != nil {
		return err
	}
	_, err = io.CopyN(tw, content, size)
	return err
}
