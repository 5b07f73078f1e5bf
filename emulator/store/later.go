package store

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	// laterDelay is how long a deferred write waits for others to share its
	// transaction: what a killed process can lose of log events and counters.
	laterDelay = 250 * time.Millisecond
	// laterLimit is how many bytes may wait before Later waits too, so that a
	// function that prints faster than a disk writes cannot fill the memory.
	laterLimit = 64 << 20
)

// A deferral is a write that nobody waits for.
type deferral struct {
	scope Scope
	size  int
	fn    func(*Tx) error
}

// later holds the deferred writes of a Store and the goroutine that does them.
type later struct {
	logger *slog.Logger
	wake   chan struct{}      // capacity 1: something is queued
	hurry  chan chan struct{} // a Flush, closed when what was queued before is written
	stop   chan struct{}
	ended  chan struct{} // closed when the goroutine has returned

	mu      sync.Mutex // guards what follows
	room    *sync.Cond // bytes went down, or closed
	queued  []deferral
	pending int // queued or being written
	bytes   int // of the pending ones
	closed  bool
}

func newLater(logger *slog.Logger) *later {
	l := &later{
		logger: logger,
		wake:   make(chan struct{}, 1),
		hurry:  make(chan chan struct{}),
		stop:   make(chan struct{}),
		ended:  make(chan struct{}),
	}
	l.room = sync.NewCond(&l.mu)
	return l
}

// Later queues fn for a write transaction that is made soon, together with
// others, in the order they were queued: for log events, metrics and counters,
// which no request waits for. It returns at once unless 64 MB are waiting; size
// is about how many bytes fn keeps in memory. An error of fn is logged and what
// fn wrote is dropped; fn may run a second time where another one in its
// transaction failed. ErrClosed after Close. It must not be called from within a
// transaction.
func (s *Store) Later(sc Scope, size int, fn func(*Tx) error) error {
	l := s.later
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.bytes > laterLimit && !l.closed {
		l.room.Wait()
	}
	if l.closed {
		return ErrClosed
	}
	l.queued = append(l.queued, deferral{sc, size, fn})
	l.pending++
	l.bytes += size
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return nil
}

// Flush returns when everything that was given to Later before is on disk, or
// could not be written. Whoever reads what Later writes calls it first.
func (s *Store) Flush(ctx context.Context) error {
	if s.later.idle() {
		return nil
	}
	written := make(chan struct{})
	select {
	case s.later.hurry <- written:
	case <-s.later.ended:
		return nil // Close has flushed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-written:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// idle is whether nothing waits or is being written.
func (l *later) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pending == 0
}

// writeLater is the goroutine that does the deferred writes until close.
func (s *Store) writeLater() {
	l := s.later
	defer close(l.ended)
	var due <-chan time.Time // set while something waits
	for {
		select {
		case <-l.wake:
			if due == nil {
				due = time.After(laterDelay)
			}
		case <-due:
			due = nil
			s.writeQueued()
		case written := <-l.hurry:
			due = nil
			s.writeQueued()
			close(written)
		case <-l.stop:
			s.writeQueued()
			return
		}
	}
}

// writeQueued writes all that waits, in one transaction if it goes well.
func (s *Store) writeQueued() {
	l := s.later
	l.mu.Lock()
	batch := l.queued
	l.queued = nil
	l.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	s.write(batch)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending -= len(batch)
	for _, d := range batch {
		l.bytes -= d.size
	}
	l.room.Broadcast()
}

func (s *Store) write(batch []deferral) {
	err := s.Update(context.Background(), Scope{}, func(tx *Tx) error {
		for _, d := range batch {
			if err := d.fn(tx.In(d.scope)); err != nil {
				return err
			}
		}
		return nil
	})
	var unwritable *WriteError
	switch {
	case err == nil:
	case len(batch) == 1 || errors.As(err, &unwritable) || errors.Is(err, ErrClosed):
		s.later.logger.Error("log events or counters lost", "writes", len(batch), "error", err)
	default: // one is at fault: the others go on
		for i := range batch {
			s.write(batch[i : i+1])
		}
	}
}

// close writes what waits and ends the goroutine.
func (l *later) close() {
	l.mu.Lock()
	l.closed = true
	l.room.Broadcast()
	l.mu.Unlock()
	close(l.stop)
	<-l.ended
}
