package websocket

import (
	"errors"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// Why a message cannot be sent.
var (
	ErrGone = errors.New("the connection has ended")
	ErrFull = errors.New("the client does not take what it was sent before")
)

// Send sends a message without waiting for the client: ErrGone, ErrFull. It is text if it can be.
// (What AWS makes of bytes that are none is not documented.)
func (c *Conn) Send(data []byte) error {
	return c.send(data, false)
}

// Answer sends a message once there is room for it.
func (c *Conn) Answer(data []byte) error { return c.send(data, true) }

func (c *Conn) send(data []byte, wait bool) error {
	f := ws.NewTextFrame(data)
	if !utf8.Valid(data) {
		f = ws.NewBinaryFrame(data)
	}
	frame, err := ws.CompileFrame(f)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for wait && c.end == nil && c.queued >= maxQueued {
		c.changed.Wait()
	}
	switch {
	case c.end != nil:
		return ErrGone
	case c.queued >= maxQueued:
		return ErrFull
	}
	c.touch()
	c.push(frame)
	return nil
}

// control sends a control frame, unless the client takes nothing.
func (c *Conn) control(f ws.Frame) {
	frame, err := ws.CompileFrame(f)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end == nil && c.queued < maxQueued {
		c.push(frame)
	}
}

// closeFrame is the frame that ends a connection. 1005 is not for the wire.
func closeFrame(end End) []byte {
	var body []byte
	if end.Status != noStatus.Status {
		body = ws.NewCloseFrameBody(ws.StatusCode(end.Status), end.Reason)
	}
	return ws.MustCompileFrame(ws.NewCloseFrame(body))
}

// push puts a frame into the queue; mu is held.
func (c *Conn) push(frame []byte) {
	c.out = append(c.out, frame)
	c.queued += len(frame)
	if !c.writing {
		c.writing = true
		c.hub.work.Add(1)
		go c.write()
	}
}

// write writes what is in the queue. It runs while there is something.
func (c *Conn) write() {
	defer c.hub.work.Done()
	for {
		c.mu.Lock()
		frames, n := c.out, c.queued
		c.out = nil
		if len(frames) == 0 {
			c.writing = false
			if c.end != nil {
				c.awaitClose()
			}
			c.mu.Unlock()
			return
		}
		within := writeTimeout
		if c.end != nil {
			within = closeTimeout
		}
		c.net.SetWriteDeadline(time.Now().Add(within))
		c.mu.Unlock()
		_, err := frames.WriteTo(c.net)
		c.mu.Lock()
		c.queued -= n
		c.changed.Broadcast()
		c.mu.Unlock()
		if err != nil {
			c.drop()
		}
	}
}
