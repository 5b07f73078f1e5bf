package lambdarunner

import (
	"testing"
	"testing/synctest"
	"time"
)

// A slowWorkshop is a workshop whose sandboxes are started ahead.
type slowWorkshop struct{ workshop }

func (*slowWorkshop) StartsAhead() bool { return true }

// busy runs invocations of a function at once until their ends are let; the function returned lets them.
func (w *slowWorkshop) busy(t *testing.T, p *Pool, n int) (end func()) {
	t.Helper()
	gate := make(chan struct{})
	w.run = func(*sandbox, *Invocation) *Result {
		<-gate
		return &Result{}
	}
	for range n {
		go invoke(t, p, fn("a", "1"))
	}
	synctest.Wait()
	return func() { close(gate); synctest.Wait() }
}

func TestAHotFunctionHasOneSandboxMoreThanItNeeds(t *testing.T) {
	for _, c := range []struct {
		name   string
		o      PoolOptions
		atOnce int
		want   int32
	}{
		{"one at a time", PoolOptions{}, 1, 1},
		{"two at once", PoolOptions{}, 2, 3},
		{"no room", PoolOptions{MaxSandboxes: 2}, 2, 2},
		{"switched off", PoolOptions{NoReserve: true}, 2, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &slowWorkshop{}
				p := NewPool(w, c.o)
				defer p.Close()
				end := w.busy(t, p, c.atOnce)
				if got := w.started.Load(); got != c.want {
					t.Errorf("%d sandboxes were started, want %d", got, c.want)
				}
				end()
				end = w.busy(t, p, c.atOnce)
				if got := w.started.Load(); got != c.want {
					t.Errorf("the same load once more: %d sandboxes were started, want %d", got, c.want)
				}
				end()
			})
		})
	}
}

func TestASandboxAheadThatNobodyNeededIsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &slowWorkshop{}
		p := NewPool(w, PoolOptions{IdleTTL: time.Minute})
		defer p.Close()
		w.busy(t, p, 2)()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := w.ended.Load(); got != 3 {
			t.Fatalf("%d sandboxes were ended for being idle, want 3", got)
		}
		w.busy(t, p, 1)()
		if got := w.started.Load(); got != 4 {
			t.Errorf("the function is not hot any more, but has %d sandboxes besides the one it needs", got-4)
		}
	})
}

func TestAnInitPhaseHoldsBackFurtherStartsNoLongerThanASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oneByOne{let: make(chan struct{}, 9)}
		o.init = make(chan struct{})
		gate := make(chan struct{})
		o.run = func(*sandbox, *Invocation) *Result { <-gate; return &Result{} }
		p := NewPool(o, PoolOptions{})
		defer p.Close()
		for range 3 {
			o.let <- struct{}{}
			go invoke(t, p, fn("a", "1"))
		}
		for want := int32(1); want <= 3; want++ {
			synctest.Wait()
			if got := o.started.Load(); got != want {
				t.Errorf("%d sandboxes have started, want %d", got, want)
			}
			time.Sleep(slowInit)
		}
		close(gate)
		close(o.init)
	})
}
