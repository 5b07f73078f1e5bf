package docker

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/client"
	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"postern/lambdarunner"
	"postern/lambdarunner/debugger"
)

// Options say which engine to use and how. The zero value finds the engine as the docker
// command does and takes AWS's images.
type Options struct {
	Host   string            // engine, e.g. tcp://10.0.0.5:2376; "" for DOCKER_HOST, the current context or the default socket
	Images map[string]string // runtime to image, before AWS's public ones

	// Network is an existing network for the sandboxes; "" for one of our own, or for
	// Postern's network where Postern runs in a container.
	Network string
	// Bind and Advertise name this machine when the launcher cannot find out how a
	// container reaches it: the address listened on, and what a container calls it.
	Bind      string
	Advertise string
	DNS       []string // servers for the sandboxes, "" for the engine's

	// EmulatorPort is the port of Postern's endpoint on HostAddress; functions get it as
	// AWS_ENDPOINT_URL. 0 sets no such variable.
	EmulatorPort int
	// Hosts are names that lead to Postern's endpoint beside HostAddress, asked for each sandbox; nil: none.
	Hosts func() []string
	// CABundle is PEM of the authorities that functions trust, nil for those that they know.
	CABundle []byte
	// Owner names the data directory, which one Postern at a time uses; "" if ephemeral.
	Owner string

	InitLimit time.Duration  // for the init phase; 0 is AWS's 10 s
	Debug     debugger.Doors // of functions that are stepped through

	Progress func(PullProgress) // during downloads; nil logs them
	Logger   *slog.Logger       // nil discards
	Now      func() time.Time   // nil is time.Now
	NewID    func() string      // names containers, networks and volumes; nil makes UUIDs
}

// A Launcher starts sandboxes as containers.
type Launcher struct {
	cli      *client.Client
	options  Options
	owner    owner
	short    string // 8 hex digits of the instance, in names
	reach    reach
	firewall *firewall  // nil where there is none
	disks    *loopDisks // nil where /tmp cannot be limited
	cpus     int        // of the engine
	images   singleflight.Group

	extensions sync.Map // image id → names of the extensions in it
	tmps       sync.Map // image id → whether it has a /tmp for all
	volumes    codeVolumes

	starts     chan struct{} // has one entry for each container that is being started
	startLimit time.Duration

	lifetime context.Context // ends with Close
	end      context.CancelFunc
	tasks    sync.WaitGroup

	mu        sync.Mutex // guards the following
	sandboxes map[*sandbox]struct{}
	closed    bool
	debts     debts
}

// cleanLimit bounds clearing away at the end: an engine that hangs must not keep us.
const cleanLimit = 30 * time.Second

// New connects to the engine, removes what killed Posterns left there and prepares the
// functions' network. An error wraps ErrNoEngine if no engine answers.
func New(ctx context.Context, options Options) (*Launcher, error) {
	options = options.withDefaults()
	cli, err := connect(ctx, options.Host)
	if err != nil {
		return nil, err
	}
	l := &Launcher{cli: cli, options: options, sandboxes: map[*sandbox]struct{}{}, startLimit: startLimit}
	l.lifetime, l.end = context.WithCancel(context.Background())
	l.volumes = codeVolumes{l: l, byKey: map[string]*codeVolume{}}
	if err := l.prepare(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return o
}

func (l *Launcher) prepare(ctx context.Context) error {
	self := findSelf(ctx, l.cli)
	instance := l.options.NewID()
	l.short = short(instance)
	l.owner = newOwner(l.options.Owner, instance, self)
	if err := l.reapLeftovers(ctx); err != nil {
		l.options.Logger.Warn("cannot remove what an earlier run left in the engine", "error", err)
	}
	info, err := l.cli.Info(ctx)
	if err != nil {
		return err
	}
	l.cpus = info.NCPU
	l.starts = make(chan struct{}, max(l.cpus, minStarts))
	want := preference{network: l.options.Network, bind: l.options.Bind, advertised: l.options.Advertise}
	if l.reach, err = l.findReach(ctx, self, want); err != nil {
		return err
	}
	l.options.Logger.Debug("functions reach this machine",
		"bind", l.reach.bind, "advertised", l.reach.advertised, "network", l.reach.network, "because", l.reach.why)
	l.closeHost()
	l.openDisks()
	return nil
}

// closeHost shuts this machine's other ports to the sandboxes, where that is possible.
func (l *Launcher) closeHost() {
	reason := "the network is not one of postern's own on this machine"
	if l.reach.bridge != "" {
		if os.Geteuid() != 0 {
			reason = "only root may change the firewall"
		} else if f, err := openFirewall(l.reach.bridge); err != nil {
			reason = err.Error()
		} else {
			l.firewall, reason = f, ""
		}
	}
	if l.firewall != nil && l.options.EmulatorPort != 0 {
		if err := l.firewall.allow(l.reach.bind, l.options.EmulatorPort); err != nil {
			l.options.Logger.Warn("functions cannot reach postern's endpoint", "error", err)
		}
	}
	if reason != "" {
		l.options.Logger.Info("functions can reach every port of the engine's host that listens on all addresses", "because", reason)
	}
}

// Name is "docker".
func (l *Launcher) Name() string { return "docker" }

// HostAddress is the address on which Postern's endpoint must listen, besides its own, for
// functions to reach it at Options.EmulatorPort. Listening on all addresses covers it.
func (l *Launcher) HostAddress() string { return l.reach.bind }

// Engine describes the engine for a start-up line, e.g. "unix:///var/run/docker.sock (API 1.41)".
func (l *Launcher) Engine() string {
	return l.cli.DaemonHost() + " (API " + l.cli.ClientVersion() + ")"
}

// Close removes all sandboxes and whatever else was made in the engine. It is safe to
// call twice.
func (l *Launcher) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	var open []*sandbox
	for s := range l.sandboxes {
		open = append(open, s)
	}
	l.mu.Unlock()

	l.end()
	var closing sync.WaitGroup
	for _, s := range open {
		closing.Go(func() { _ = s.Close() }) // reapOwn below reports what is in the way
	}
	closing.Wait()
	l.tasks.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), cleanLimit)
	defer cancel()
	err := errors.Join(l.reapOwn(ctx), l.cli.Close())
	if l.firewall != nil {
		closeFirewall(l.reach.bridge) // where somebody has removed the network that reapOwn looks for
	}
	return err
}

// minStarts is how many containers start at once at least. More than the engine has processors for
// would all take longer.
const minStarts = 2

// startLimit is for making and starting one container, without what has to be downloaded for it.
const startLimit = time.Minute

var errSlowEngine = errors.New("the Docker engine takes too long to start a container")

// listening asks the engine for a sign of life: what comes next may be a download, for which there is no limit.
func (l *Launcher) listening(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, min(pingLimit, l.startLimit), errSlowEngine)
	defer cancel()
	if _, err := l.cli.Ping(ctx); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return nil
}

// StartsAtOnce is how many containers of one function are started at once.
func (l *Launcher) StartsAtOnce() int { return cap(l.starts) }

// StartsAhead is true: starting a container takes the engine hundreds of milliseconds.
func (l *Launcher) StartsAhead() bool { return true }

// begun waits for a turn to start a container; started gives it back.
func (l *Launcher) begun(ctx context.Context) error {
	select {
	case l.starts <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Launcher) started() { <-l.starts }

// begin counts a start under way, which Close waits for; the caller ends it with tasks.Done.
func (l *Launcher) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return lambdarunner.ErrClosed
	}
	l.tasks.Add(1)
	return nil
}

// add registers a sandbox unless the launcher is closed.
func (l *Launcher) add(s *sandbox) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return lambdarunner.ErrClosed
	}
	l.sandboxes[s] = struct{}{}
	return nil
}

func (l *Launcher) drop(s *sandbox) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sandboxes, s)
}

func (l *Launcher) newID() string { return short(l.options.NewID()) }

// short is the first 8 letters and digits of an id.
func short(id string) string {
	id = strings.ReplaceAll(id, "-", "")
	return id[:min(8, len(id))]
}
