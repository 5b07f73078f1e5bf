package runtimeapi

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The streams that one subscribes to.
const (
	platformStream  = "platform"
	functionStream  = "function"
	extensionStream = "extension"
)

// maxBacklog bounds what is kept of the init phase for those who subscribe in it, in bytes.
const maxBacklog = 256 << 10

// A record is one event for subscribers.
type record struct {
	stream, kind string
	json         []byte
}

// A telemetry hands what happens in a sandbox to the extensions that subscribed to it. Who
// subscribes in the init phase learns what came before.
type telemetry struct {
	now     func() time.Time
	objects bool        // lines of the function that are JSON objects are handed on as such: its log format is JSON
	active  atomic.Bool // somebody has subscribed, or may yet

	// mu guards the rest.
	mu          sync.Mutex
	closed      bool // nobody may subscribe any more: the init phase is over
	subscribers []*subscriber
	backlog     []record
	size        int // of the backlog, in bytes
}

// line hands on what was printed.
func (t *telemetry) line(stream, text string) {
	if text == "" || !t.active.Load() {
		return
	}
	if object := []byte(strings.TrimSuffix(text, "\n")); t.objects && stream == functionStream && json.Valid(object) && object[0] == '{' {
		t.emit(stream, stream, json.RawMessage(object))
		return
	}
	t.emit(stream, stream, text)
}

// emit hands an event on. Callers check active first where a body costs something to make.
func (t *telemetry) emit(stream, kind string, body any) {
	if !t.active.Load() {
		return
	}
	r := record{stream, kind, appendRecord(t.now(), kind, body)}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range t.subscribers {
		b.add(r)
	}
	if !t.closed && t.size+len(r.json) <= maxBacklog {
		t.backlog, t.size = append(t.backlog, r), t.size+len(r.json)
	}
}

func appendRecord(at time.Time, kind string, body any) []byte {
	return mustJSON(struct {
		Time   string `json:"time"`
		Type   string `json:"type"`
		Record any    `json:"record"`
	}{timeOf(at), kind, body})
}

func timeOf(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// subscribe adds a subscriber, in place of an earlier one of that extension. It is false when
// the init phase is over.
func (t *telemetry) subscribe(b *subscriber) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	for i, other := range t.subscribers {
		if other.extension == b.extension {
			b.replace(other)
			t.subscribers[i] = b
			return true
		}
	}
	for _, r := range t.backlog {
		b.add(r)
	}
	b.start()
	t.subscribers = append(t.subscribers, b)
	return true
}

// subscriber is that of an extension, or nil.
func (t *telemetry) subscriber(extension string) *subscriber {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range t.subscribers {
		if b.extension == extension {
			return b
		}
	}
	return nil
}

// close ends the time in which one can subscribe.
func (t *telemetry) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed, t.backlog = true, nil
	t.active.Store(len(t.subscribers) > 0)
}

// flush makes subscribers get what there is without delay, from now on, and waits until they
// have it or the time is over.
func (t *telemetry) flush(within time.Duration) {
	t.mu.Lock()
	subscribers := slices.Clone(t.subscribers)
	t.mu.Unlock()
	limit := time.NewTimer(within)
	defer limit.Stop()
	for _, b := range subscribers {
		b.flush()
	}
	for _, b := range subscribers {
		select {
		case <-b.flushed:
		case <-b.done:
		case <-limit.C:
			return
		}
	}
}

// stop ends all deliveries and waits for it.
func (t *telemetry) stop() {
	t.close()
	t.mu.Lock()
	subscribers := t.subscribers
	t.mu.Unlock()
	for _, b := range subscribers {
		b.cancel()
		<-b.done
	}
}
