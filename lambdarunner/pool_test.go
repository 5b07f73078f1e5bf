package lambdarunner

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A workshop is a Launcher whose sandboxes are Go functions in this process.
type workshop struct {
	run     func(*sandbox, *Invocation) *Result // nil is ErrGone
	started atomic.Int32
	ended   atomic.Int32
	refuse  error
	init    chan struct{} // closed when init phases are over; nil is at once
}

type sandbox struct {
	w     *workshop
	id    int32
	done  chan struct{}
	close sync.Once
}

func (w *workshop) Name() string { return "workshop" }
func (w *workshop) Close() error { return nil }

func (w *workshop) Launch(context.Context, *Function, *Output) (Sandbox, error) {
	if w.refuse != nil {
		return nil, w.refuse
	}
	return &sandbox{w: w, id: w.started.Add(1), done: make(chan struct{})}, nil
}

func (s *sandbox) Invoke(_ context.Context, inv *Invocation) (*Result, error) {
	if result := s.w.run(s, inv); result != nil {
		return result, nil
	}
	return nil, ErrGone
}

func (s *sandbox) Init(ctx context.Context) error {
	if s.w.init == nil {
		return nil
	}
	select {
	case <-s.w.init:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sandbox) Done() <-chan struct{} { return s.done }
func (s *sandbox) Close() error {
	s.close.Do(func() {
		s.w.ended.Add(1)
		close(s.done)
	})
	return nil
}

func newTestPool(t *testing.T, o PoolOptions, run func(*sandbox, *Invocation) *Result) (*Pool, *workshop) {
	t.Helper()
	w := &workshop{run: run}
	p := NewPool(w, o)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if w.started.Load() != w.ended.Load() {
			t.Errorf("%d sandboxes were started, %d ended", w.started.Load(), w.ended.Load())
		}
	})
	return p, w
}

func fn(name, revision string) *Function {
	return &Function{ARN: "arn:aws:lambda:us-east-1:000000000000:function:" + name + ":$LATEST", Name: name, Version: "$LATEST", Revision: revision, Timeout: time.Minute}
}

func ok(*sandbox, *Invocation) *Result { return &Result{} }

func invoke(t *testing.T, p *Pool, f *Function) {
	t.Helper()
	if _, err := p.Invoke(t.Context(), f, &Invocation{}); err != nil {
		t.Error(err)
	}
}

func TestAWarmSandboxServesOneFunctionVersionAndRevision(t *testing.T) {
	p, w := newTestPool(t, PoolOptions{}, ok)
	for _, c := range []struct {
		f    *Function
		want int32
	}{{fn("a", "1"), 1}, {fn("a", "1"), 1}, {fn("b", "1"), 2}, {fn("a", "2"), 3}, {fn("b", "1"), 3}} {
		invoke(t, p, c.f)
		if got := w.started.Load(); got != c.want {
			t.Errorf("%s revision %s: %d sandboxes, want %d", c.f.Name, c.f.Revision, got, c.want)
		}
	}
}

func TestInvocationsAtOnceRunInSandboxesOfTheirOwnUpToTheCap(t *testing.T) {
	release := make(chan struct{})
	var running, most atomic.Int32
	p, w := newTestPool(t, PoolOptions{MaxSandboxes: 3}, func(*sandbox, *Invocation) *Result {
		most.Store(max(most.Load(), running.Add(1)))
		<-release
		running.Add(-1)
		return &Result{}
	})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { invoke(t, p, fn("a", "1")) })
	}
	for range 10 {
		release <- struct{}{}
	}
	wg.Wait()
	if w.started.Load() > 3 || most.Load() > 3 {
		t.Errorf("%d sandboxes, %d at once, want at most 3", w.started.Load(), most.Load())
	}
}

func TestAFullPoolEndsTheIdleSandboxOfAnotherFunction(t *testing.T) {
	p, w := newTestPool(t, PoolOptions{MaxSandboxes: 1}, ok)
	invoke(t, p, fn("a", "1"))
	invoke(t, p, fn("b", "1"))
	invoke(t, p, fn("a", "1"))
	if w.started.Load() != 3 {
		t.Errorf("%d sandboxes, want 3", w.started.Load())
	}
}

func TestWhoWaitsForRoomGivesUpWithItsContext(t *testing.T) {
	release, begun := make(chan struct{}), make(chan struct{}, 1)
	p, _ := newTestPool(t, PoolOptions{MaxSandboxes: 1}, func(*sandbox, *Invocation) *Result {
		begun <- struct{}{}
		<-release
		return &Result{}
	})
	first := make(chan struct{})
	go func() { invoke(t, p, fn("a", "1")); close(first) }()
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Invoke(ctx, fn("b", "1"), &Invocation{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	close(release)
	<-first
}

// Room that comes for one who has given up is for the next.
func TestWhoGivesUpDoesNotTakeTheTurnOfTheNext(t *testing.T) {
	release, begun := make(chan struct{}), make(chan struct{}, 1)
	p, _ := newTestPool(t, PoolOptions{MaxSandboxes: 1}, func(_ *sandbox, inv *Invocation) *Result {
		if inv.RequestID == "first" {
			begun <- struct{}{}
			<-release
		}
		return &Result{}
	})
	var wg sync.WaitGroup
	wg.Go(func() { p.Invoke(t.Context(), fn("a", "1"), &Invocation{RequestID: "first"}) })
	<-begun
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() { p.Invoke(ctx, fn("a", "1"), &Invocation{}) })
		wg.Go(func() { invoke(t, p, fn("a", "1")) })
		wg.Go(cancel)
	}
	close(release)
	wg.Wait()
}

func TestADeadSandboxIsNotUsedAgain(t *testing.T) {
	p, w := newTestPool(t, PoolOptions{}, func(s *sandbox, inv *Invocation) *Result {
		switch string(inv.Payload) {
		case "die":
			return &Result{Ended: true}
		case "die later":
			s.Close()
		}
		return &Result{}
	})
	for i, payload := range []string{"die", "die later", "live", "live"} {
		if _, err := p.Invoke(t.Context(), fn("a", "1"), &Invocation{Payload: []byte(payload)}); err != nil {
			t.Fatal(err)
		}
		if want := int32(min(i+1, 3)); w.started.Load() != want {
			t.Errorf("after %q: %d sandboxes, want %d", payload, w.started.Load(), want)
		}
	}
}

func TestRetireEndsIdleSandboxesAtOnceAndBusyOnesAfterwards(t *testing.T) {
	release, begun := make(chan struct{}), make(chan struct{}, 4)
	p, w := newTestPool(t, PoolOptions{}, func(_ *sandbox, inv *Invocation) *Result {
		if inv.RequestID == "wait" {
			begun <- struct{}{}
			<-release
		}
		return &Result{}
	})
	invoke(t, p, fn("a", "1"))
	p.Retire("arn:aws:lambda:us-east-1:000000000000:function:a:")
	invoke(t, p, fn("a", "1"))
	if w.started.Load() != 2 {
		t.Errorf("%d sandboxes after the first Retire, want 2", w.started.Load())
	}
	busy := make(chan struct{})
	go func() {
		p.Invoke(t.Context(), fn("a", "1"), &Invocation{RequestID: "wait"})
		close(busy)
	}()
	<-begun
	p.Retire("arn:aws:lambda:us-east-1:000000000000:function:a:")
	close(release)
	<-busy
	invoke(t, p, fn("a", "1"))
	if w.started.Load() != 3 {
		t.Errorf("%d sandboxes after the second Retire, want 3", w.started.Load())
	}
}

func TestAnIdleSandboxEndsAfterItsTime(t *testing.T) {
	p, w := newTestPool(t, PoolOptions{IdleTTL: 20 * time.Millisecond}, ok)
	invoke(t, p, fn("a", "1"))
	for deadline := time.Now().Add(5 * time.Second); w.ended.Load() == 0; {
		if time.Now().After(deadline) {
			t.Fatal("it lives on")
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
}

func TestALaunchThatFailsIsTheErrorAndFreesItsPlace(t *testing.T) {
	p, w := newTestPool(t, PoolOptions{MaxSandboxes: 1}, ok)
	w.refuse = errors.New("no such image")
	for range 3 {
		if _, err := p.Invoke(t.Context(), fn("a", "1"), &Invocation{}); err == nil || err.Error() != "no such image" {
			t.Fatal(err)
		}
	}
	w.refuse = nil
	invoke(t, p, fn("a", "1"))
}

func TestNothingRunsAfterClose(t *testing.T) {
	p, _ := newTestPool(t, PoolOptions{}, ok)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Invoke(t.Context(), fn("a", "1"), &Invocation{}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestManyInvocationsLeakNothing(t *testing.T) {
	p, _ := newTestPool(t, PoolOptions{MaxSandboxes: 5, IdleTTL: time.Millisecond}, func(_ *sandbox, inv *Invocation) *Result {
		return &Result{Ended: len(inv.Payload)%7 == 0}
	})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			for j := range 100 {
				f := fn(string(rune('a'+(i+j)%8)), "1")
				if _, err := p.Invoke(t.Context(), f, &Invocation{Payload: make([]byte, i+j)}); err != nil {
					t.Error(err)
				}
				if j%25 == 0 {
					p.Retire(f.ARN)
				}
			}
		})
	}
	wg.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count > 5 || p.count != len(p.running) {
		t.Errorf("%d counted, %d live, the cap is 5", p.count, len(p.running))
	}
}

func TestAnEventThatASandboxDidNotTakeGoesToAnother(t *testing.T) {
	invoked := map[int32]int{}
	p, w := newTestPool(t, PoolOptions{}, func(s *sandbox, _ *Invocation) *Result {
		if invoked[s.id]++; s.id == 1 && invoked[1] == 2 {
			return nil
		}
		return &Result{}
	})
	for range 3 {
		invoke(t, p, fn("a", "1"))
	}
	if w.started.Load() != 2 || invoked[1] != 2 || invoked[2] != 2 {
		t.Errorf("%d sandboxes, invoked %v", w.started.Load(), invoked)
	}
}
