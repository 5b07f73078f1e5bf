package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"postern/emulator/eventsource"
)

// Developer guide, "Configuring scaling behavior for SQS event source mappings": five at first, more while there are
// messages, no more than the mapping says.
func TestBatchesAtOnceGrow(t *testing.T) {
	w := newWorkers(7)
	started, end := make(chan struct{}, 10), make(chan struct{})
	run := func(ctx context.Context) bool {
		return w.run(ctx, func() { started <- struct{}{}; <-end })
	}
	for range 7 {
		if !run(t.Context()) {
			t.Fatal("it did not run")
		}
		<-started
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if run(stopped) {
		t.Error("an eighth ran")
	}
	w.shrink()
	close(end)
	w.wait()
	if !run(t.Context()) || w.now != 5 {
		t.Errorf("%d at once after a pause", w.now)
	}
	w.wait()
}

func newTestPoller(invoke eventsource.Invoker) *Poller {
	return &Poller{
		Queue: Queue{ARN: "arn:aws:sqs:r:1:q"}, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Invoke: invoke,
		Call: func(context.Context, string, any, any) error { return nil },
	}
}

// A batch that is throttled is tried again while its messages are hidden; one that fails, or is refused, is not.
func TestAThrottledBatchIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		errs    []error
		failed  bool
		hidden  time.Duration
		invoked int
		done    int
	}{
		{"throttled", []error{errors.New("throttled"), nil}, false, time.Hour, 2, 1},
		{"throttled for too long", []error{errors.New("throttled"), nil}, false, 0, 1, 0},
		{"failed", []error{nil, nil}, true, time.Hour, 1, 0},
		{"refused", []error{fmt.Errorf("invoke f: %w", eventsource.ErrRefused)}, false, time.Hour, 1, 0},
	} {
		n := 0
		p := newTestPoller(func(context.Context, []byte) (eventsource.Result, error) {
			n++
			r := eventsource.Result{Payload: []byte("null")}
			if c.failed {
				r.FunctionError = "Unhandled"
			}
			return r, c.errs[n-1]
		})
		done, _ := p.insist(t.Context(), []message{{MessageId: "a"}}, time.Now().Add(c.hidden))
		if n != c.invoked || len(done) != c.done {
			t.Errorf("%s: invoked %d times, %d are done", c.name, n, len(done))
		}
	}
}

// An event has 6 MB at most. (Developer guide, "Batching behavior".)
func TestALargeBatchIsMoreThanOneEvent(t *testing.T) {
	var sizes []int
	p := newTestPoller(func(_ context.Context, event []byte) (eventsource.Result, error) {
		var e struct{ Records []any }
		err := json.Unmarshal(event, &e)
		if len(event) > maxPayload {
			t.Errorf("an event has %d bytes", len(event))
		}
		sizes = append(sizes, len(e.Records))
		return eventsource.Result{Payload: []byte("null")}, err
	})
	body := strings.Repeat(`"`, 1<<20) // twice as long as JSON
	p.serve(t.Context(), "", []message{{Body: body}, {Body: body}, {Body: "a"}, {Body: body}}, time.Now())
	if len(sizes) != 2 || sizes[0] != 3 || sizes[1] != 1 {
		t.Errorf("events have %v records", sizes)
	}
}
