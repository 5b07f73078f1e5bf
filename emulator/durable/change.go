package durable

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// A change is one transaction on an execution, and what is to be done when it is on disk.
type change struct {
	e     *Engine
	tx    *store.Tx
	now   time.Time
	x     *execution
	ops   map[string]*operation // those that were read or made
	dirty map[string]bool       // those to write
	after []func()

	failed error // of what was written meanwhile: nothing is kept then
}

// change runs fn on an execution. Where fn fails nothing of it is kept; store.ErrNotFound: there is no such.
func (e *Engine) change(ctx context.Context, k key, fn func(*change) error) error {
	var c *change
	err := e.Store.Update(ctx, k.Scope, func(tx *store.Tx) error {
		d, err := executions.Get(tx, k.ID)
		if err != nil {
			return err
		}
		c = e.newChange(tx, &d.Value)
		if err := errors.Join(fn(c), c.failed); err != nil {
			return err
		}
		return c.write(d)
	})
	if err == nil {
		c.done()
	}
	return err
}

func (e *Engine) newChange(tx *store.Tx, x *execution) *change {
	return &change{e: e, tx: tx, now: tx.Now(), x: x, ops: map[string]*operation{}, dirty: map[string]bool{}}
}

// write puts what has changed into the store.
func (c *change) write(d store.Document[execution]) error {
	for id := range c.dirty {
		o := c.ops[id]
		err := operations.Put(c.tx, store.Document[operation]{
			ID: operationID(c.x.ID, id), Name: operationNumber(o.Number), Parent: parentOf(c.x.ID), Value: *o,
		})
		if err != nil {
			return err
		}
	}
	d.Value = *c.x
	return executions.Put(c.tx, d)
}

// done does what follows from a change that is on disk.
func (c *change) done() {
	c.e.agenda.add(c.x.key(), c.x.due())
	for _, f := range c.after {
		f()
	}
}

// operation reads an operation; nil where there is none.
func (c *change) operation(id string) (*operation, error) {
	if o, ok := c.ops[id]; ok {
		return o, nil
	}
	d, err := operations.Get(c.tx, operationID(c.x.ID, id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.ops[id] = &d.Value
	return &d.Value, nil
}

// add makes an operation, which has started.
func (c *change) add(u types.OperationUpdate) *operation {
	o := &operation{Number: c.x.Operations, Operation: types.Operation{
		Id: u.Id, ParentId: u.ParentId, Name: u.Name, Type: u.Type, SubType: u.SubType,
		Status: types.OperationStatusStarted, StartTimestamp: &c.now,
	}}
	c.x.Operations++
	c.ops[*u.Id] = o
	c.touch(o)
	return o
}

// touch notes that an operation is another now, which the function does not know yet.
func (c *change) touch(o *operation) {
	c.dirty[*o.Id] = true
	if !slices.Contains(c.x.Unseen, *o.Id) {
		c.x.Unseen = append(c.x.Unseen, *o.Id)
	}
}

// end closes an operation.
func (c *change) end(o *operation, status types.OperationStatus) {
	o.Status, o.EndTimestamp = status, &c.now
	delete(c.x.Open, *o.Id)
	c.touch(o)
}

// wait notes that something other than the function will end an operation.
func (c *change) wait(o *operation, w open) {
	if c.x.Open == nil {
		c.x.Open = map[string]open{}
	}
	w.Type = o.Type
	c.x.Open[*o.Id] = w
}

// settle does what is due. It is true where the function has to see something of it.
func (c *change) settle() (bool, error) {
	if !c.x.running() {
		return false, nil
	}
	if !c.x.Deadline.After(c.now) {
		// The text is that of AWS's other emulators; the history names no reason (Lambda API, ExecutionTimedOutDetails).
		return false, c.close(types.ExecutionStatusTimedOut, nil,
			ErrorOf("Execution.Timeout", "Execution timed out after %d seconds.", *c.x.Config.ExecutionTimeout))
	}
	changed := false
	for _, id := range slices.Sorted(maps.Keys(c.x.Open)) {
		w := c.x.Open[id]
		if !past(w.Due, c.now) && !past(w.Heartbeat, c.now) {
			continue
		}
		o, err := c.operation(id)
		if err != nil {
			return false, err
		}
		c.ring(o, w)
		changed = true
	}
	return changed, nil
}

func past(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

// ring ends the wait of an operation whose time has come.
func (c *change) ring(o *operation, w open) {
	switch o.Type {
	case types.OperationTypeWait:
		c.end(o, types.OperationStatusSucceeded)
		c.event(o, types.EventTypeWaitSucceeded, func(v *types.Event) {
			v.WaitSucceededDetails = &types.WaitSucceededDetails{Duration: secondsOf(o)}
		})
	case types.OperationTypeStep:
		delete(c.x.Open, *o.Id)
		o.Status, o.StepDetails.NextAttemptTimestamp = types.OperationStatusReady, nil
		c.touch(o)
	case types.OperationTypeCallback:
		c.timeOut(o, w)
	}
}

// secondsOf is how long a wait was meant to be.
func secondsOf(o *operation) *int32 {
	d := int32(o.WaitDetails.ScheduledEndTimestamp.Sub(*o.StartTimestamp) / time.Second)
	return &d
}

// wake has the function invoked, unless it is running: then what comes of that decides.
func (c *change) wake() {
	if !c.x.running() || c.x.Invocation != "" {
		return
	}
	id := c.e.NewID()
	c.x.Invocation, c.x.Retry = id, time.Time{}
	c.x.Sequence++
	k := c.x.key()
	c.after = append(c.after, func() { c.e.start(func() { c.e.invoke(k, id) }) })
}

// close ends the execution.
func (c *change) close(status types.ExecutionStatus, result *string, reason *types.ErrorObject) error {
	x := c.x
	x.Status, x.Result, x.Error, x.Ended = status, result, reason, c.now
	x.Expires = c.now.AddDate(0, 0, int(*x.Config.RetentionPeriodInDays))
	x.Retry, x.Open = time.Time{}, nil
	o, err := c.operation(x.ID)
	if err != nil {
		return err
	}
	o.Status, o.EndTimestamp = types.OperationStatus(status), &c.now
	c.dirty[x.ID] = true
	c.ended(o)
	k, tell := x.key(), *x
	c.after = append(c.after, func() {
		c.e.waiters.wake(k)
		c.e.report(tell)
	})
	if (status == types.ExecutionStatusFailed || status == types.ExecutionStatusTimedOut) && !x.Sync && x.Parent == nil {
		f := Failure{Function: x.Function, RequestID: x.RequestID, Payload: []byte(aws.ToString(o.ExecutionDetails.InputPayload)), Error: reason}
		c.after = append(c.after, func() { c.e.start(func() { c.e.Runner.Failed(c.e.running, f) }) })
	}
	return nil
}

// settle does what is due about an execution; one that is kept long enough is deleted.
func (e *Engine) settle(k key) {
	expired := false
	err := e.change(e.running, k, func(c *change) error {
		if !c.x.running() {
			expired = past(c.x.Expires, c.now)
			return nil
		}
		changed, err := c.settle()
		if changed || past(c.x.Retry, c.now) {
			c.wake()
		}
		return err
	})
	if err == nil && expired {
		err = e.Store.Update(e.running, k.Scope, func(tx *store.Tx) error { return forget(tx, k.ID) })
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) && e.running.Err() == nil {
		e.Logger.Error("durable execution: what is due is done after the next start", "execution", k.ID, "err", err)
	}
}

// forget deletes an execution with all that belongs to it.
func forget(tx *store.Tx, id string) error {
	err := scopes.Delete(tx.In(everyScope), id)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return errors.Join(err, executions.Delete(tx, id))
}
