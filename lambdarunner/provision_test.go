package lambdarunner

import (
	"context"
	"errors"
	"testing"
	"time"
)

// await waits until a workshop has started n sandboxes that are idle.
func (w *workshop) await(t *testing.T, n int32) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); w.started.Load() < n; {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d sandboxes were started", w.started.Load(), n)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestProvisionedSandboxesAreStartedAheadAndStay(t *testing.T) {
	p, w := newTestPool(t, PoolOptions{IdleTTL: 40 * time.Millisecond}, ok)
	f := fn("f", "1")
	p.Provision(f, 3)
	w.await(t, 3)
	invoke(t, p, fn("other", "1"))
	for w.ended.Load() == 0 { // the other one is idle for too long
		time.Sleep(time.Millisecond)
	}
	invoke(t, p, f)
	if n, err := p.Provisioned(f); n != 3 || err != nil || w.started.Load() != 4 {
		t.Errorf("%d are there, %d were started: %v", n, w.started.Load(), err)
	}
	p.Provision(f, 0)
	for w.ended.Load() != 4 {
		time.Sleep(time.Millisecond)
	}
}

func TestAProvisionedSandboxThatEndsIsReplaced(t *testing.T) {
	p, w := newTestPool(t, PoolOptions{}, func(*sandbox, *Invocation) *Result { return &Result{Ended: true} })
	f := fn("f", "1")
	p.Provision(f, 1)
	w.await(t, 1)
	invoke(t, p, f)
	w.await(t, 2)
}

func TestProvisionedSandboxesAreNotEndedToMakeRoom(t *testing.T) {
	p, w := newTestPool(t, PoolOptions{MaxSandboxes: 1}, ok)
	f := fn("f", "1")
	p.Provision(f, 1)
	w.await(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Invoke(ctx, fn("other", "1"), &Invocation{}); !errors.Is(err, ErrThrottled) {
		t.Errorf("got %v", err)
	}
	p.Retire(f.ARN)
	invoke(t, p, fn("other", "1"))
}

func TestWhyProvisionedSandboxesCannotBeStartedIsKnown(t *testing.T) {
	p, w := newTestPool(t, PoolOptions{}, ok)
	w.refuse = errors.New("no interpreter")
	f := fn("f", "1")
	p.Provision(f, 1)
	for deadline := time.Now().Add(10 * time.Second); ; {
		if n, err := p.Provisioned(f); n == 0 && errors.Is(err, w.refuse) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody says why")
		}
		time.Sleep(time.Millisecond)
	}
}
