package lambda

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// A queue works off events: one goroutine waits for the next that is due, and a
// bounded number of others invoke.
type queue struct {
	s       *Service
	ctx     context.Context // ends the waiting
	cancel  context.CancelFunc
	running context.Context // ends the invocations
	kill    context.CancelFunc
	slots   chan struct{}
	wake    chan struct{} // has one entry when waiting changed
	work    sync.WaitGroup

	mu      sync.Mutex // guards the following
	waiting schedule
	known   map[string]bool // ids in waiting or running: an event has one runner
}

func startQueue(s *Service) *queue {
	q := &queue{
		s: s, slots: make(chan struct{}, s.AsyncWorkers), wake: make(chan struct{}, 1), known: map[string]bool{},
	}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	q.running, q.kill = context.WithCancel(context.Background())
	q.work.Go(q.run)
	return q
}

// stop ends the waiting at once and the invocations after a moment of grace.
func (q *queue) stop() {
	q.cancel()
	timer := time.AfterFunc(q.s.CloseGrace, q.kill)
	q.work.Wait()
	timer.Stop()
	q.kill()
}

func (q *queue) schedule(id string, due time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.known[id] {
		return
	}
	q.known[id] = true
	heap.Push(&q.waiting, scheduled{id, due})
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// run hands events that are due to the workers until the queue stops.
func (q *queue) run() {
	q.restore()
	for {
		id, wait := q.next()
		if id != "" {
			select {
			case q.slots <- struct{}{}:
				q.work.Go(func() { q.serve(id) })
			case <-q.ctx.Done():
				return
			}
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-q.wake:
			timer.Stop()
		case <-q.ctx.Done():
			timer.Stop()
			return
		}
	}
}

// next takes the event that is due from the schedule, or says how long there is
// none.
func (q *queue) next() (id string, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return "", time.Hour
	}
	if wait := q.waiting[0].due.Sub(q.s.Now()); wait > 0 {
		return "", wait
	}
	return heap.Pop(&q.waiting).(scheduled).id, 0
}

// serve makes one attempt and stores what came of it.
func (q *queue) serve(id string) {
	again, due := q.attempt(id)
	<-q.slots
	q.mu.Lock()
	delete(q.known, id)
	q.mu.Unlock()
	if again && q.ctx.Err() == nil {
		q.schedule(id, due)
	}
}

// A schedule is a heap of events by the time they are due.
type schedule []scheduled

type scheduled struct {
	id  string
	due time.Time
}

func (h schedule) Len() int           { return len(h) }
func (h schedule) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h schedule) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *schedule) Push(x any)        { *h = append(*h, x.(scheduled)) }

func (h *schedule) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
