package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"postern/emulator/eventsource"
)

// A Window is a tumbling window that is open: a time that records of a shard are counted to, and what the function
// has made of them so far. (Developer guide, "Implementing stateful Kinesis Data Streams processing".)
type Window struct {
	Start time.Time
	State json.RawMessage
}

// maxState is how large a state may grow before its window is ended early.
const maxState = 1 << 20

// windowEvent is what events have of a window.
type windowEvent struct {
	Window struct {
		Start string `json:"start"`
		End   string `json:"end"`
	} `json:"window"`
	State          json.RawMessage `json:"state"`
	ShardID        string          `json:"shardId"`
	EventSourceARN string          `json:"eventSourceARN"`
	Final          bool            `json:"isFinalInvokeForWindow"`
	Early          bool            `json:"isWindowTerminatedEarly"`
}

func (r *reader) windowEvent() *windowEvent {
	w := r.at.Window
	e := &windowEvent{State: w.State, ShardID: r.id, EventSourceARN: r.p.Stream.ARN}
	e.Window.Start, e.Window.End = w.Start.Format(time.RFC3339), r.windowEnd().Format(time.RFC3339)
	return e
}

func (r *reader) windowEnd() time.Time { return r.at.Window.Start.Add(r.p.Stream.Tumbling) }

// tumble gives records to the function window by window. A window begins with a multiple of its length, and a
// record belongs to one by its time of arrival.
func (r *reader) tumble(ctx context.Context, records []record) bool {
	for len(records) > 0 {
		if r.at.Window != nil && !records[0].arrival.Before(r.windowEnd()) && !r.finishWindow(ctx) {
			return false
		}
		if r.at.Window == nil {
			r.at.Window = &Window{Start: records[0].arrival.Truncate(r.p.Stream.Tumbling), State: json.RawMessage(`{}`)}
		}
		n := 1 // a record that is late counts to the window that is open
		for n < len(records) && records[n].arrival.Before(r.windowEnd()) {
			n++
		}
		if !r.inOrder(ctx, records[:n], r.done) {
			return false
		}
		records = records[n:]
	}
	return true
}

// windowIsOver tells whether nothing more can come for the window that is open: the shard ended, or was empty when
// the window's time was over.
func (r *reader) windowIsOver() bool {
	return r.at.Window != nil && len(r.ahead) == 0 && (r.closed || !r.caughtUp.Before(r.windowEnd()))
}

// finishWindow lets the function do what it does at the end of a window. It returns false when ctx ended before.
func (r *reader) finishWindow(ctx context.Context) bool {
	e := r.windowEvent()
	e.Final = true
	if !r.conclude(ctx, e) {
		return false
	}
	r.at.Window = nil
	r.p.save(ctx, r.id, r.at)
	return true
}

// conclude invokes the function for a window without records until that is done, or given up as a batch is.
func (r *reader) conclude(ctx context.Context, e *windowEvent) bool {
	pause := eventsource.Pause{First: firstPause, Most: longestPause}
	for tries := 0; ; {
		result, err := r.invoke(ctx, event{[]json.RawMessage{}, e})
		if err == nil {
			tries++
			if result.FunctionError == "" {
				_, err = stateOf(result.Payload)
			} else {
				err = fmt.Errorf("the function failed: %.500s", result.Payload)
			}
		}
		most := r.p.Stream.MaxRetries
		switch {
		case err == nil:
			return true
		case most >= 0 && tries > most, r.tooOld(r.at.Window.Start, true):
			r.p.Logger.Warn("tumbling window is given up", "stream", r.p.Stream.ARN, "shard", r.id, "start", r.at.Window.Start, "reason", err)
			return true
		}
		if pause.Wait(ctx); ctx.Err() != nil {
			return false
		}
	}
}

// keepState takes the state from an answer. One that is too large ends the window early: the function is told, and
// the same window goes on with a fresh state.
func (r *reader) keepState(ctx context.Context, answer []byte) error {
	state, err := stateOf(answer)
	if err != nil {
		return err
	}
	r.at.Window.State = state
	if len(state) <= maxState {
		return nil
	}
	e := r.windowEvent()
	e.Early = true
	r.conclude(ctx, e)
	r.at.Window.State = json.RawMessage(`{}`)
	return nil
}

func stateOf(answer []byte) (json.RawMessage, error) {
	var out struct {
		State json.RawMessage `json:"state"`
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return nil, fmt.Errorf("the function's answer has no state: %w", err)
	}
	if len(out.State) == 0 || string(out.State) == "null" {
		return nil, errors.New("the function's answer has no state")
	}
	return out.State, nil
}
