package queue

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"postern/emulator/eventsource"
)

// Lambda developer guide, "Handling errors for an SQS event source": what the function fails stays, all of it
// or what it reports; what it reports wrongly fails all.
func TestWhatAFunctionHasDone(t *testing.T) {
	for _, c := range []struct {
		name    string
		partial bool
		result  string
		failed  bool
		err     error
		want    []string
	}{
		{"success", false, `null`, false, nil, []string{"a", "b"}},
		{"reports nobody asked for", false, `{"batchItemFailures":[{"itemIdentifier":"a"}]}`, false, nil, []string{"a", "b"}},
		{"failure", true, `{"errorMessage":"no"}`, true, nil, nil},
		{"not run", true, ``, false, errors.New("throttled"), nil},
		{"one reported", true, `{"batchItemFailures":[{"itemIdentifier":"a"}]}`, false, nil, []string{"b"}},
		{"none reported", true, `{"batchItemFailures":[]}`, false, nil, []string{"a", "b"}},
		{"null", true, `null`, false, nil, []string{"a", "b"}},
		{"an empty object", true, `{}`, false, nil, []string{"a", "b"}},
		{"null list", true, `{"batchItemFailures":null}`, false, nil, []string{"a", "b"}},
		{"an unknown one reported", true, `{"batchItemFailures":[{"itemIdentifier":"z"}]}`, false, nil, nil},
		{"an empty id", true, `{"batchItemFailures":[{"itemIdentifier":""}]}`, false, nil, nil},
		{"no id", true, `{"batchItemFailures":[{"other":"a"}]}`, false, nil, nil},
		{"no list", true, `{"batchItemFailures":"a"}`, false, nil, nil},
		{"text", true, `"done"`, false, nil, nil},
	} {
		p := &Poller{
			Queue: Queue{ARN: "arn:aws:sqs:r:1:q", Partial: c.partial}, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
			Invoke: func(context.Context, []byte) (eventsource.Result, error) {
				r := eventsource.Result{Payload: []byte(c.result)}
				if c.failed {
					r.FunctionError = "Unhandled"
				}
				return r, c.err
			},
		}
		done, _ := p.give(t.Context(), []message{{MessageId: "a"}, {MessageId: "b"}})
		var got []string
		for _, m := range done {
			got = append(got, m.MessageId)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: done are %q, want %q", c.name, got, c.want)
		}
	}
}
