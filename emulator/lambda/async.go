package lambda

import (
	"context"
	"errors"
	"time"

	"postern/emulator/store"
	"postern/lambdarunner"
)

const (
	// maxEventAge is how long an event is tried again when it is not the function
	// that fails (MaximumEventAgeInSeconds, default).
	maxEventAge = 6 * time.Hour

	firstBackoff = time.Second
	maxBackoff   = 5 * time.Minute
)

// eventScope holds the events of all accounts and regions, so that they are found
// when the program starts without looking through all of them.
var eventScope = store.Scope{Account: "postern", Region: "lambda-events"}

// An event is an asynchronous invocation that was accepted. It is stored until a
// function has taken it or it is given up.
type event struct {
	Function      ref // as invoked
	Payload       []byte
	ClientContext string
	TraceID       string
	Queued        time.Time
	Due           time.Time // when it is tried next
	Failures      int       // attempts that ended in a function error
	Faults        int       // attempts that reached no function, since the last that did
}

// add stores an event, so that a later start knows it, and schedules it.
func (q *queue) add(ctx context.Context, r ref, inv *lambdarunner.Invocation) error {
	if inv.RequestID == "" {
		inv.RequestID = q.s.NewID()
	}
	now := q.s.Now()
	e := event{
		Function: r, Payload: inv.Payload, ClientContext: inv.ClientContext, TraceID: inv.TraceID, Queued: now, Due: now,
	}
	err := q.s.Store.Update(ctx, eventScope, func(tx *store.Tx) error {
		return pending.Insert(tx, store.Document[event]{ID: inv.RequestID, Value: e})
	})
	if err == nil {
		q.schedule(inv.RequestID, now)
	}
	return err
}

// restore schedules what a former program left. Events are few in general, but
// their payloads may be large, so they are read a page at a time.
func (q *queue) restore() {
	for after := ""; ; {
		var p store.Page[event]
		err := q.s.Store.View(q.ctx, eventScope, func(tx *store.Tx) (err error) {
			p, err = pending.List(tx, store.Query{Order: store.ByCreated, After: after, Limit: 16})
			return err
		})
		if err != nil {
			if q.ctx.Err() == nil {
				q.s.Logger.Error("read asynchronous events left by an earlier run", "err", err)
			}
			return
		}
		for _, d := range p.Documents {
			q.schedule(d.ID, d.Value.Due)
		}
		if after = p.Next; after == "" {
			return
		}
	}
}

// attempt invokes the event's function and says when to try again, if at all.
func (q *queue) attempt(id string) (again bool, due time.Time) {
	e, err := q.load(id)
	if errors.Is(err, store.ErrNotFound) {
		return false, due // purged
	}
	if err != nil {
		q.s.Logger.Error("read asynchronous event", "request_id", id, "err", err)
		return true, q.s.Now().Add(maxBackoff)
	}
	t, version, res, err := q.invoke(id, e)
	if q.running.Err() != nil && (err != nil || res.FunctionError != "") {
		return false, due // stopped half-way: it stays stored as it was
	}
	o := q.judge(&e, t, res, err)
	if o.condition != "" {
		o.version = version
		q.tell(id, e, o, t)
		q.finish(id, e, o.reason)
		return false, due
	}
	q.s.Logger.Info("asynchronous event is tried again", "request_id", id, "function", e.Function.arn(), "reason", o.reason, "at", e.Due)
	q.save(id, e)
	return true, e.Due
}

// judge decides about an event after an attempt. An outcome without a condition is none yet: the event is
// due again.
func (q *queue) judge(e *event, t *target, res *lambdarunner.Result, err error) outcome {
	now := q.s.Now()
	switch {
	case isMissing(err):
		return outcome{condition: conditionRetries, reason: "the function is gone"}
	case errors.Is(err, errRecursive):
		return outcome{condition: conditionRetries, reason: err.Error()}
	case t != nil && t.stopped():
		return outcome{condition: conditionZero, reason: "the function has a reserved concurrency of 0"}
	case err != nil:
		// Throttles and faults of the platform are no attempts (Developer Guide,
		// "How Lambda handles errors and retries with asynchronous invocation").
		e.Due = now.Add(min(firstBackoff<<min(e.Faults, 16), maxBackoff))
		e.Faults++
		return tooOld(e, t, outcome{reason: err.Error()})
	case res.FunctionError == "":
		return outcome{condition: conditionSuccess, result: res}
	}
	e.Failures, e.Faults = e.Failures+1, 0
	if e.Failures > q.attemptsOf(t) {
		return outcome{condition: conditionRetries, reason: "function error: " + string(res.Payload), result: res}
	}
	e.Due = now.Add(q.s.RetryDelays[e.Failures-1])
	return tooOld(e, t, outcome{reason: "function error", result: res})
}

// tooOld ends an event that would be older than it may when it is due.
func tooOld(e *event, t *target, o outcome) outcome {
	if e.Due.Sub(e.Queued) > ageOf(t) {
		o.condition = conditionAge
	}
	return o
}

// invoke runs an event, and says what it resolved to and which version ran.
func (q *queue) invoke(id string, e event) (t *target, version string, res *lambdarunner.Result, err error) {
	if t, err = q.s.resolve(q.running, e.Function); err != nil {
		return nil, "", nil, err
	}
	fn := t.pick(q.s.Float64)
	res, err = q.s.run(q.running, t, fn, &lambdarunner.Invocation{
		RequestID: id, InvokedARN: t.arn, Payload: e.Payload, ClientContext: e.ClientContext, TraceID: e.TraceID,
	})
	return t, fn.Version, res, err
}

func (q *queue) load(id string) (e event, err error) {
	err = q.s.Store.View(q.running, eventScope, func(tx *store.Tx) error {
		d, err := pending.Get(tx, id)
		e = d.Value
		return err
	})
	return e, err
}

// finish deletes an event that was served or is given up, which reason says then.
func (q *queue) finish(id string, e event, reason string) {
	if reason != "" {
		q.s.Logger.Warn("asynchronous event is discarded", "request_id", id, "function", e.Function.arn(),
			"attempts", e.Failures+e.Faults, "reason", reason)
	}
	// What has run is not to run again because the program is about to stop.
	err := q.s.Store.Update(context.WithoutCancel(q.running), eventScope, func(tx *store.Tx) error { return pending.Delete(tx, id) })
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		q.s.Logger.Error("delete asynchronous event; it will run again after a restart", "request_id", id, "err", err)
	}
}

// save stores an event that is to be tried again, unless it was purged meanwhile.
func (q *queue) save(id string, e event) {
	err := q.s.Store.Update(context.WithoutCancel(q.running), eventScope, func(tx *store.Tx) error {
		d, err := pending.Get(tx, id)
		if err != nil {
			return err
		}
		d.Value = e
		return pending.Put(tx, d)
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		q.s.Logger.Error("save asynchronous event; its attempts count anew after a restart", "request_id", id, "err", err)
	}
}

// purge deletes the events of functions that are gone.
func (q *queue) purge(ctx context.Context) error {
	return q.s.Store.Update(ctx, eventScope, func(tx *store.Tx) error {
		p, err := pending.List(tx, store.Query{})
		if err != nil {
			return err
		}
		for _, d := range p.Documents {
			_, err := functions.Get(tx.In(d.Value.Function.Scope), d.Value.Function.Name)
			if errors.Is(err, store.ErrNotFound) {
				err = pending.Delete(tx, d.ID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
