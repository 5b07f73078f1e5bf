package websocket

import (
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// read takes frames until the connection ends.
func (c *Conn) read() {
	defer c.hub.work.Done()
	end := c.frames()
	c.mu.Lock()
	if c.end == nil {
		c.finish(end)
		if end != interrupted {
			c.push(closeFrame(end))
		}
	}
	c.mu.Unlock()
	switch end {
	case TooLarge, Violation, NoText, Binary:
		c.discard()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	c.startServing()
	if !c.writing { // else who writes closes
		c.net.Close()
	}
}

// discard reads what the client sends before it reads the close frame: a connection that is closed
// with bytes unread is reset, and the close frame lost.
func (c *Conn) discard() {
	c.net.SetReadDeadline(time.Now().Add(closeTimeout))
	io.Copy(io.Discard, c.r)
}

// A reader is the state of a connection's frames.
type reader struct {
	c       *Conn
	header  [ws.MaxHeaderSize]byte
	state   ws.State
	message []byte // of the frames so far
}

// frames serves frames until one ends the connection.
func (c *Conn) frames() End {
	r := &reader{c: c, state: ws.StateServerSide}
	for {
		h, err := ws.ReadHeaderBuffer(c.r, r.header[:])
		if errors.Is(err, ws.ErrHeaderLengthMSB) || errors.Is(err, ws.ErrHeaderLengthUnexpected) {
			return Violation
		}
		if err != nil {
			return interrupted
		}
		if end, over := r.frame(h); over {
			return end
		}
	}
}

// frame takes one frame, whose header was read; over says that it is the last.
func (r *reader) frame(h ws.Header) (end End, over bool) {
	if ws.CheckHeader(h, r.state) != nil {
		return Violation, true
	}
	if h.OpCode == ws.OpBinary {
		return Binary, true
	}
	if h.Length > maxFrame || h.OpCode.IsData() && len(r.message)+int(h.Length) > MaxMessage {
		return TooLarge, true
	}
	before := len(r.message)
	payload := r.message
	if h.OpCode.IsControl() {
		before, payload = 0, nil
	}
	payload = append(payload, make([]byte, h.Length)...)
	if _, err := io.ReadFull(r.c.r, payload[before:]); err != nil {
		return interrupted, true
	}
	ws.Cipher(payload[before:], h.Mask, 0)
	r.c.touch()
	switch h.OpCode {
	case ws.OpPing:
		r.c.control(ws.NewPongFrame(payload))
		return end, false
	case ws.OpPong:
		return end, false
	case ws.OpClose:
		return closed(payload), true
	}
	return r.data(h, payload)
}

// data takes a frame of a message.
func (r *reader) data(h ws.Header, payload []byte) (End, bool) {
	r.message, r.state = payload, r.state.Set(ws.StateFragmented)
	if !h.Fin {
		return End{}, false
	}
	r.message, r.state = nil, r.state.Clear(ws.StateFragmented)
	if !utf8.Valid(payload) {
		return NoText, true
	}
	r.c.take(payload)
	return End{}, false
}

// closed is what a close frame says.
func closed(payload []byte) End {
	if len(payload) == 0 {
		return noStatus
	}
	code, reason := ws.ParseCloseFrameData(payload)
	if ws.CheckCloseFrameData(code, reason) != nil {
		return Violation
	}
	return End{int(code), reason}
}

// take puts a message into the queue, and waits while the queue is full.
func (c *Conn) take(text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.in) >= maxPending && c.end == nil {
		c.changed.Wait()
	}
	if c.end == nil { // what comes after the server's close frame is lost
		c.in = append(c.in, text)
		c.startServing()
	}
}

// awaitClose gives the client some time to answer the close frame, which is the last thing it gets; mu is
// held.
func (c *Conn) awaitClose() {
	if c.gone {
		c.net.Close()
		return
	}
	if half, ok := c.net.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	c.net.SetReadDeadline(time.Now().Add(closeTimeout))
}
