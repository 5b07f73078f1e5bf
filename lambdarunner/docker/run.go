package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"postern/lambdarunner"
)

// A running is one started container, followed until it ends.
type running struct {
	l       *Launcher
	id      string
	limit   int64 // bytes of memory
	memory  memoryGauge
	refusal atomic.Pointer[string] // why its program was not started, nil if it was
	line    chan struct{}          // gets a value when a line was printed
	ended   chan struct{}          // closed when the container has ended and its output is read
	exit    exit                   // valid after ended
	// forget ends the following of a container that the engine cannot remove.
	forget context.CancelFunc
}

// An exit is how a container ended.
type exit struct {
	code int64
	oom  bool
	err  error // the engine could not tell

	never string // why nothing was started: "fork/exec /x: no such file or directory"
}

// run creates and starts a container whose output goes line by line to print. ctx bounds
// the start only.
func (l *Launcher) run(ctx context.Context, name string, p plan, print func(line []byte)) (*running, error) {
	created, err := l.cli.ContainerCreate(ctx, p.config, p.host, nil, p.platform, name)
	if err != nil {
		return nil, fmt.Errorf("create container: %w", err)
	}
	r := &running{l: l, id: created.ID, limit: p.host.Memory, line: make(chan struct{}, 1), ended: make(chan struct{})}
	if err := r.place(ctx, p.files); err != nil {
		return nil, errors.Join(err, r.remove())
	}
	first := true
	if err := r.start(ctx, func(line []byte) {
		if first {
			first = false
			r.refusal.Store(refusal(line))
		}
		print(line)
		r.printed()
	}); err != nil {
		return nil, errors.Join(err, r.remove())
	}
	return r, nil
}

// printed tells drain of a line.
func (r *running) printed() {
	select {
	case r.line <- struct{}{}:
	default:
	}
}

// refused is what runc prints, as if the program did, where the kernel does not know what to do with a
// program: it is for another architecture, or a script without an interpreter.
const refused = ": exec format error\n"

// refusal is what the first line that a container prints says of it, nil if nothing.
func refusal(line []byte) *string {
	if bytes.HasPrefix(line, []byte(noDebugpy)) {
		return new(strings.TrimSpace(string(line)))
	}
	if !bytes.HasPrefix(line, []byte("exec /")) || !bytes.HasSuffix(line, []byte(refused)) {
		return nil
	}
	return new("fork/" + strings.TrimSpace(string(line)))
}

// hijack returns when ctx ends, which the engine's client does not where it takes a connection over: an
// engine that hangs would keep us for ever.
func hijack(ctx context.Context, attach func() (types.HijackedResponse, error)) (types.HijackedResponse, error) {
	type answer struct {
		output types.HijackedResponse
		err    error
	}
	answered := make(chan answer, 1)
	go func() {
		output, err := attach()
		answered <- answer{output, err}
	}()
	select {
	case a := <-answered:
		return a.output, a.err
	case <-ctx.Done():
		go func() {
			if a := <-answered; a.err == nil {
				a.output.Close()
			}
		}()
		return types.HijackedResponse{}, ctx.Err()
	}
}

func (r *running) start(ctx context.Context, print func([]byte)) error {
	output, err := hijack(ctx, func() (types.HijackedResponse, error) {
		return r.l.cli.ContainerAttach(ctx, r.id, container.AttachOptions{Stream: true, Stdout: true, Stderr: true})
	})
	if err != nil {
		return fmt.Errorf("attach to container: %w", err)
	}
	follow, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.forget = stop
	exited, failed := r.l.cli.ContainerWait(follow, r.id, container.WaitConditionNextExit)
	if err := r.l.cli.ContainerStart(ctx, r.id, container.StartOptions{}); err != nil {
		stop()
		output.Close()
		if why := notStarted(err); why != "" {
			r.exit.never = why
			close(r.ended)
			return nil
		}
		return fmt.Errorf("start container: %w", err)
	}
	go func() {
		defer close(r.ended)
		defer stop()
		var readers sync.WaitGroup
		readers.Go(func() { copyOutput(output, print) })
		readers.Go(func() { r.memory.follow(follow, r.l, r.id) })
		select {
		case status := <-exited:
			r.exit = r.examine(follow, status)
		case err := <-failed:
			r.exit = exit{err: err}
		}
		if r.exit.err != nil {
			output.Close() // the engine is gone or lost the container: nothing more comes
		}
		stop()
		readers.Wait()
		if r.exit.oom {
			r.memory.peak.Store(r.limit) // the last measurement was before
		}
	}()
	return nil
}

// examine asks why, which the wait does not tell.
func (r *running) examine(ctx context.Context, status container.WaitResponse) exit {
	e := exit{code: status.StatusCode}
	if status.Error != nil {
		e.err = errors.New(status.Error.Message)
	}
	if why := r.refusal.Load(); why != nil && e.code != 0 {
		e.never = *why
	}
	if c, err := r.l.cli.ContainerInspect(ctx, r.id); err == nil {
		e.oom = c.State.OOMKilled
	}
	return e
}

// address is the container's own in the functions' network.
func (r *running) address(ctx context.Context) (netip.Addr, error) {
	c, err := r.l.cli.ContainerInspect(ctx, r.id)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, endpoint := range c.NetworkSettings.Networks {
		if ip, err := netip.ParseAddr(endpoint.IPAddress); err == nil {
			return ip, nil
		}
	}
	return netip.Addr{}, errors.New("the container has ended or has no address")
}

// limitCPU changes the container's share of the processors.
func (r *running) limitCPU(ctx context.Context, cpus float64) error {
	_, err := r.l.cli.ContainerUpdate(ctx, r.id, container.UpdateConfig{
		Resources: container.Resources{NanoCPUs: r.l.nanoCPUs(cpus)},
	})
	return err
}

// How long the engine may take to pass on what was printed, and how long we listen to a
// container that does not stop printing.
const (
	quiet     = 5 * time.Millisecond
	longQuiet = 50 * time.Millisecond // where somebody waits for the log
	maxDrain  = 500 * time.Millisecond
)

// drain returns when what the container has printed has very likely come through the
// engine, which offers no way to know: when nothing came for a while.
func (r *running) drain(quiet time.Duration) {
	limit := time.NewTimer(maxDrain)
	defer limit.Stop()
	for {
		select {
		case <-r.line:
		case <-r.ended:
			return
		case <-limit.C:
			return
		case <-time.After(quiet):
			return
		}
	}
}

// remove kills the container and everything in it and removes it; ended is closed soon
// after, even if the engine is of no help any more.
func (r *running) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanLimit)
	defer cancel()
	err := r.l.removeContainer(ctx, r.id)
	if err != nil {
		r.l.oweContainer(r.id)
	}
	if err != nil && r.forget != nil {
		r.forget()
	}
	return err
}

// copyOutput takes stdout and stderr apart, which come in one stream, and hands each on
// line by line. It returns when both are at their end.
func copyOutput(output types.HijackedResponse, print func([]byte)) {
	defer output.Close()
	stdout, stderr := &lambdarunner.Lines{Print: print}, &lambdarunner.Lines{Print: print}
	_, _ = stdcopy.StdCopy(stdout, stderr, output.Reader) // an error is the end, too
	stdout.Flush()
	stderr.Flush()
}
