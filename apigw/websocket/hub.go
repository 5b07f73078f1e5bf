package websocket

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

// Limits of AWS (API Gateway developer guide, "Quotas for configuring and running a WebSocket API").
const (
	MaxMessage = 128 << 10 // bytes of a message
	maxFrame   = 32 << 10  // bytes of a frame from a client

	idleTimeout  = 10 * time.Minute
	maxDuration  = 2 * time.Hour
	writeTimeout = 30 * time.Second // that a client may take nothing of what it is sent
	closeTimeout = 3 * time.Second  // that a client may take to answer a close frame
)

// A Handler serves what clients send.
type Handler interface {
	// Message serves a message. Those of one connection come one after another, in the order in which
	// they were sent.
	//
	// Unlike AWS, where a message may overtake the one before it.
	Message(ctx context.Context, c *Conn, text []byte)
	// Disconnected is called once for each connection, after its last message.
	Disconnected(ctx context.Context, c *Conn, end End)
}

// An End is how a connection ended: the status and the reason of the close frame that ended it.
type End struct {
	Status int
	Reason string
}

// Ends by the server.
var (
	GoingAway = End{int(ws.StatusGoingAway), "Going away"}
	Deleted   = End{int(ws.StatusNormalClosure), "Connection Closed Normally"} // boto/boto3#3789 has a log of AWS
	TooLarge  = End{int(ws.StatusMessageTooBig), "Message too long"}
	NoText    = End{int(ws.StatusInvalidFramePayloadData), "Invalid UTF-8"}
	// Binary is for who sends binary frames, which AWS does not take (developer guide, "Binary media types
	// for WebSocket APIs", read 2026-11).
	Binary      = End{int(ws.StatusUnsupportedData), "Binary frames are not supported"}
	Violation   = End{int(ws.StatusProtocolError), "Protocol error"}
	noStatus    = End{int(ws.StatusNoStatusRcvd), "Client-side close frame status not set"} // seen in events of AWS
	interrupted = End{int(ws.StatusAbnormalClosure), "Connection closed abnormally"}
)

// Options are what a Hub works with. Times that are 0 are AWS's.
type Options struct {
	Handler Handler
	Idle    time.Duration    // after which a connection without any frame is closed
	Longest time.Duration    // after which any connection is closed
	Now     func() time.Time // nil is time.Now
}

// A Hub has all connections.
type Hub struct {
	o      Options
	conns  sync.Map // id → *Conn
	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex // guards closed, and that nothing is added to work afterwards
	closed bool
	work   sync.WaitGroup
}

// New makes a Hub without connections.
func New(o Options) *Hub {
	o.Idle, o.Longest = cmp.Or(o.Idle, idleTimeout), cmp.Or(o.Longest, maxDuration)
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Hub{o: o}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// Find returns an open connection of a stage, nil for none.
func (h *Hub) Find(api, stage, id string) *Conn {
	found, ok := h.conns.Load(id)
	if !ok {
		return nil
	}
	if c := found.(*Conn); c.API == api && c.Stage == stage {
		return c
	}
	return nil
}

// CloseStage ends the connections of a stage; "" for stage means all of the API, "" for both all.
func (h *Hub) CloseStage(api, stage string) {
	h.conns.Range(func(_, v any) bool {
		if c := v.(*Conn); (api == "" || c.API == api) && (stage == "" || c.Stage == stage) {
			c.Close(GoingAway)
		}
		return true
	})
}

// Close ends all connections and waits until what they sent is served, but not longer than ctx.
func (h *Hub) Close(ctx context.Context) {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.CloseStage("", "")
	done := make(chan struct{})
	go func() {
		h.work.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	h.cancel()
	h.conns.Range(func(_, v any) bool {
		v.(*Conn).drop()
		return true
	})
	<-done
}

// begin counts what Close has to wait for; false: it does not wait any more.
func (h *Hub) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.work.Add(1)
	return true
}
