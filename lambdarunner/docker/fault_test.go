package docker

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/google/uuid"

	"postern/lambdarunner"
)

// A line is a socket before the engine's, which can be cut or held up: the engine is others' too.
type line struct {
	engine, path string

	mu    sync.Mutex // guards the following
	ln    net.Listener
	conns map[net.Conn]struct{}
	held  bool
}

func newLine(t *testing.T) *line {
	t.Helper()
	socket, ok := strings.CutPrefix(needEngine(t).DaemonHost(), "unix://")
	if !ok {
		t.Skip("the engine has no socket here")
	}
	e := &line{engine: socket, path: filepath.Join(t.TempDir(), "engine"), conns: map[net.Conn]struct{}{}}
	e.restore(t)
	t.Cleanup(e.cut)
	return e
}

// restore lets the engine be reached (again).
func (e *line) restore(t *testing.T) {
	t.Helper()
	ln, err := net.Listen("unix", e.path)
	if err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ln, e.held = ln, false
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			e.serve(conn)
		}
	}()
}

func (e *line) serve(conn net.Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.conns[conn] = struct{}{}
	if e.held {
		return // nobody answers
	}
	engine, err := net.Dial("unix", e.engine)
	if err != nil {
		conn.Close()
		return
	}
	e.conns[engine] = struct{}{}
	pipe := func(to, from net.Conn) {
		io.Copy(to, from)
		if w, ok := to.(interface{ CloseWrite() error }); ok {
			w.CloseWrite()
		}
	}
	go pipe(engine, conn)
	go pipe(conn, engine)
}

// cut is the engine's end, as seen from here.
func (e *line) cut() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ln.Close()
	for conn := range e.conns {
		conn.Close()
	}
	clear(e.conns)
}

// hold makes the engine one that takes new requests and does not answer.
func (e *line) hold() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = true
}

// newPool is a pool over a launcher, ended before it.
func newPool(t *testing.T, l *Launcher, sandboxes int, logs lambdarunner.LogSink) *lambdarunner.Pool {
	t.Helper()
	p := lambdarunner.NewPool(l, lambdarunner.PoolOptions{MaxSandboxes: sandboxes, Logs: logs, Logger: testLogger(t)})
	t.Cleanup(func() { p.Close() })
	return p
}

// order is an invocation of the probe.
func order(do, with string) *lambdarunner.Invocation {
	return &lambdarunner.Invocation{RequestID: uuid.NewString(), Payload: []byte(`{"Do":"` + do + `","With":"` + with + `"}`)}
}

// answers is what the probe answers, or what went wrong.
func answers(p *lambdarunner.Pool, fn *lambdarunner.Function, do, with string) string {
	result, err := p.Invoke(context.Background(), fn, order(do, with))
	if err != nil {
		return "error: " + err.Error()
	}
	return string(result.Payload)
}

// asleep waits until the probe has printed that it sleeps: until an event was taken, a sandbox
// that ends is no fault, since another one takes it.
func asleep(t *testing.T, logs *printed) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(logs.String(), "asleep"); {
		if time.Now().After(deadline) {
			t.Fatalf("the probe does not sleep: %s", logs)
		}
		time.Sleep(time.Millisecond)
	}
	logs.reset()
}

func TestFunctionsRunAgainWhenTheEngineIsBack(t *testing.T) {
	e := newLine(t)
	l := newLauncher(t, Options{Host: "unix://" + e.path})
	logs := new(printed)
	p := newPool(t, l, 10, logs)
	fn := probeFunction("interrupted")
	if got := answers(p, fn, "count", ""); got != "1" {
		t.Fatalf("before: %s", got)
	}
	busy := make(chan string, 1)
	go func() { busy <- answers(p, fn, "fall asleep", "1m") }()
	asleep(t, logs)
	warm := running1(t, l)
	e.cut()
	if got := <-busy; !strings.Contains(got, `"Sandbox.Failure"`) || !strings.Contains(got, "the Docker engine is gone") {
		t.Errorf("under way: %s", got)
	}
	if got := answers(p, fn, "count", ""); !strings.Contains(got, "start a container for interrupted") || !strings.Contains(got, "Docker daemon") {
		t.Errorf("while it is away: %s", got)
	}
	e.restore(t)
	if got := answers(p, fn, "count", ""); got != "1" {
		t.Errorf("when it is back: %s", got)
	}
	removed(t, needEngine(t), warm) // what could not be removed in between
}

// running1 is the id of the only sandbox's container.
func running1(t *testing.T, l *Launcher) string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.sandboxes {
		return s.container.id
	}
	t.Fatal("there is no sandbox")
	return ""
}

// removed waits until the engine has removed a container.
func removed(t *testing.T, cli *client.Client, id string) {
	t.Helper()
	gone, err := cli.ContainerWait(t.Context(), id, container.WaitConditionRemoved)
	select {
	case <-gone:
	case <-err: // it is gone already
	case <-time.After(cleanLimit):
		t.Errorf("container %s is still there", id)
	}
}

func TestAnEngineThatHangsIsAnErrorInTime(t *testing.T) {
	e := newLine(t)
	l := newLauncher(t, Options{Host: "unix://" + e.path})
	l.startLimit = 300 * time.Millisecond
	fn := probeFunction("hanging")
	e.hold() // new connections, as for a container's output
	_, err := l.Launch(t.Context(), fn, newOutput(fn, nil))
	if err == nil || !strings.Contains(err.Error(), errSlowEngine.Error()) {
		t.Errorf("got %v", err)
	}
	e.cut() // so that clearing away does not wait for it
	e.restore(t)
}

func TestAContainerKilledFromOutsideIsReplaced(t *testing.T) {
	l := newLauncher(t, Options{})
	logs := new(printed)
	p := newPool(t, l, 10, logs)
	fn := probeFunction("killed")
	for name, kill := range map[string]func(id string) error{
		"docker kill":  func(id string) error { return l.cli.ContainerKill(t.Context(), id, "KILL") },
		"docker rm -f": func(id string) error { return l.removeContainer(t.Context(), id) },
	} {
		if got := answers(p, fn, "count", ""); got != "1" {
			t.Fatalf("%s: before: %s", name, got)
		}
		busy := make(chan string, 1)
		go func() { busy <- answers(p, fn, "fall asleep", "1m") }()
		asleep(t, logs)
		if err := kill(running1(t, l)); err != nil {
			t.Fatal(err)
		}
		if got := requestID.ReplaceAllString(<-busy, "X"); !strings.Contains(got, `"Runtime.ExitError"`) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := answers(p, fn, "count", ""); got != "1" {
		t.Errorf("after it: %s", got)
	}
}

func TestANetworkThatWasPrunedIsMadeAgain(t *testing.T) {
	l := newLauncher(t, Options{})
	if l.reach.ownSubnet == "" {
		t.Skip("the network is not of this Postern's own making")
	}
	if err := l.cli.NetworkRemove(t.Context(), l.reach.network); err != nil {
		t.Fatal(err)
	}
	if got := probeOrder(t, launch(t, l, probeFunction("pruned"), nil), "count", ""); got != "1" {
		t.Errorf("got %s", got)
	}
}

// A burst takes more starts at once than the engine has processors, and one of the two more events than
// there may be sandboxes.
func TestABurstOfColdInvocationsIsAnswered(t *testing.T) {
	l := newLauncher(t, Options{})
	for name, c := range map[string]struct{ events, sandboxes int }{"a sandbox for each": {8, 100}, "few sandboxes": {40, 3}} {
		p := newPool(t, l, c.sandboxes, nil)
		fn := probeFunction("burst")
		var all sync.WaitGroup
		for i := range c.events {
			all.Go(func() {
				if got := answers(p, fn, "sleep", "1ms"); got != `"woke"` {
					t.Errorf("%s: event %d: %s", name, i, got)
				}
			})
		}
		all.Wait()
	}
}
