package queue

import (
	"context"
	"sync"
	"time"
)

// AWS gives five batches to the function at once, and 300 a minute more while there are messages, up to 1000 or the
// mapping's MaximumConcurrency. When the queue is empty it begins anew. (Developer guide, "Configuring scaling behavior
// for SQS event source mappings".) A FIFO queue keeps the order by itself: it gives out no message of a group that has
// one with the function.
const (
	firstWorkers = 5
	mostWorkers  = 1000
	oneMoreEvery = time.Minute / 300
)

// workers bound how many batches are with the function at once. One goroutine calls them.
type workers struct {
	now, most int // that may run
	running   int
	ended     chan struct{}
	work      sync.WaitGroup
}

func newWorkers(most int) *workers {
	if most <= 0 {
		most = mostWorkers
	}
	return &workers{now: min(firstWorkers, most), most: most, ended: make(chan struct{}, most)}
}

// run waits for its turn and runs fn beside the caller. It returns false when ctx ended before.
func (w *workers) run(ctx context.Context, fn func()) bool {
	for w.running >= w.now && !w.place(ctx) {
		if ctx.Err() != nil {
			return false
		}
	}
	w.running++
	w.work.Go(func() {
		fn()
		w.ended <- struct{}{}
	})
	return true
}

// place waits until one has ended, or there may be one more.
func (w *workers) place(ctx context.Context) bool {
	var more <-chan time.Time
	if w.now < w.most {
		timer := time.NewTimer(oneMoreEvery)
		defer timer.Stop()
		more = timer.C
	}
	select {
	case <-w.ended:
		w.running--
	case <-more:
		w.now++
	case <-ctx.Done():
		return false
	}
	return w.running < w.now
}

// shrink begins anew: there were no messages.
func (w *workers) shrink() { w.now = min(firstWorkers, w.most) }

func (w *workers) wait() { w.work.Wait() }
