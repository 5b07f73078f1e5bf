package durable

import (
	"context"
	"sync"

	"postern/emulator/store"
)

// waiters are who waits for executions to end.
type waiters struct {
	mu   sync.Mutex // guards the following
	byID map[key]*waiter
}

type waiter struct {
	ended chan struct{}
	n     int
}

// join is a channel that is closed when the execution has ended, or is gone. leave has to be called.
func (w *waiters) join(k key) (ended <-chan struct{}, leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byID == nil {
		w.byID = map[key]*waiter{}
	}
	one := w.byID[k]
	if one == nil {
		one = &waiter{ended: make(chan struct{})}
		w.byID[k] = one
	}
	one.n++
	return one.ended, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if one.n--; one.n == 0 && w.byID[k] == one {
			delete(w.byID, k)
		}
	}
}

func (w *waiters) wake(k key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one := w.byID[k]; one != nil {
		close(one.ended)
		delete(w.byID, k)
	}
}

func (w *waiters) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for k, one := range w.byID {
		close(one.ended)
		delete(w.byID, k)
	}
}

// wait returns an execution when it has ended.
func (e *Engine) wait(ctx context.Context, k key) (execution, error) {
	for {
		ended, leave := e.waiters.join(k)
		x, err := e.read(ctx, k)
		if err != nil || !x.running() {
			leave()
			return x, err
		}
		select {
		case <-ended:
		case <-ctx.Done():
			err = ctx.Err()
		case <-e.running.Done():
			err = context.Canceled
		}
		leave()
		if err != nil {
			return x, err
		}
	}
}

func (e *Engine) read(ctx context.Context, k key) (x execution, err error) {
	err = e.Store.View(ctx, k.Scope, func(tx *store.Tx) error {
		d, err := executions.Get(tx, k.ID)
		x = d.Value
		return err
	})
	return x, err
}
