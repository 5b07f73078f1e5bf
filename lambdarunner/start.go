package lambdarunner

import (
	"context"
	"slices"
	"time"
)

// A startLimiter is a Launcher that had better start only so many sandboxes of one function at once, as they
// would only slow each other, init phases included. Events beyond that wait for one of those that start or for one
// that becomes idle, whichever is first.
type startLimiter interface{ StartsAtOnce() int }

// slowInit is when a sandbox in its init phase keeps others from starting no longer: it waits for
// something rather than needing the processors.
const slowInit = time.Second

// starts counts what is being started, by key, and holds the events that wait for that. The Pool's mu guards it.
type starts struct {
	limit  int // 0: as many as are asked for
	now    map[string]int
	queued map[string][]chan struct{}
}

func newStarts(l Launcher) starts {
	s := starts{now: map[string]int{}, queued: map[string][]chan struct{}{}}
	if limiter, ok := l.(startLimiter); ok {
		s.limit = limiter.StartsAtOnce()
	}
	return s
}

func (s *starts) mayBegin(key string) bool { return s.limit == 0 || s.now[key] < s.limit }

// busy tells that a key has a start under way, or events that wait for one.
func (s *starts) busy(key string) bool { return s.now[key] > 0 || len(s.queued[key]) > 0 }

func (s *starts) begin(key string) { s.now[key]++ }

func (s *starts) end(key string) {
	if s.now[key]--; s.now[key] == 0 {
		delete(s.now, key)
	}
	s.wake(key)
}

// wait makes turn one that is closed when it is worth trying again.
func (s *starts) wait(key string, turn chan struct{}) { s.queued[key] = append(s.queued[key], turn) }

// wake lets the next of a key try again; false if there is none.
func (s *starts) wake(key string) bool {
	waiting := s.queued[key]
	if len(waiting) == 0 {
		return false
	}
	close(waiting[0])
	if s.queued[key] = waiting[1:]; len(waiting) == 1 {
		delete(s.queued, key)
	}
	return true
}

// giveUp takes one who waits out; false if it does not wait here.
func (s *starts) giveUp(key string, turn chan struct{}) bool {
	i := slices.Index(s.queued[key], turn)
	if i < 0 {
		return false
	}
	if s.queued[key] = slices.Delete(s.queued[key], i, i+1); len(s.queued[key]) == 0 {
		delete(s.queued, key)
	}
	return true
}

// goOn wakes the next of a key for a start that the one before it did without.
func (s *starts) goOn(key string) {
	if s.mayBegin(key) {
		s.wake(key)
	}
}

// settle ends the start of a sandbox when its init phase is over, or slow.
func (p *Pool) settle(sb *warmSandbox) {
	defer p.active.Done()
	ctx, cancel := context.WithTimeout(context.Background(), slowInit)
	defer cancel()
	_ = sb.Init(ctx) // its failure is the Result of the first Invoke
	p.mu.Lock()
	defer p.mu.Unlock()
	p.starts.end(sb.key)
	if sb.busy {
		p.getAhead(sb.fn)
	}
}
