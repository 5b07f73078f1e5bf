package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func writeContext(t *testing.T, dir, name, meta string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	write(t, filepath.Join(dir, "contexts", "meta", id, "meta.json"), meta)
	return id
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTheCurrentContextNamesTheEngine(t *testing.T) {
	t.Setenv("DOCKER_CONTEXT", "")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.json"), `{"currentContext":"colima","auths":{}}`)
	writeContext(t, dir, "colima", `{"Name":"colima","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///home/me/.colima/docker.sock","SkipTLSVerify":false}}}`)
	got, err := currentContext(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := &engineContext{name: "colima", host: "unix:///home/me/.colima/docker.sock"}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(engineContext{})); diff != "" {
		t.Error(diff)
	}
}

func TestTheContextOfTheEnvironmentWinsAndItsCertificatesAreFound(t *testing.T) {
	t.Setenv("DOCKER_CONTEXT", "lab")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.json"), `{"currentContext":"colima"}`)
	id := writeContext(t, dir, "lab", `{"Endpoints":{"docker":{"Host":"tcp://lab:2376"}}}`)
	write(t, filepath.Join(dir, "contexts", "tls", id, "docker", "ca.pem"), "")
	got, err := currentContext(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.host != "tcp://lab:2376" || got.tlsDir != filepath.Join(dir, "contexts", "tls", id, "docker") {
		t.Errorf("got %+v", got)
	}
}

func TestNoContextMeansTheDefaultSocket(t *testing.T) {
	t.Setenv("DOCKER_CONTEXT", "")
	for name, config := range map[string]string{"no file": "", "none selected": `{}`, "default": `{"currentContext":"default"}`} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if config != "" {
				write(t, filepath.Join(dir, "config.json"), config)
			}
			if got, err := currentContext(dir); got != nil || err != nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestAMissingContextIsAnErrorThatNamesIt(t *testing.T) {
	t.Setenv("DOCKER_CONTEXT", "nowhere")
	if _, err := currentContext(t.TempDir()); err == nil {
		t.Error("no error")
	}
}

func TestOnlyOtherMachinesAreRemote(t *testing.T) {
	for daemon, want := range map[string]string{
		"unix:///var/run/docker.sock":    "",
		"npipe:////./pipe/docker_engine": "",
		"tcp://127.0.0.1:2375":           "",
		"tcp://localhost:2375":           "",
		"tcp://10.1.2.3:2376":            "10.1.2.3",
		"tcp://dind:2376":                "dind",
	} {
		if got := remoteHost(daemon); got != want {
			t.Errorf("remoteHost(%q) = %q, want %q", daemon, got, want)
		}
	}
}

func TestEnginesBehindSSHAreRefusedWithAHint(t *testing.T) {
	if _, err := endpointOptions("ssh://me@lab"); err == nil {
		t.Error("no error")
	}
}
