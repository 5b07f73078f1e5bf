package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/apigw"
	"postern/emulator/store"
	"postern/emulator/wire"
	"postern/lambdarunner"
)

// An attempt is one run of a handler that keeps count.
type attempt struct {
	requestID, payload string
	at                 time.Time
}

// counting is a handler that fails until it has run often enough, and a channel
// of its runs.
func counting(succeedAt int) (goHandler, chan attempt) {
	runs := make(chan attempt, 100)
	var mu sync.Mutex
	n := 0
	return func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		mu.Lock()
		defer mu.Unlock()
		n++
		runs <- attempt{inv.RequestID, string(inv.Payload), time.Now()}
		return "{}", n < succeedAt
	}, runs
}

func soon(o *Options) { o.RetryDelays = []time.Duration{time.Millisecond, 2 * time.Millisecond} }

func (b *bench) queue(t *testing.T, requestID, payload string) {
	t.Helper()
	ctx := wire.WithCaller(t.Context(), wire.Caller{AccountID: account, Region: region, RequestID: requestID})
	out, err := b.InvokeFunction(ctx, &sdk.InvokeInput{FunctionName: aws.String("f"), Payload: []byte(payload), InvocationType: types.InvocationTypeEvent})
	check(t, err)
	if out.StatusCode != 202 || out.ExecutedVersion != nil || len(out.Payload) != 0 {
		t.Errorf("recorded: 202 without a version; got %+v", out)
	}
}

// stored is how many events wait or run.
func (b *bench) stored(t *testing.T) (n int) {
	t.Helper()
	check(t, b.Store.View(t.Context(), eventScope, func(tx *store.Tx) (err error) {
		n, err = pending.Count(tx, store.Query{})
		return err
	}))
	return n
}

// settle stops the service when what it works on is done, and counts the events left.
func (b *bench) settle(t *testing.T) int {
	t.Helper()
	check(t, b.Service.Close())
	return b.stored(t)
}

func TestEventIsTriedThreeTimesWithTheSameRequestID(t *testing.T) {
	for _, c := range []struct {
		name                string
		succeedAt, attempts int
	}{{"at once", 1, 1}, {"the second time", 2, 2}, {"never", 100, 3}} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, soon)
			h, runs := counting(c.succeedAt)
			b.launcher.handle("index.count", h)
			b.create(t, "f", withHandler("index.count"))
			b.queue(t, "request-1", `{"n":1}`)
			for range c.attempts {
				if a := <-runs; a.requestID != "request-1" || a.payload != `{"n":1}` {
					t.Errorf("got %+v", a)
				}
			}
			if left := b.settle(t); left != 0 || len(runs) != 0 {
				t.Errorf("%d events and %d runs left", left, len(runs))
			}
		})
	}
}

// Developer Guide, "How Lambda handles errors and retries with asynchronous
// invocation": one minute before the first retry, two before the second.
func TestRetriesComeAfterOneAndTwoMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		h, runs := counting(100)
		b.launcher.handle("index.count", h)
		b.create(t, "f", withHandler("index.count"))
		b.queue(t, "request-1", "{}")
		first, second, third := <-runs, <-runs, <-runs
		if d := second.at.Sub(first.at).Round(time.Second); d != time.Minute {
			t.Errorf("first retry after %s", d)
		}
		if d := third.at.Sub(second.at).Round(time.Second); d != 2*time.Minute {
			t.Errorf("second retry after %s", d)
		}
		b.stop()
	})
}

func TestAcceptedEventsSurviveARestart(t *testing.T) {
	b := newBench(t, func(o *Options) {
		o.RetryDelays = []time.Duration{time.Hour, time.Hour}
		o.CloseGrace = time.Millisecond
	})
	const events = 40
	var mu sync.Mutex
	down, ran := true, map[string]string{}
	done := make(chan struct{}, 2*events)
	b.launcher.handle("index.count", func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		mu.Lock()
		defer mu.Unlock()
		if !down {
			ran[inv.RequestID] = string(inv.Payload)
		}
		done <- struct{}{}
		return "{}", down
	})
	b.create(t, "f", withHandler("index.count"))
	for i := range events {
		b.queue(t, fmt.Sprint("request-", i), fmt.Sprint(i))
	}
	<-done // some have failed once and wait for an hour, some may not have run yet
	b.stop()

	mu.Lock()
	down = false
	mu.Unlock()
	later := time.Now().Add(2 * time.Hour)
	b.options.Now = func() time.Time { return later }
	for len(done) > 0 {
		<-done
	}
	b.start(t)
	for range events {
		<-done
	}
	if left := b.settle(t); left != 0 {
		t.Errorf("%d events left", left)
	}
	for i := range events {
		if ran[fmt.Sprint("request-", i)] != fmt.Sprint(i) {
			t.Errorf("event %d was lost", i)
		}
	}
}

func TestEventInterruptedByCloseRunsAgain(t *testing.T) {
	b := newBench(t, func(o *Options) { o.CloseGrace = time.Millisecond })
	started, release := make(chan struct{}, 2), make(chan struct{})
	b.launcher.handle("index.slow", func(*lambdarunner.Function, *lambdarunner.Invocation) (string, bool) {
		started <- struct{}{}
		<-release
		return "{}", true
	})
	b.create(t, "f", withHandler("index.slow"))
	b.queue(t, "request-1", "{}")
	<-started
	go func() {
		<-b.events.running.Done() // the grace is over
		close(release)
	}()
	if left := b.settle(t); left != 1 {
		t.Fatalf("%d events left", left)
	}
	b.stop()
	b.start(t)
	<-started
}

func TestThrottlesAndFaultsAreNoAttempts(t *testing.T) {
	q := &queue{s: &Service{Options: Options{}.withDefaults()}}
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	q.s.Now = func() time.Time { return clock }
	e := event{Queued: clock}
	var waits []time.Duration
	for {
		o := q.judge(&e, nil, nil, lambdarunner.ErrThrottled)
		if o.condition != "" {
			if o.condition != conditionAge || o.reason == "" || clock.Sub(e.Queued) < maxEventAge-maxBackoff {
				t.Errorf("given up after %s: %+v", clock.Sub(e.Queued), o)
			}
			break
		}
		waits = append(waits, e.Due.Sub(clock))
		clock = e.Due
	}
	want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}
	for i := range want {
		want[i] *= time.Second
	}
	if !slices.Equal(waits[:len(want)], want) || e.Failures != 0 {
		t.Errorf("waited %v", waits[:len(want)])
	}
}

// discarded makes o tell of the events that are given up: "request-1: reason".
func discarded(o *Options) chan string {
	c := make(chan string, 10)
	o.Logger = slog.New(discards{slog.DiscardHandler, c})
	return c
}

type discards struct {
	slog.Handler
	to chan string
}

func (discards) Enabled(context.Context, slog.Level) bool { return true }

func (d discards) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "asynchronous event is discarded" {
		return nil
	}
	attrs := map[string]string{}
	r.Attrs(func(a slog.Attr) bool {
		attrs[a.Key] = a.Value.String()
		return true
	})
	d.to <- attrs["request_id"] + ": " + attrs["reason"]
	return nil
}

func TestEventOfADeletedFunctionIsDiscarded(t *testing.T) {
	var log chan string
	b := newBench(t, func(o *Options) {
		o.RetryDelays = []time.Duration{100 * time.Millisecond}
		log = discarded(o)
	})
	h, runs := counting(100)
	b.launcher.handle("index.count", h)
	b.create(t, "f", withHandler("index.count"))
	b.queue(t, "request-1", "{}")
	<-runs
	check(t, b.deleting("f")(asCaller))
	if got := <-log; got != "request-1: the function is gone" {
		t.Error(got)
	}
	if left := b.settle(t); left != 0 || len(runs) != 0 {
		t.Errorf("%d events and %d runs left", left, len(runs))
	}
}

func TestResetForgetsFunctionsAndEvents(t *testing.T) {
	b := newBench(t, func(o *Options) { o.RetryDelays = []time.Duration{time.Hour} })
	h, runs := counting(100)
	b.launcher.handle("index.count", h)
	b.create(t, "f", withHandler("index.count"))
	b.queue(t, "request-1", "{}")
	<-runs
	sc := store.Scope{Account: account}
	check(t, b.Store.Reset(t.Context(), sc))
	check(t, b.Service.Reset(t.Context()))
	if n := b.stored(t); n != 0 {
		t.Errorf("%d events left", n)
	}
	if _, err := b.Invoke(t.Context(), apigw.InvokeRequest{FunctionARN: prefix + "f"}); !errors.Is(err, apigw.ErrFunctionNotFound) {
		t.Error(err)
	}
}

func TestAPIGatewayMayQueueEvents(t *testing.T) {
	b := newBench(t, soon, func(o *Options) { o.RelaxedPermissions = true; o.NewID = func() string { return "made" } })
	h, runs := counting(2)
	b.launcher.handle("index.count", h)
	b.create(t, "f", withHandler("index.count"))
	out, err := b.Invoke(t.Context(), apigw.InvokeRequest{FunctionARN: prefix + "f", InvocationType: "Event", Payload: []byte(`{"x":1}`)})
	check(t, err)
	if out.StatusCode != 202 || out.RequestID != "made" {
		t.Errorf("got %+v", out)
	}
	for range 2 {
		if a := <-runs; a.requestID != "made" || a.payload != `{"x":1}` {
			t.Errorf("got %+v", a)
		}
	}
}
