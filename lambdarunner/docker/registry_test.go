package docker

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A testRegistry serves one image, whatever the name, as the OCI distribution specification has it: a
// manifest, and blobs by their digests.
type testRegistry struct {
	addr     string
	manifest string // digest
	blobs    map[string][]byte
}

const manifestType = "application/vnd.docker.distribution.manifest.v2+json"

// newRegistry has an image of the probe. Engines take registries at 127.0.0.1 without TLS.
func newRegistry(t *testing.T) *testRegistry {
	t.Helper()
	r := &testRegistry{blobs: map[string][]byte{}}
	layer := probeLayer(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(layer)
	z.Close()
	config := fmt.Appendf(nil, `{"architecture":%q,"os":"linux","config":{"Entrypoint":["/probe"]},"rootfs":{"type":"layers","diff_ids":[%q]}}`,
		runtime.GOARCH, digest(layer))
	r.manifest = r.put(fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%d,"digest":%q},
"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":%d,"digest":%q}]}`,
		manifestType, len(config), r.put(config), packed.Len(), r.put(packed.Bytes())))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = ln.Addr().String()
	server := &http.Server{Handler: r}
	go server.Serve(ln)
	t.Cleanup(func() { server.Close() })
	return r
}

func probeLayer(t *testing.T) []byte {
	t.Helper()
	content := readFile(t, filepath.Join(probe.dir, "bootstrap"))
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	if err := w.WriteHeader(&tar.Header{Name: "probe", Mode: 0o755, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(content))
	w.Close()
	return layer.Bytes()
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (r *testRegistry) put(b []byte) string {
	r.blobs[digest(b)] = b
	return digest(b)
}

func (r *testRegistry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	_, what, isManifest := strings.Cut(q.URL.Path, "/manifests/")
	_, blob, _ := strings.Cut(q.URL.Path, "/blobs/")
	switch {
	case q.URL.Path == "/v2/":
		return
	case isManifest:
		w.Header().Set("Content-Type", manifestType)
		if blob = what; !strings.HasPrefix(what, "sha256:") {
			blob = r.manifest
		}
	}
	content, ok := r.blobs[blob]
	if !ok {
		http.NotFound(w, q)
		return
	}
	w.Header().Set("Docker-Content-Digest", blob)
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	w.Write(content)
}

func TestAnImageOfARegistryIsKnownBeforeItIsPulled(t *testing.T) {
	l := newLauncher(t, Options{})
	r := newRegistry(t)
	uri := r.addr + "/team/probe:1"
	img, err := l.FindImage(t.Context(), uri, goArchitecture())
	if err != nil {
		t.Fatal(err)
	}
	resolved := r.addr + "/team/probe@" + r.manifest
	if img.Resolved != resolved || img.Pin != resolved || "sha256:"+img.Digest != r.manifest {
		t.Errorf("found %+v, want %s", img, resolved)
	}
	if _, err := l.cli.ImageInspect(t.Context(), resolved); err == nil {
		t.Fatal("finding it has pulled it")
	}
	removeLater(t, resolved)
	if err := l.FetchImage(t.Context(), img, goArchitecture()); err != nil {
		t.Fatal(err)
	}
	fn := probeFunction("pulled")
	fn.Image = &img
	if got := probeOrder(t, launch(t, l, fn, nil), "args", ""); got != `["/probe"]` {
		t.Errorf("got %s", got)
	}
	again, err := l.FindImage(t.Context(), resolved, goArchitecture())
	if err != nil || again.Resolved != resolved || !strings.HasPrefix(again.Pin, "sha256:") {
		t.Errorf("when it is there: %+v, %v", again, err)
	}
}
