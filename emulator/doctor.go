package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"postern/lambdarunner/docker"
)

// Outcomes of a Check.
const (
	CheckOK   = "ok"
	CheckNote = "note" // works, with something missing
	CheckFail = "fail"
)

// A Check is one thing Examine looked at.
type Check struct {
	Name   string `json:"name"`
	Status string `json:"status"` // CheckOK, CheckNote, CheckFail
	Found  string `json:"found"`
	Hint   string `json:"hint,omitempty"` // how to mend it
}

// Examine looks at what Postern needs on this machine: the address it would
// listen on, the Docker engine, interpreters, the clock, the data directory. It
// changes nothing but for a file it writes and removes in the data directory.
func Examine(ctx context.Context, listen, dataDir string) []Check {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	checks := []Check{checkAddress(ctx, listen), checkDocker(ctx)}
	for _, program := range []string{"python3", "node", "ruby"} {
		checks = append(checks, checkInterpreter(ctx, program))
	}
	return append(checks, checkClock(ctx, listen), checkDataDir(dataDir))
}

func checkAddress(ctx context.Context, listen string) Check {
	c := Check{Name: "address"}
	l, err := net.Listen("tcp", listen)
	switch {
	case err == nil:
		l.Close()
		c.Status, c.Found = CheckOK, listen+" is free"
	case errors.Is(err, syscall.EADDRINUSE) && answersAsPostern(ctx, listen):
		c.Status, c.Found = CheckOK, "Postern runs at "+listen
	case errors.Is(err, syscall.EADDRINUSE):
		c.Status, c.Found = CheckFail, listen+" is taken by another program"
		c.Hint = "stop it, or start Postern with another --listen"
	default:
		c.Status, c.Found, c.Hint = CheckFail, err.Error(), "choose another address with --listen"
	}
	return c
}

// healthOf asks whoever listens at addr for Postern's health.
func healthOf(ctx context.Context, addr string) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/_postern/health", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err == nil {
		res.Body.Close()
	}
	return res, err
}

func answersAsPostern(ctx context.Context, addr string) bool {
	res, err := healthOf(ctx, addr)
	return err == nil && res.StatusCode == http.StatusOK
}

func checkDocker(ctx context.Context) Check {
	version, err := docker.Probe(ctx)
	if err != nil {
		return Check{Name: "docker", Status: CheckNote, Found: err.Error(),
			Hint: "without an engine functions run as processes, those in Java and .NET not at all; start Docker, or set DOCKER_HOST, for containers"}
	}
	return Check{Name: "docker", Status: CheckOK, Found: version}
}

func checkInterpreter(ctx context.Context, program string) Check {
	path, err := exec.LookPath(program)
	if err != nil {
		return Check{Name: program, Status: CheckNote, Found: "not on the PATH",
			Hint: "install it to run such functions as processes; with Docker it is not needed"}
	}
	out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	if err != nil {
		return Check{Name: program, Status: CheckFail, Found: path + ": " + err.Error(), Hint: "reinstall " + program}
	}
	return Check{Name: program, Status: CheckOK, Found: strings.TrimSpace(string(out)) + " at " + path}
}

// clockSkew is what signature checks tolerate.
const clockSkew = 5 * time.Minute

// checkClock compares the clock with a running server's, or with the time this
// program was built: a clock behind that makes signatures expire.
func checkClock(ctx context.Context, listen string) Check {
	c := Check{Name: "clock", Status: CheckOK, Found: time.Now().Format(time.RFC3339)}
	reference, source := time.Time{}, ""
	if res, err := healthOf(ctx, listen); err == nil {
		reference, _ = http.ParseTime(res.Header.Get("Date"))
		source = "the running server's"
	} else if info, err := executableInfo(); err == nil {
		if reference = info.ModTime(); time.Since(reference) > 0 {
			return c // later than the build is all that can be known offline
		}
		source = "the time this program was built"
	}
	if skew := time.Since(reference).Abs(); !reference.IsZero() && skew > clockSkew {
		c.Status, c.Hint = CheckFail, "set the clock: signed requests more than 5 minutes off are refused"
		c.Found += fmt.Sprintf(", %s off %s", skew.Round(time.Second), source)
	}
	return c
}

func executableInfo() (os.FileInfo, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Stat(path)
}

func checkDataDir(dir string) Check {
	c := Check{Name: "data directory", Status: CheckOK, Found: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		c.Status, c.Found = CheckFail, err.Error()
		c.Hint = "choose another with --data, or keep nothing with --ephemeral"
		return c
	}
	probe := filepath.Join(dir, ".doctor")
	err := os.WriteFile(probe, []byte("x"), 0o600)
	os.Remove(probe)
	if err != nil {
		c.Status, c.Found, c.Hint = CheckFail, err.Error(), "make it writable, or choose another with --data"
	}
	return c
}
