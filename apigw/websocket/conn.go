package websocket

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A Conn is one connection of a client. While nothing happens it takes one goroutine that waits for
// the client, and one timer.
type Conn struct {
	ID         string
	API, Stage string
	Opened     time.Time
	Client     any // what who opened it keeps of the client

	hub    *Hub
	net    net.Conn
	r      io.Reader
	active atomic.Int64 // when the last frame came or went, in Unix milliseconds
	timer  *time.Timer

	// mu guards the rest.
	mu      sync.Mutex
	changed sync.Cond // wakes who waits for room in one of the queues
	out     net.Buffers
	queued  int  // bytes in out and on their way
	writing bool // somebody writes out
	in      [][]byte
	serving bool // somebody serves in
	end     *End // once it is known how the connection ends: nothing follows in out
	gone    bool // nothing comes from the client any more
}

// What may wait in one connection.
const (
	maxQueued  = 1 << 20 // bytes for a client that does not read
	maxPending = 32      // messages of a client that are not served yet
)

// LastActive is when the last frame came or went.
func (c *Conn) LastActive() time.Time { return time.UnixMilli(c.active.Load()) }

func (c *Conn) touch() { c.active.Store(c.hub.o.Now().UnixMilli()) }

// Close ends the connection with a close frame, after what it was sent before. From now on nobody finds it.
func (c *Conn) Close(end End) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end == nil {
		c.finish(end)
		c.push(closeFrame(end))
	}
}

// finish notes how the connection ends; mu is held.
func (c *Conn) finish(end End) {
	c.end = &end
	c.hub.conns.CompareAndDelete(c.ID, c)
	c.changed.Broadcast()
	if c.timer != nil {
		c.timer.Stop()
	}
	if c.net != nil { // a client that does not read has no longer than this
		c.net.SetWriteDeadline(time.Now().Add(closeTimeout))
	}
}

// check is what the timer does: it ends a connection that was idle for too long or is too old, or
// waits on.
func (c *Conn) check() {
	now, o := c.hub.o.Now(), &c.hub.o
	left := min(o.Idle-now.Sub(c.LastActive()), o.Longest-now.Sub(c.Opened))
	if left <= 0 {
		c.Close(GoingAway)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end == nil {
		c.timer.Reset(max(left, time.Millisecond))
	}
}

// drop ends the connection without a word.
func (c *Conn) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end == nil {
		c.finish(interrupted)
	}
	if c.net != nil {
		c.net.Close()
	}
}

// serve hands over what came, and at last how the connection ended. It runs while there is something.
func (c *Conn) serve() {
	defer c.hub.work.Done()
	for {
		c.mu.Lock()
		if len(c.in) == 0 {
			c.serving = false
			over := c.gone
			c.mu.Unlock()
			if over {
				c.hub.o.Handler.Disconnected(c.hub.ctx, c, *c.end)
			}
			return
		}
		text := c.in[0]
		c.in = append(c.in[:0], c.in[1:]...)
		c.changed.Broadcast()
		c.mu.Unlock()
		c.hub.o.Handler.Message(c.hub.ctx, c, text)
	}
}

// startServing runs serve unless it runs; mu is held.
func (c *Conn) startServing() {
	if !c.serving {
		c.serving = true
		c.hub.work.Add(1) // the reader is counted as well: Close cannot have seen the end
		go c.serve()
	}
}
