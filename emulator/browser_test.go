package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// An origin is a web site whose page runs scripts in headless Chromium.
type origin struct {
	*httptest.Server
	t       *testing.T
	program string
	script  atomic.Pointer[string]
	said    chan []byte
}

// newOrigin makes an origin of its own. Without a browser the test is skipped, in CI it fails.
func newOrigin(t *testing.T) *origin {
	t.Helper()
	o := &origin{t: t, said: make(chan []byte, 1)}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			o.program = path
			break
		}
	}
	switch {
	case o.program != "":
	case os.Getenv("CI") == "true":
		t.Fatal("in CI the tests in a browser must run: .ci/tools installs Chromium")
	default:
		t.Skip("there is no Chromium: .ci/tools installs it where it may")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, page, *o.script.Load())
	})
	mux.HandleFunc("POST /said", func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		o.said <- body
	})
	o.Server = httptest.NewServer(mux)
	t.Cleanup(o.Close)
	return o
}

// page tells its server what the script returns, or that it threw.
const page = `<!doctype html><title>postern</title><script type="module">
const said = await (async () => { %s })().catch(e => ({ thrown: String(e) }))
await fetch("/said", { method: "POST", body: JSON.stringify(said) })
</script>`

// patience is how long a browser may take to start and to run a script.
const patience = time.Minute

// run runs a script, the body of an async function, and decodes what it returns into result.
func (o *origin) run(script string, result any) {
	o.t.Helper()
	o.script.Store(&script)
	var log bytes.Buffer
	browser := exec.Command(o.program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--user-data-dir="+o.t.TempDir(), o.URL)
	browser.Stdout, browser.Stderr, browser.WaitDelay = &log, &log, time.Second
	if err := browser.Start(); err != nil {
		o.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- browser.Wait() }()
	select {
	case said := <-o.said:
		browser.Process.Signal(syscall.SIGTERM) // it ends its own processes, so that its directory can go
		<-ended
		if err := json.Unmarshal(said, result); err != nil {
			o.t.Fatalf("%v: %s", err, said)
		}
	case err := <-ended:
		o.t.Fatalf("the browser has ended: %v\n%s", err, &log)
	case <-time.After(patience):
		browser.Process.Kill()
		<-ended
		o.t.Fatalf("the script has not ended\n%s", &log)
	}
}
