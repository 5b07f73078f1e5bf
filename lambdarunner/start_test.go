package lambdarunner

import (
	"context"
	"sync"
	"testing"
)

// An oneByOne is a workshop that starts one sandbox of a function at a time, when it is let.
type oneByOne struct {
	workshop
	let chan struct{}
}

func (o *oneByOne) StartsAtOnce() int { return 1 }

func (o *oneByOne) Launch(ctx context.Context, fn *Function, out *Output) (Sandbox, error) {
	select {
	case <-o.let:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return o.workshop.Launch(ctx, fn, out)
}

// The event whose sandbox starts gets it, and the others have it after that instead of starting one each.
func TestEventsTakeASandboxThatBecomesIdleBeforeOneOfTheirOwn(t *testing.T) {
	o := &oneByOne{let: make(chan struct{}, 1)}
	o.run = func(*sandbox, *Invocation) *Result { return &Result{} }
	p := NewPool(o, PoolOptions{})
	done := make(chan error)
	for range 20 {
		go func() {
			_, err := p.Invoke(t.Context(), &Function{ARN: "a"}, &Invocation{})
			done <- err
		}()
	}
	o.let <- struct{}{}
	for i := range 20 {
		if i == 19 {
			o.let <- struct{}{} // for the one whose own sandbox has been starting all the while
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := o.started.Load(); n < 1 || n > 2 {
		t.Errorf("%d sandboxes were started", n)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if len(p.starts.now)+len(p.starts.queued) > 0 {
		t.Errorf("left: %v", p.starts)
	}
}

func TestWhoGivesUpWaitingForAStartIsForgotten(t *testing.T) {
	o := &oneByOne{let: make(chan struct{})}
	o.run = func(*sandbox, *Invocation) *Result { return &Result{} }
	p := NewPool(o, PoolOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if _, err := p.Invoke(ctx, &Function{ARN: "a"}, &Invocation{}); err == nil {
				t.Error("it ran")
			}
		})
	}
	cancel()
	all.Wait()
	if len(p.starts.now)+len(p.starts.queued) > 0 {
		t.Errorf("left: %v", p.starts)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
