package lambdarunner

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"postern/lambdarunner/live"
)

// Defaults of PoolOptions.
const (
	defaultMaxSandboxes = 100
	defaultIdleTTL      = 10 * time.Minute
)

// Errors of a Pool.
var (
	ErrClosed    = errors.New("the function runner is closed")
	ErrThrottled = errors.New("rate exceeded") // no sandbox became free in time

	// ErrGone is a Sandbox's that has ended between two events, before it took the second:
	// another one can have it.
	ErrGone = errors.New("the sandbox has ended")
)

// PoolOptions are what a Pool works with.
type PoolOptions struct {
	MaxSandboxes int           // of all functions together; 0 is 100
	IdleTTL      time.Duration // a sandbox idle for longer is ended; 0 is 10 minutes
	NoReserve    bool          // start none ahead of events but those that are provisioned
	Logs         LogSink       // nil discards
	WatchIgnore  []string      // patterns of what changes in live directories and is not code, as live.Options has them
	Logger       *slog.Logger  // nil discards
	Now          func() time.Time

	// Debugger knows the functions that somebody steps through; nil is none. They have one sandbox at a time.
	Debugger Debugger
}

// A Debugger tells of functions, by name, whether they are stepped through, and whether somebody is attached, or
// waited for, so that no limit on time counts.
type Debugger interface {
	Debugs(function string) bool
	Suspends(function string) bool
}

// noDebugger is that of a Pool without one.
type noDebugger struct{}

func (noDebugger) Debugs(string) bool   { return false }
func (noDebugger) Suspends(string) bool { return false }

// A Pool runs functions in sandboxes: it reuses those that are warm, starts more
// for more invocations at once, and ends what is idle, outdated or dead. There is
// one for all functions, since they share the cap.
type Pool struct {
	launcher Launcher
	o        PoolOptions
	watcher  *live.Watcher
	stop     chan struct{}
	active   sync.WaitGroup // launches, invocations, endings, the sweeper

	// mu guards the rest.
	mu      sync.Mutex
	closed  bool
	warm    map[string][]*warmSandbox // idle ones by key, the last used at the end
	running map[*warmSandbox]struct{} // all that live
	count   int                       // all that live or are being started
	waiting []chan struct{}           // those who wait for one to end or to become idle

	provisioned map[string]*provision // by key
	starting    map[string]int        // of those provisioned, by key
	starts      starts
	hot         map[string]bool // keys of functions that are; nil where none is started ahead
}

// A warmSandbox is a Sandbox and what the Pool must remember of it.
type warmSandbox struct {
	Sandbox
	key       string
	fn        *Function
	output    *Output
	print     live.Print // of live code when it was started
	idleSince time.Time
	busy      bool
	retired   bool
	ahead     bool // it is provisioned, and its init phase goes on
}

// NewPool makes a Pool over a launcher, which it closes.
func NewPool(l Launcher, o PoolOptions) *Pool {
	if o.MaxSandboxes == 0 {
		o.MaxSandboxes = defaultMaxSandboxes
	}
	if o.IdleTTL == 0 {
		o.IdleTTL = defaultIdleTTL
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Debugger == nil {
		o.Debugger = noDebugger{}
	}
	p := &Pool{launcher: l, o: o, stop: make(chan struct{}), warm: map[string][]*warmSandbox{}, starts: newStarts(l), running: map[*warmSandbox]struct{}{}}
	if slow, ok := l.(slowStarter); ok && slow.StartsAhead() && !o.NoReserve {
		p.hot = map[string]bool{}
	}
	p.watcher = live.New(live.Options{Ignore: o.WatchIgnore, Logger: o.Logger, Now: o.Now})
	p.active.Add(1)
	go p.sweep()
	return p
}

// printOf is the state of a function's live code and layers, 0 for code that cannot change.
func (p *Pool) printOf(fn *Function) live.Print {
	var dirs []live.Dir
	if fn.Code.Live {
		dirs = append(dirs, live.Dir{Path: fn.Code.Dir})
	}
	for _, layer := range fn.Layers {
		if layer.Live {
			dirs = append(dirs, live.Dir{Path: layer.Dir, Layer: true})
		}
	}
	return p.watcher.Print(dirs)
}

func keyOf(fn *Function) string { return fn.ARN + "#" + fn.Revision }

// Invoke runs one invocation and returns how it ended, a failure of the function
// included. An error means that it was not run: no sandbox could be started, the
// Pool is closed, or ctx ended first. An invocation that has begun goes on when
// ctx ends, as on AWS; its Result is then lost.
func (p *Pool) Invoke(ctx context.Context, fn *Function, inv *Invocation) (*Result, error) {
	if !p.begin() {
		inv.ended()
		return nil, ErrClosed
	}
	sb, result, err := p.hand(ctx, fn, inv)
	if sb == nil {
		inv.ended()
		p.active.Done()
		return nil, err
	}
	var detached *Detached
	if errors.As(err, &detached) {
		go p.releaseLater(sb, inv, detached.Ended)
		return nil, detached.Err
	}
	if err == nil && result.Busy != nil {
		go p.releaseLater(sb, inv, result.Busy)
		return result, nil
	}
	p.release(sb, err != nil || result.Ended)
	inv.ended()
	p.active.Done()
	return result, err
}

// hand gives the event to a sandbox that lives long enough to take it; there is none if
// the error is of acquire. A runtime may end after an answer, as AWS's clients do when
// theirs was refused, and nobody knows before it has.
func (p *Pool) hand(ctx context.Context, fn *Function, inv *Invocation) (*warmSandbox, *Result, error) {
	for {
		sb, err := p.acquire(ctx, fn)
		if err != nil {
			return nil, nil, err
		}
		result, err := sb.Invoke(ctx, inv)
		if !errors.Is(err, ErrGone) {
			return sb, result, err
		}
		p.release(sb, true)
	}
}

// releaseLater is release when an invocation is over that goes on without its caller.
func (p *Pool) releaseLater(sb *warmSandbox, inv *Invocation, ended <-chan bool) {
	defer p.active.Done()
	p.release(sb, <-ended)
	inv.ended()
}

// ended tells who wants to know.
func (inv *Invocation) ended() {
	if inv.Ended != nil {
		inv.Ended()
	}
}

// begin registers work that Close has to wait for.
func (p *Pool) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.active.Add(1)
	return true
}

// acquire takes a warm sandbox, starts one, or waits until there is room.
func (p *Pool) acquire(ctx context.Context, fn *Function) (*warmSandbox, error) {
	print, key := p.printOf(fn), keyOf(fn)
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, ErrClosed
		}
		if sb := p.takeWarm(key, print); sb != nil {
			p.starts.goOn(key)
			p.getAhead(fn)
			p.mu.Unlock()
			return sb, nil
		}
		may := p.starts.mayBegin(key) && !p.alone(fn)
		if may && (p.count < p.o.MaxSandboxes || p.evictIdle()) {
			p.heat(key)
			p.count++
			p.starts.begin(key)
			p.mu.Unlock()
			return p.launch(ctx, fn, print)
		}
		turn := make(chan struct{})
		if may {
			p.waiting = append(p.waiting, turn)
			p.starts.goOn(key)
		} else {
			p.starts.wait(key, turn)
		}
		p.mu.Unlock()
		select {
		case <-turn:
		case <-p.stop:
			return nil, ErrClosed
		case <-ctx.Done():
			p.giveUp(key, turn)
			return nil, fmt.Errorf("%w: %d sandboxes are busy: %w", ErrThrottled, p.o.MaxSandboxes, ctx.Err())
		}
	}
}

// alone tells that a function that is stepped through has its sandbox already; p.mu is held.
func (p *Pool) alone(fn *Function) bool {
	return p.o.Debugger.Debugs(fn.Name) && p.live(keyOf(fn))+p.starts.now[keyOf(fn)] > 0
}

// giveUp takes one who waits out of the queue. If its turn has come already, it is the
// next one's.
func (p *Pool) giveUp(key string, turn chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.starts.giveUp(key, turn) {
		return
	}
	if i := slices.Index(p.waiting, turn); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
		return
	}
	p.wake()
	p.starts.goOn(key)
}

// launch starts a sandbox; the caller has counted it.
func (p *Pool) launch(ctx context.Context, fn *Function, print live.Print) (*warmSandbox, error) {
	output := NewOutput(fn, streamName(fn, p.o.Now()), p.o.Logs, p.o.Now)
	sandbox, err := p.launcher.Launch(ctx, fn, output)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.starts.end(keyOf(fn))
		p.count--
		p.wake()
		return nil, err
	}
	sb := &warmSandbox{Sandbox: sandbox, key: keyOf(fn), fn: fn, output: output, print: print, busy: true}
	p.running[sb] = struct{}{}
	p.active.Add(1)
	go p.settle(sb)
	return sb, nil
}

// streamName is the log stream of a new sandbox.
func streamName(fn *Function, now time.Time) string {
	id := make([]byte, 16)
	rand.Read(id)
	return fmt.Sprintf("%s/[%s]%s", now.UTC().Format("2006/01/02"), fn.Version, hex.EncodeToString(id))
}

// Close ends everything, invocations under way included, and waits for it.
func (p *Pool) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	close(p.stop)
	for sb := range p.running {
		if !sb.busy {
			p.unwarm(sb)
			p.drop(sb)
			continue
		}
		p.active.Add(1)
		go func() { // its Invoke returns, and release drops it
			defer p.active.Done()
			sb.Close()
		}()
	}
	p.mu.Unlock()
	err := p.launcher.Close()
	p.active.Wait()
	p.watcher.Close()
	return err
}
