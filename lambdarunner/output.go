package lambdarunner

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// flushDelay is how long an event may wait for others to go to the LogSink with it.
const flushDelay = 100 * time.Millisecond

// tailSize is how much of an invocation's log LogType Tail returns.
const tailSize = 4 << 10

// An Output collects what one sandbox prints and what the platform says about it,
// and passes both to the LogSink with the id of the request under way.
type Output struct {
	fn     *Function
	stream string
	sink   LogSink // nil discards
	now    func() time.Time

	// mu guards the invocation under way, its tail, and the events that wait.
	mu      sync.Mutex
	request string
	tail    []byte
	pending []LogEvent
	timer   *time.Timer // runs while there are pending events
}

// NewOutput makes the output of a sandbox that logs to stream.
func NewOutput(fn *Function, stream string, sink LogSink, now func() time.Time) *Output {
	return &Output{fn: fn, stream: stream, sink: sink, now: now}
}

// Stream is the log stream: 2026/01/02/[$LATEST]0123456789abcdef….
func (o *Output) Stream() string { return o.stream }

// Line takes one line the sandbox printed, with or without its end, and returns it as it is
// logged, "" if it is not. It does not keep its argument. A carriage return inside it is a line end within one event: so
// runtime clients, AWS's and ours, write messages of several lines to a pipe.
func (o *Output) Line(line []byte) (message string) {
	text := strings.TrimRight(string(line), "\r\n")
	if text == "" {
		return "" // CloudWatch Logs keeps no empty events
	}
	message = strings.ReplaceAll(text, "\r", "\n") + "\n"
	o.append(message, true)
	return message
}

// Platform logs what Lambda itself has to say: START, END, REPORT.
func (o *Output) Platform(format string, args ...any) { o.append(fmt.Sprintf(format, args...), true) }

// Announce logs what is of no invocation's tail: INIT_START.
func (o *Output) Announce(message string) { o.append(message, false) }

// Record logs what Lambda has to say as JSON.
func (o *Output) Record(json []byte) { o.append(string(json)+"\n", true) }

// Begin says that what follows belongs to a request. What was printed since the last
// one, or while the sandbox started, is part of its tail.
func (o *Output) Begin(requestID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.request = requestID
}

// End ends the request and returns the last 4 KB of its log.
func (o *Output) End() (tail []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	tail, o.tail, o.request = o.tail, nil, ""
	o.flush()
	return tail
}

// Flush hands over what waits.
func (o *Output) Flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush()
}

func (o *Output) append(message string, inTail bool) {
	event := LogEvent{Time: o.now(), Message: message}
	o.mu.Lock()
	defer o.mu.Unlock()
	event.RequestID = o.request
	if inTail {
		o.tail = append(o.tail, message...)
	}
	if over := len(o.tail) - tailSize; over > 0 {
		o.tail = append(o.tail[:0], o.tail[over:]...)
	}
	if o.sink == nil {
		return
	}
	if o.pending = append(o.pending, event); len(o.pending) > 1 {
		return
	}
	if o.timer == nil {
		o.timer = time.AfterFunc(flushDelay, o.Flush)
	} else {
		o.timer.Reset(flushDelay)
	}
}

// flush hands pending events over, in order; o.mu is held.
func (o *Output) flush() {
	if len(o.pending) == 0 {
		return
	}
	o.timer.Stop()
	events := o.pending
	o.pending = nil
	o.sink.Append(o.fn, o.stream, events)
}
