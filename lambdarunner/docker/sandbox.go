package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/docker/docker/api/types/image"

	"postern/lambdarunner"
	"postern/lambdarunner/debugger"
	"postern/lambdarunner/runtimeapi"
)

// A sandbox is one container and the Runtime API it talks to.
type sandbox struct {
	l      *Launcher
	fn     *lambdarunner.Function
	output *lambdarunner.Output
	gate   *gate
	api    *runtimeapi.Server
	tmp    *tmp
	code   *codeVolume // nil for a function of an image
	layers *codeVolume // nil for none

	door       *debugger.Door         // nil for a function that nobody steps through
	debugger   string                 // address of its debugger, "" before it is known
	program    atomic.Pointer[string] // how what delve runs has ended, nil if it has not
	undebugged []string               // variables of extensions that are the runtime's otherwise

	extensions []string    // names of external ones
	frozen     atomic.Bool // the runtime is stopped

	container *running      // nil if it never started
	closing   chan struct{} // closed when Close begins
	tasks     sync.WaitGroup

	once     sync.Once
	closeErr error
}

// Launch starts a container for the function: the image is there or is pulled, the code
// is in a volume, and then creating and starting is all there is to do.
func (l *Launcher) Launch(ctx context.Context, fn *lambdarunner.Function, output *lambdarunner.Output) (lambdarunner.Sandbox, error) {
	if err := l.begin(); err != nil {
		return nil, err
	}
	defer l.tasks.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.lifetime, cancel)() // Close ends a start under way

	s := &sandbox{l: l, fn: fn, output: output, door: l.options.Debug[fn.Name], closing: make(chan struct{})}
	if err := s.launch(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start a container for %s: %w", fn.Name, err), s.Close())
	}
	if err := l.add(s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *sandbox) launch(ctx context.Context) error {
	if err := s.l.listening(ctx); err != nil {
		return err
	}
	img, err := s.files(ctx)
	if err != nil {
		return err
	}
	if err := s.l.begun(ctx); err != nil {
		return err
	}
	defer s.l.started()
	ctx, cancel := context.WithTimeoutCause(ctx, s.l.startLimit, errSlowEngine)
	defer cancel()
	if err := s.start(ctx, img); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return nil
}

// start makes a container and lets it go.
func (s *sandbox) start(ctx context.Context, img image.InspectResponse) (err error) {
	if s.tmp, err = s.l.newTmp(ctx, img, s.fn.EphemeralMB); err != nil {
		return err
	}
	if err := s.listen(ctx); err != nil {
		return err
	}
	if s.container, err = s.run(ctx, img); err != nil {
		return err
	}
	s.tmp.mounted()
	s.api.Launched()
	s.l.payDebts()
	s.tasks.Go(s.watch)
	s.startExtensions()
	if err := s.admit(ctx); err != nil {
		return err
	}
	return s.openDoor(ctx)
}

// files makes sure that the engine has what the function needs: an image, and volumes of its code
// and its layers unless the image has all.
func (s *sandbox) files(ctx context.Context) (img image.InspectResponse, err error) {
	if s.fn.Image != nil {
		if img, err = s.l.ownImage(ctx, s.fn.Image, s.fn.Architecture); err == nil {
			s.extensions, err = s.l.extensionsIn(ctx, img.ID)
		}
		return img, err
	}
	if img, err = s.l.ensureImage(ctx, s.fn.Runtime, s.fn.Architecture); err != nil {
		return img, err
	}
	if s.code, err = s.l.volumes.acquire(ctx, img, taskRoot, []lambdarunner.Code{s.fn.Code}); err != nil || len(s.fn.Layers) == 0 {
		return img, err
	}
	var layers []string
	for _, layer := range s.fn.Layers {
		layers = append(layers, layer.Dir)
	}
	s.extensions = runtimeapi.ExternalExtensions(layers...)
	s.layers, err = s.l.volumes.acquire(ctx, img, layerDir, s.fn.Layers)
	return img, err
}

// listen opens this sandbox's Runtime API where only containers reach it.
func (s *sandbox) listen(ctx context.Context) error {
	address := net.JoinHostPort(s.l.reach.bind, "0")
	ln, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRNOTAVAIL) && s.l.restoreNetwork(ctx) == nil {
		ln, err = net.Listen("tcp", address)
	}
	if err != nil {
		return fmt.Errorf("listen for the sandbox: %w", err)
	}
	s.gate = newGate(ln)
	s.api = runtimeapi.Start(runtimeapi.Options{
		Function:    s.fn,
		Listener:    s.gate,
		Output:      s.output,
		Kill:        s.kill,
		Drain:       s.drain,
		MaxMemoryMB: func() int { return s.container.memory.MB() },
		InitLimit:   s.l.options.InitLimit,
		Extensions:  s.extensions,
		Host:        s.host,
		Suspended:   s.door.Suspends,
		Now:         s.l.options.Now,
	})
	return s.l.firewall.allow(s.l.reach.bind, s.gate.port())
}

// host is where telemetry goes. An engine in a virtual machine, or far away, keeps us from
// reaching its containers.
func (s *sandbox) host(ctx context.Context) (string, error) {
	if !s.l.reach.direct {
		return "", errors.New("containers of this engine cannot be reached from here")
	}
	address, err := s.container.address(ctx)
	return address.String(), err
}

// run starts the container, once more where the functions' network has been removed: "docker system prune"
// does so while no function runs.
func (s *sandbox) run(ctx context.Context, img image.InspectResponse) (*running, error) {
	p, err := s.plan(img)
	if err != nil {
		return nil, err
	}
	r, err := s.l.run(ctx, containerName(s.fn.Name, s.l.newID()), p, s.api.FunctionLine)
	if err == nil || !networkGone(err) || s.l.restoreNetwork(ctx) != nil {
		return r, err
	}
	return s.l.run(ctx, containerName(s.fn.Name, s.l.newID()), p, s.api.FunctionLine)
}

// endLag is how much later than the engine we may learn that a container has ended.
const endLag = 2 * time.Second

// admit tells the gate whom to let in, now that the container has an address.
func (s *sandbox) admit(ctx context.Context) error {
	if !s.l.reach.direct {
		s.gate.admit(netip.Addr{})
		return nil
	}
	address, err := s.container.address(ctx)
	if err != nil {
		select {
		case <-s.container.ended: // it crashed at once, which the first Invoke tells
			return nil
		case <-time.After(endLag):
			return err
		}
	}
	s.gate.admit(address)
	return nil
}

// watch takes the init phase's processors away when it is over, and tells the Runtime
// API how the container ended.
func (s *sandbox) watch() {
	select {
	case <-s.api.Ready():
		if s.door == nil {
			s.limitCPU()
		}
	case <-s.container.ended:
	case <-s.closing:
	}
	<-s.container.ended
	if why := s.container.exit.never; why != "" {
		s.api.NeverStarted(s.missing(why))
		return
	}
	if err := s.container.exit.err; err != nil {
		s.l.options.Logger.Warn("lost sight of a container", "function", s.fn.Name, "error", err)
		s.api.Lost("the Docker engine is gone: " + err.Error())
		return
	}
	if s.container.exit.oom {
		s.l.options.Logger.Warn("a function used more memory than it has", "function", s.fn.Name, "memory_mb", s.fn.MemoryMB)
	}
	if program := s.program.Load(); program != nil {
		s.api.Exited(*program)
		return
	}
	s.api.Exited(s.container.exit.String())
}

func (s *sandbox) limitCPU() {
	err := s.container.limitCPU(s.l.lifetime, invokeCPUs(s.fn.MemoryMB))
	select {
	case <-s.closing: // no container, no share
	case <-s.container.ended:
	default:
		if err != nil {
			s.l.options.Logger.Warn("a function keeps more processors than its memory stands for", "function", s.fn.Name, "error", err)
		}
	}
}

// kill returns when the container is no more and Done is closed: the sandbox must not be
// taken for a warm one. With extensions the container stays until Close.
func (s *sandbox) kill() {
	if len(s.extensions) > 0 {
		s.freeze()
		return
	}
	if err := s.container.remove(); err != nil {
		s.l.options.Logger.Warn("kill a container", "function", s.fn.Name, "error", err)
	}
	<-s.api.Gone()
}

// Invoke hands an event over.
func (s *sandbox) Invoke(ctx context.Context, inv *lambdarunner.Invocation) (*lambdarunner.Result, error) {
	return s.api.Invoke(ctx, inv)
}

func (s *sandbox) drain(asked bool) {
	if asked {
		s.container.drain(longQuiet)
		return
	}
	s.container.drain(quiet)
}

// Done is closed when the container has ended, or an extension.
func (s *sandbox) Init(ctx context.Context) error { return s.api.Init(ctx) }

func (s *sandbox) Done() <-chan struct{} { return s.api.Gone() }

// Close lets extensions know, kills the container, removes it and gives back what it used.
func (s *sandbox) Close() error {
	s.once.Do(func() { s.closeErr = s.close() })
	return s.closeErr
}

func (s *sandbox) close() (err error) {
	close(s.closing)
	s.door.Leave(s.debugger)
	if s.container != nil {
		s.shutDown()
		err = s.container.remove()
		s.tasks.Wait()
	}
	if s.gate != nil {
		err = errors.Join(err, s.l.firewall.forbid(s.l.reach.bind, s.gate.port()), s.api.Close())
	}
	err = errors.Join(err, s.l.closeTmp(s.tmp))
	s.l.volumes.release(s.layers)
	s.l.volumes.release(s.code)
	s.l.drop(s)
	return err
}
