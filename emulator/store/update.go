package store

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
)

// maxBatch is how many waiting updates are committed together. Writing the pages
// of a commit costs more than the statements in it, and neighbouring updates
// touch the same pages: sixteen writers at once get two or three times as far.
const maxBatch = 64

// A job is one Update that waits for the writer.
type job struct {
	ctx   context.Context
	scope Scope
	fn    func(*Tx) error

	err      error
	panicked error // what fn panicked with, and where
	done     chan struct{}
}

// A queue is the jobs that no writer has taken yet.
type queue struct {
	mu   sync.Mutex // guards jobs
	jobs []*job
}

func (q *queue) add(j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, j)
}

// remove takes a job back; false where a writer has it already.
func (q *queue) remove(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.jobs, j)
	if i >= 0 {
		q.jobs = slices.Delete(q.jobs, i, i+1)
	}
	return i >= 0
}

func (q *queue) take() []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.jobs), maxBatch)
	batch := slices.Clone(q.jobs[:n])
	q.jobs = slices.Delete(q.jobs, 0, n)
	return batch
}

// Update runs fn in one write transaction. When Update returns nil the writes
// are on disk; when fn fails nothing of it is kept. fn must not touch the Store.
// Where the disk is full or read-only the error is a *WriteError.
//
// Updates that wait at the same time share one commit; whoever gets the writer
// runs all of them. That shows nowhere but in the time it takes.
func (s *Store) Update(ctx context.Context, sc Scope, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// A statement that a cancelled request interrupts would only fail what is
	// nearly done: once begun, an update runs to its end.
	j := &job{ctx: context.WithoutCancel(ctx), scope: sc, fn: fn, done: make(chan struct{})}
	s.waiting.add(j)
	for {
		select {
		case <-j.done:
			if j.panicked != nil {
				panic(j.panicked)
			}
			return j.err
		case c := <-s.db.writer:
			s.lead(c)
		case <-ctx.Done():
			if s.waiting.remove(j) {
				return ctx.Err()
			}
			<-j.done
		case <-s.db.done:
			if s.waiting.remove(j) {
				return ErrClosed
			}
			<-j.done
		}
	}
}

// lead runs what is waiting in one transaction.
func (s *Store) lead(c *conn) {
	defer func() { s.db.writer <- c }()
	batch := s.waiting.take()
	if len(batch) == 0 {
		return
	}
	if s.db.memory {
		s.db.busy.Lock()
		defer s.db.busy.Unlock()
	}
	err := c.transact(context.Background(), "BEGIN IMMEDIATE", func() error {
		if len(batch) == 1 {
			return s.run(c, batch[0])
		}
		return s.runAll(c, batch)
	})
	for _, j := range batch {
		if j.err == nil {
			j.err = err
		}
		j.err = s.writeError(j.err)
		close(j.done)
	}
}

// runAll runs each job in a savepoint, so that one that fails takes nothing with
// it. Its error is about the transaction as a whole.
func (s *Store) runAll(c *conn, batch []*job) error {
	ctx := context.Background()
	for _, j := range batch {
		if _, err := c.exec(ctx, "SAVEPOINT job"); err != nil {
			return err
		}
		if j.err = s.run(c, j); j.err != nil {
			if _, err := c.exec(ctx, "ROLLBACK TO job"); err != nil {
				return j.err // a full disk has ended the transaction
			}
		}
		if _, err := c.exec(ctx, "RELEASE job"); err != nil {
			return err
		}
	}
	return nil
}

// run calls the function of a job. Its panic belongs to the goroutine that asked
// for the update, not to the one that happens to run it.
func (s *Store) run(c *conn, j *job) (err error) {
	defer func() {
		if v := recover(); v != nil {
			j.panicked = fmt.Errorf("%v\n\n%s", v, debug.Stack())
			err = j.panicked
		}
	}()
	return j.fn(s.tx(j.ctx, c, j.scope))
}
