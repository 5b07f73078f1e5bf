package websocket_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client speaks the protocol by itself: it shares no code with the server.
type client struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

// Operation codes.
const (
	continuation = 0x0
	text         = 0x1
	binaryFrame  = 0x2
	closing      = 0x8
	ping         = 0x9
	pong         = 0xa
)

// dial opens a connection and reads the answer, which must be 101.
func dial(t *testing.T, addr string, header ...string) (*client, http.Header) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	lines := append([]string{
		"GET / HTTP/1.1", "Host: " + addr, "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
	}, header...)
	io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n")
	c := &client{t, conn, bufio.NewReader(conn)}
	res, err := http.ReadResponse(c.r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("status %d", res.StatusCode)
	}
	return c, res.Header
}

// frame is one frame of a client: masked.
func frame(first byte, payload []byte) []byte {
	b := []byte{first, 0x80}
	switch n := len(payload); {
	case n < 126:
		b[1] |= byte(n)
	case n < 1<<16:
		b[1] |= 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b[1] |= 127
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	mask := [4]byte{0x12, 0x34, 0x56, 0x78}
	b = append(b, mask[:]...)
	for i, p := range payload {
		b = append(b, p^mask[i%4])
	}
	return b
}

const fin = 0x80

func (c *client) send(first byte, payload string) { c.conn.Write(frame(first, []byte(payload))) }

// read returns the next frame.
func (c *client) read() (op byte, payload string) {
	c.t.Helper()
	var head [2]byte
	c.fill(head[:])
	if head[0]&fin == 0 || head[1]&0x80 != 0 {
		c.t.Fatalf("frame begins with %x", head)
	}
	n := uint64(head[1])
	switch n {
	case 126:
		var b [2]byte
		c.fill(b[:])
		n = uint64(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		c.fill(b[:])
		n = binary.BigEndian.Uint64(b[:])
	}
	body := make([]byte, n)
	c.fill(body)
	return head[0] &^ fin, string(body)
}

func (c *client) fill(b []byte) {
	c.t.Helper()
	if _, err := io.ReadFull(c.r, b); err != nil {
		c.t.Fatalf("read: %v", err)
	}
}

// wants reads the next frame, which must be this.
func (c *client) wants(op byte, payload string) {
	c.t.Helper()
	if gotOp, got := c.read(); gotOp != op || got != payload {
		c.t.Fatalf("frame %x %.200q, want %x %.200q", gotOp, got, op, payload)
	}
}

// wantsClose reads the close frame and the end of the connection.
func (c *client) wantsClose(status int, reason string) {
	c.t.Helper()
	c.wants(closing, closeBody(status, reason))
	c.wantsEnd()
	c.send(fin|closing, closeBody(status, ""))
	c.conn.Close()
}

func (c *client) wantsEnd() {
	c.t.Helper()
	if n, err := c.r.Read(make([]byte, 1)); err != io.EOF {
		c.t.Fatalf("the connection goes on: %d bytes, %v", n, err)
	}
}

func closeBody(status int, reason string) string {
	if status == 0 {
		return ""
	}
	return string(binary.BigEndian.AppendUint16(nil, uint16(status))) + reason
}
