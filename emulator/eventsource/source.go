package eventsource

import (
	"context"
	"errors"
	"time"
)

// A Caller calls an action of the service that a source belongs to, with JSON, signed by whom the mapping acts for.
type Caller func(ctx context.Context, action string, in, out any) error

// Code is the name that a service gave an error of a Caller, as QueueDoesNotExist; "" where it has none.
func Code(err error) string {
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) {
		return coded.ErrorCode()
	}
	return ""
}

// ErrRefused is in an Invoker's error when the function will not run with this event, however often it is asked.
var ErrRefused = errors.New("the function may not run")

// An Invoker gives an event to the function. An error means that the function did not run.
type Invoker func(ctx context.Context, event []byte) (Result, error)

// A Result is what came of an invocation.
type Result struct {
	Payload       []byte
	FunctionError string // "" for success
	RequestID     string
	Version       string // that ran
}

// Wanted tells whether one of the filters fits a record, or there are none.
func Wanted(filters []*Pattern, record map[string]any) bool {
	for _, f := range filters {
		if f.Match(record) {
			return true
		}
	}
	return len(filters) == 0
}

// A Pause grows from First to Most by doubling with each Wait.
type Pause struct {
	First, Most time.Duration
	next        time.Duration
}

// Next is how long the next Wait takes.
func (p *Pause) Next() time.Duration { return min(max(p.next, p.First), p.Most) }

// Wait waits, or returns early when ctx ends.
func (p *Pause) Wait(ctx context.Context) {
	d := p.Next()
	p.next = 2 * d
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Reset begins with First again.
func (p *Pause) Reset() { p.next = 0 }
