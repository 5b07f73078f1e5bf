package runtimeapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// How long a delivery that failed waits before it is tried again: at first, and at most.
const (
	firstBackoff = 50 * time.Millisecond
	maxBackoff   = 2 * time.Second
)

// fellBehind is the reason for dropped records (Telemetry API schema, "platform.logsDropped").
const fellBehind = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs."

// A sender takes batches to their destination.
type sender interface {
	// send returns when the destination has the records, or has not.
	send(ctx context.Context, records [][]byte) error
	close()
}

// A subscriber buffers the records of one extension and delivers them, in order.
type subscriber struct {
	extension string
	api       telemetryAPI
	version   string // of the schema
	types     []string
	now       func() time.Time
	sender    sender

	maxItems, maxBytes, timeoutMs int // of a batch

	ctx     context.Context
	cancel  context.CancelFunc
	changed chan struct{} // gets a value when there may be a batch to deliver
	done    chan struct{} // closed when deliveries have ended
	flushed chan struct{} // closed when all that there was at a flush is delivered

	// mu guards what waits.
	mu           sync.Mutex
	waiting      [][]byte
	size         int // bytes
	hurry        bool
	once         sync.Once // of flushed
	dropped      int       // records
	droppedBytes int
}

// start begins to deliver, until cancel.
func (b *subscriber) start() {
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.done, b.flushed = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(b.done)
		defer b.sender.close()
		for batch := b.next(); batch != nil; batch = b.next() {
			b.deliver(batch)
		}
	}()
}

// replace ends another subscriber of the same extension, and goes on with what waits there.
func (b *subscriber) replace(other *subscriber) {
	other.cancel()
	<-other.done
	b.waiting, b.size = other.waiting, other.size
	b.start()
	b.signal()
}

// add takes a record if the extension wants it. A batch may wait while another is on its way;
// what is beyond that is dropped.
func (b *subscriber) add(r record) {
	if !slices.Contains(b.types, r.stream) || !b.api.streams(b.version, r.kind) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) >= 2*b.maxItems || b.size >= 2*b.maxBytes {
		b.dropped, b.droppedBytes = b.dropped+1, b.droppedBytes+len(r.json)
		return
	}
	b.waiting, b.size = append(b.waiting, r.json), b.size+len(r.json)
	if len(b.waiting) == 1 || b.full() || b.hurry {
		b.signal()
	}
}

func (b *subscriber) full() bool { return len(b.waiting) >= b.maxItems || b.size >= b.maxBytes }

func (b *subscriber) signal() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// flush delivers without waiting for more, from now on.
func (b *subscriber) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hurry = true
	b.signal()
}

// next waits for a batch: one that is full, or has waited for long enough. It is nil at the end.
func (b *subscriber) next() [][]byte {
	var old <-chan time.Time
	for {
		batch, begun := b.take(false)
		if batch != nil {
			return batch
		}
		if begun && old == nil {
			timer := time.NewTimer(b.timeout())
			defer timer.Stop()
			old = timer.C
		}
		select {
		case <-b.changed:
		case <-old:
			batch, _ = b.take(true)
			return batch
		case <-b.ctx.Done():
			return nil
		}
	}
}

// take takes what waits if that is a batch; begun tells that there is something.
func (b *subscriber) take(old bool) (batch [][]byte, begun bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 && b.hurry {
		b.once.Do(func() { close(b.flushed) })
	}
	if len(b.waiting) == 0 || !old && !b.full() && !b.hurry {
		return nil, len(b.waiting) > 0
	}
	batch, b.waiting, b.size = b.waiting, nil, 0
	if b.dropped > 0 && slices.Contains(b.types, platformStream) {
		batch = append(batch, appendRecord(b.now(), "platform.logsDropped", struct {
			Reason  string `json:"reason"`
			Records int    `json:"droppedRecords"`
			Bytes   int    `json:"droppedBytes"`
		}{fellBehind, b.dropped, b.droppedBytes}))
	}
	b.dropped, b.droppedBytes = 0, 0
	return batch, true
}

// deliver tries until it succeeds or the sandbox ends.
func (b *subscriber) deliver(batch [][]byte) {
	for wait := firstBackoff; b.sender.send(b.ctx, batch) != nil; wait = min(2*wait, maxBackoff) {
		select {
		case <-time.After(wait):
		case <-b.ctx.Done():
			return
		}
	}
}

// A dialer connects to a port of the sandbox.
type dialer func(ctx context.Context) (net.Conn, error)

func dialerTo(host, port string) dialer {
	return func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	}
}

// An httpSender sends a JSON array a request.
type httpSender struct {
	method, uri string
	client      *http.Client
}

func newHTTPSender(method, uri string, dial dialer) *httpSender {
	return &httpSender{method, uri, &http.Client{
		Transport:     &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (h *httpSender) send(ctx context.Context, records [][]byte) error {
	body := append(append([]byte{'['}, bytes.Join(records, []byte{','})...), ']')
	req, err := http.NewRequestWithContext(ctx, h.method, h.uri, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := h.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20)); err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("answered %s", res.Status)
	}
	return nil
}

func (h *httpSender) close() { h.client.CloseIdleConnections() }

// A tcpSender writes a line a record on one connection.
type tcpSender struct {
	dial dialer
	conn net.Conn // nil before the first
}

func (s *tcpSender) send(ctx context.Context, records [][]byte) (err error) {
	if s.conn == nil {
		if s.conn, err = s.dial(ctx); err != nil {
			s.conn = nil
			return err
		}
	}
	defer context.AfterFunc(ctx, func() { s.conn.SetDeadline(time.Now()) })()
	if _, err = s.conn.Write(append(bytes.Join(records, []byte{'\n'}), '\n')); err != nil {
		s.close()
		s.conn = nil
	}
	return err
}

func (s *tcpSender) close() {
	if s.conn != nil {
		s.conn.Close()
	}
}
