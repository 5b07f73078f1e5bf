package stream

import (
	"context"
	"encoding/json"
	"time"

	"postern/emulator/eventsource"
)

// A record is one of a stream's.
type record struct {
	sequence string
	key      string // of records that stay in order with one another
	arrival  time.Time
	body     json.RawMessage // as functions get it
	// view is the record as filters see it.
	view func() map[string]any

	unwanted bool
}

// A reader reads one shard.
type reader struct {
	p      *Poller
	source source
	id     string
	at     Position // how far it is done

	next     Position // where to read on if there is no iterator
	iterator string
	since    time.Time // records from before are not meant
	closed   bool      // there is nothing to read any more
	behind   bool      // there is more at once
	ahead    []record  // read, but not handed out yet
	caughtUp time.Time // when reading began that found nothing
	idle     eventsource.Pause
}

// AWS looks into a shard once a second, of Kinesis, or four times, of DynamoDB. (Developer guide, "Polling and
// batching streams".) Here a shard that had records is looked into sooner.
const (
	shortestLook = 250 * time.Millisecond
	longestLook  = time.Second
)

func newReader(p *Poller, id string, at Position) *reader {
	if p.Stream.Tumbling == 0 { // any more
		at.Window = nil
	}
	r := &reader{p: p, source: p.source(), id: id, at: at, next: at, idle: eventsource.Pause{First: shortestLook, Most: longestLook}}
	p.mu.Lock()
	defer p.mu.Unlock()
	r.iterator = p.iterators[id]
	delete(p.iterators, id)
	return r
}

// run works the shard off until it is done or ctx ends.
func (r *reader) run(ctx context.Context) {
	pause := eventsource.Pause{First: firstPause, Most: longestPause}
	for {
		records, err := r.gather(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.p.complain(ctx, r.id, pause.Next(), err)
			pause.Wait(ctx)
			continue
		}
		pause.Reset()
		if len(records) > 0 && !r.serve(ctx, records) {
			return
		}
		if r.windowIsOver() && !r.finishWindow(ctx) {
			return
		}
		if r.closed && len(r.ahead) == 0 {
			r.at.Finished = true
			r.p.save(ctx, r.id, r.at)
			return
		}
	}
}

// gather reads until there are as many records as the function may get at once, the batching window is over, or
// there are 6 MB. It returns none at the end of the shard and of a tumbling window.
func (r *reader) gather(ctx context.Context) ([]record, error) {
	var until time.Time
	for ctx.Err() == nil {
		wanted, size := r.count()
		if wanted > 0 && until.IsZero() {
			until = r.p.Now().Add(r.p.Stream.Window)
		}
		full := wanted >= r.most() || size >= maxPayload*max(r.p.Stream.Parallel, 1)
		if full || r.closed || r.windowIsOver() || len(r.ahead) > 0 && (wanted == 0 || !r.p.Now().Before(until)) {
			return r.take(), nil
		}
		n, err := r.read(ctx, r.most()-wanted)
		switch {
		case err != nil && len(r.ahead) > 0:
			return r.take(), nil
		case err != nil:
			return nil, err
		case n > 0 || r.closed:
			r.idle.Reset()
		case !r.windowIsOver():
			if r.behind {
				r.idle.Reset()
			}
			r.rest(ctx, until)
		}
	}
	return nil, nil
}

// rest waits before the next look, but no longer than a batching window lasts.
func (r *reader) rest(ctx context.Context, until time.Time) {
	if !until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, until.Sub(r.p.Now()))
		defer cancel()
	}
	r.idle.Wait(ctx)
}

// most is how many records the function may get at once, in all its batches.
func (r *reader) most() int { return r.p.Stream.BatchSize * max(r.p.Stream.Parallel, 1) }

func (r *reader) count() (wanted, size int) {
	for _, one := range r.ahead {
		if !one.unwanted {
			wanted++
			size += len(one.body)
		}
	}
	return wanted, size
}

// take hands out what was read, but no more than the function may get at once.
func (r *reader) take() []record {
	wanted := 0
	for i, one := range r.ahead {
		if one.unwanted {
			continue
		}
		if wanted++; wanted > r.most() {
			taken := r.ahead[:i:i]
			r.ahead = r.ahead[i:]
			return taken
		}
	}
	taken := r.ahead
	r.ahead = nil
	return taken
}

// read looks into the shard once and says how many records were there.
func (r *reader) read(ctx context.Context, limit int) (n int, err error) {
	if r.iterator == "" {
		if err := r.locate(ctx); err != nil {
			return 0, err
		}
	}
	began := r.p.Now()
	all, next, behind, err := r.source.records(ctx, r.id, r.iterator, min(max(limit, 1), r.source.most()))
	if eventsource.Code(err) == "ExpiredIteratorException" {
		r.iterator, r.behind = "", true
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	r.iterator, r.behind, r.closed = next, behind, next == ""
	if len(all) == 0 && !behind {
		r.caughtUp = began
	}
	for _, one := range all {
		r.next.Sequence = one.sequence
		if one.unwanted = one.arrival.Before(r.since) || len(r.p.Stream.Filters) > 0 && !eventsource.Wanted(r.p.Stream.Filters, one.view()); one.unwanted {
			one.body = nil
		}
		one.view = nil
		r.ahead = append(r.ahead, one)
	}
	return len(all), nil
}

// locate asks for an iterator. A place that the stream does not know any more, because it was trimmed or is
// another stream of the name by now, gives way to the oldest record there is.
func (r *reader) locate(ctx context.Context) (err error) {
	r.iterator, r.since, err = r.source.iterator(ctx, r.id, r.next)
	switch eventsource.Code(err) {
	case "InvalidArgumentException", "TrimmedDataAccessException", "ValidationException":
		if r.next.Sequence != "" {
			r.p.Logger.Warn("stream does not know how far it was read: it is read from its oldest record", "stream", r.p.Stream.ARN, "shard", r.id, "error", err)
			r.next = Position{Start: TrimHorizon}
			return r.locate(ctx)
		}
	}
	return err
}
