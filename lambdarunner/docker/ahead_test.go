package docker

import (
	"sync"
	"testing"
	"time"
)

// What two events at once have started for a third is there when it comes, its init phase over.
func TestTheNextContainerOfAHotFunctionIsStartedAhead(t *testing.T) {
	l := newLauncher(t, Options{})
	p := newPool(t, l, 10, nil)
	fn := probeFunction("hot")
	var two sync.WaitGroup
	for range 2 {
		two.Go(func() { answers(p, fn, "sleep", "3s") })
	}
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) && l.initialized() < 3 {
		time.Sleep(20 * time.Millisecond)
	}
	if got := l.initialized(); got != 3 {
		t.Fatalf("%d containers, want one more than two events need", got)
	}
	two.Wait()
	if got := answers(p, fn, "count", ""); got != "1" && got != "2" {
		t.Errorf("got %s", got)
	}
}

// initialized counts the sandboxes whose init phase is over.
func (l *Launcher) initialized() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.sandboxes {
		select {
		case <-s.api.Ready():
			n++
		default:
		}
	}
	return n
}
