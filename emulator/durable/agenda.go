package durable

import (
	"container/heap"
	"sync"
	"time"
)

// An agenda tells when something is due. It has one timer, for the next; who has
// nothing to do costs nothing.
type agenda struct {
	now  func() time.Time
	ring func(key) // on a goroutine of its own

	mu     sync.Mutex // guards the following
	timer  *time.Timer
	queue  dates
	next   map[key]time.Time // the first date of each key; others of it are void
	closed bool
}

// add asks for a ring at a time, unless there is an earlier one of the key. One
// that is too early does no harm: who is rung looks at what is due.
func (a *agenda) add(k key, at time.Time) {
	if at.IsZero() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if known, ok := a.next[k]; a.closed || ok && !at.Before(known) {
		return
	}
	if a.next == nil {
		a.next = map[key]time.Time{}
	}
	a.next[k] = at
	heap.Push(&a.queue, date{k, at})
	a.set()
}

// set winds the timer for the first date. Its caller has the lock.
func (a *agenda) set() {
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
	if len(a.queue) > 0 && !a.closed {
		a.timer = time.AfterFunc(a.queue[0].at.Sub(a.now()), a.work)
	}
}

// work rings for what is due.
func (a *agenda) work() {
	a.mu.Lock()
	var due []key
	for len(a.queue) > 0 && !a.queue[0].at.After(a.now()) {
		d := heap.Pop(&a.queue).(date)
		if at, ok := a.next[d.key]; ok && at.Equal(d.at) {
			delete(a.next, d.key)
			due = append(due, d.key)
		}
	}
	a.set()
	a.mu.Unlock()
	for _, k := range due {
		a.ring(k)
	}
}

// clear forgets all dates; close also those to come.
func (a *agenda) clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queue, a.next = nil, nil
	a.set()
}

func (a *agenda) close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	a.clear()
}

type date struct {
	key
	at time.Time
}

// dates are a heap by time.
type dates []date

func (d dates) Len() int           { return len(d) }
func (d dates) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d dates) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dates) Push(x any)        { *d = append(*d, x.(date)) }

func (d *dates) Pop() any {
	old := *d
	last := old[len(old)-1]
	*d = old[:len(old)-1]
	return last
}
