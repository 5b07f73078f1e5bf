package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"postern/emulator/eventsource"
)

// maxPayload is what AWS fills an event to: the limit of synchronous invocations.
const maxPayload = 6 << 20

// serve gives records to the function until all are done or given up, and keeps the position. It returns false
// when ctx ended before.
func (r *reader) serve(ctx context.Context, records []record) bool {
	last := records[len(records)-1].sequence
	wanted := records[:0:0]
	for _, one := range records {
		if !one.unwanted {
			wanted = append(wanted, one)
		}
	}
	if !r.deliverAll(ctx, wanted) {
		return false
	}
	if r.at.Sequence != last {
		r.done(ctx, last)
	}
	return true
}

func (r *reader) deliverAll(ctx context.Context, records []record) bool {
	switch {
	case r.p.Stream.Tumbling > 0:
		return r.tumble(ctx, records)
	case r.p.Stream.Parallel <= 1:
		return r.inOrder(ctx, records, r.done)
	}
	all := make(chan bool, r.p.Stream.Parallel)
	var work sync.WaitGroup
	for _, lane := range split(records, r.p.Stream.Parallel) {
		// The position moves when all lanes are done: records of one key are in one lane, those of the shard are not.
		work.Go(func() { all <- r.inOrder(ctx, lane, func(context.Context, string) {}) })
	}
	work.Wait()
	close(all)
	for done := range all {
		if !done {
			return false
		}
	}
	return true
}

// split puts records into lanes by their keys, in order.
func split(records []record, lanes int) map[uint32][]record {
	by := map[uint32][]record{}
	for _, one := range records {
		h := fnv.New32a()
		h.Write([]byte(one.key))
		lane := h.Sum32() % uint32(lanes)
		by[lane] = append(by[lane], one)
	}
	return by
}

func (r *reader) done(ctx context.Context, sequence string) {
	r.at.Sequence = sequence
	r.p.save(ctx, r.id, r.at)
}

// inOrder gives records to the function, batch by batch, and says after each how far they are done.
func (r *reader) inOrder(ctx context.Context, records []record, done func(context.Context, string)) bool {
	for len(records) > 0 {
		n := r.cut(records)
		if !r.deliver(ctx, &batch{records: records[:n], done: done}) {
			return false
		}
		records = records[n:]
	}
	return true
}

// cut is how many records fit an event, at least one.
func (r *reader) cut(records []record) int {
	size := 0
	for i, one := range records {
		if size += len(one.body); i > 0 && size > maxPayload || i == r.p.Stream.BatchSize {
			return i
		}
	}
	return len(records)
}

// A batch is what an event has.
type batch struct {
	records []record
	done    func(ctx context.Context, sequence string)

	invokes int                // so far
	retries int                // that count
	result  eventsource.Result // of the last invocation
}

// deliver tries a batch until it is done or given up. It returns false when ctx ended before. Throttles and what
// else kept the function from running do not count, nor does splitting. (Developer guide, "Error handling" and
// "Bisecting a batch".)
func (r *reader) deliver(ctx context.Context, b *batch) bool {
	pause := eventsource.Pause{First: firstPause, Most: longestPause}
	for {
		r.dropOld(ctx, b)
		if len(b.records) == 0 {
			return true
		}
		n, err := r.attempt(ctx, b)
		if n > 0 {
			b.done(ctx, b.records[n-1].sequence)
			b.records = b.records[n:]
		}
		switch s := r.p.Stream; {
		case len(b.records) == 0:
			return true
		case err != nil: // it did not run
		case s.Bisect && n > 0: // split where the function says
			b.retries = 0
		case s.Bisect && len(b.records) > 1:
			return r.halve(ctx, b)
		case s.MaxRetries >= 0 && b.retries >= s.MaxRetries:
			r.discard(ctx, b, len(b.records), retriesExhausted)
			return true
		default:
			b.retries++
		}
		if pause.Wait(ctx); ctx.Err() != nil {
			return false
		}
	}
}

func (r *reader) halve(ctx context.Context, b *batch) bool {
	half := len(b.records) / 2
	for _, records := range [][]record{b.records[:half], b.records[half:]} {
		if ctx.Err() != nil || !r.deliver(ctx, &batch{records: records, done: b.done, invokes: b.invokes}) {
			return false
		}
	}
	return true
}

// dropOld gives up what is older than the function wants, or the stream keeps.
func (r *reader) dropOld(ctx context.Context, b *batch) {
	n := 0
	for n < len(b.records) && r.tooOld(b.records[n].arrival, b.invokes > 0) {
		n++
	}
	if n > 0 {
		r.discard(ctx, b, n, tooOld)
	}
}

// tooOld tells whether to give up what arrived then. What the stream gave out was in it at least then.
func (r *reader) tooOld(arrival time.Time, tried bool) bool {
	r.p.mu.Lock()
	kept := r.p.retention
	r.p.mu.Unlock()
	age, most := r.p.Now().Sub(arrival), r.p.Stream.MaxAge
	return most > 0 && age > most || tried && kept > 0 && age > kept
}

// attempt invokes the function once and says how many of the records are done. An error means that it did not run.
func (r *reader) attempt(ctx context.Context, b *batch) (n int, err error) {
	ids := make([]string, len(b.records))
	event := event{Records: make([]json.RawMessage, len(b.records))}
	for i, one := range b.records {
		ids[i], event.Records[i] = one.sequence, one.body
	}
	if r.at.Window != nil {
		event.windowEvent = r.windowEvent()
	}
	if b.result, err = r.invoke(ctx, event); err != nil {
		return 0, err
	}
	b.invokes++
	n, why := r.judge(ctx, ids, b.result)
	if why != nil {
		r.p.Logger.Info("records are not done", "stream", r.p.Stream.ARN, "shard", r.id, "from", ids[n], "records", len(ids)-n, "request_id", b.result.RequestID, "reason", why)
	}
	return n, nil
}

// An event is what the function gets.
type event struct {
	Records      []json.RawMessage `json:"Records"`
	*windowEvent                   // of mappings with tumbling windows
}

// invoke gives an event to the function, and lets it finish.
func (r *reader) invoke(ctx context.Context, e event) (eventsource.Result, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return eventsource.Result{}, err
	}
	result, err := r.p.Invoke(context.WithoutCancel(ctx), body)
	switch {
	case err != nil:
		r.p.Report(ctx, ResultFailed)
		r.p.Logger.Info("records will be tried again", "stream", r.p.Stream.ARN, "shard", r.id, "reason", err)
	case result.FunctionError != "":
		r.p.Report(ctx, ResultFailed)
	default:
		r.p.Report(ctx, ResultOK)
	}
	return result, err
}

// judge says how many records of a batch the function has done, and why not all.
func (r *reader) judge(ctx context.Context, ids []string, result eventsource.Result) (n int, why error) {
	if result.FunctionError != "" {
		return 0, fmt.Errorf("the function failed: %.500s", result.Payload)
	}
	if r.at.Window != nil {
		if err := r.keepState(ctx, result.Payload); err != nil {
			return 0, err
		}
	}
	if !r.p.Stream.Partial {
		return len(ids), nil
	}
	reported, err := eventsource.Failures(result.Payload, ids)
	if err != nil {
		return 0, err
	}
	for i, id := range ids {
		if reported[id] {
			return i, errors.New("the function reports a failure")
		}
	}
	return len(ids), nil
}
