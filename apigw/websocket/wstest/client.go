// Package wstest is a client of WebSockets for tests. It speaks the protocol by itself: it shares no code
// with the server.
package wstest

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A Client is one connection. What it reads must be what the test wants.
type Client struct {
	Conn net.Conn

	t *testing.T
	r *bufio.Reader
}

// Operation codes, and the bit that says that a frame is the last of its message.
const (
	Continuation = 0x0
	Text         = 0x1
	Binary       = 0x2
	Close        = 0x8
	Ping         = 0x9
	Pong         = 0xa

	Fin = 0x80
)

// timeout is how long a connection of a test may last.
const timeout = 60 * time.Second

// Dial asks the server at addr for a WebSocket at a URL of the form host/path and returns its answer. The
// Client is nil if it is not 101. Header lines replace those of the handshake of the same name.
func Dial(t *testing.T, addr, url string, header ...string) (*Client, *http.Response) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return Handshake(t, conn, url, header...)
}

// Handshake is Dial on a connection that is there.
func Handshake(t *testing.T, conn net.Conn, url string, header ...string) (*Client, *http.Response) {
	t.Helper()
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(timeout))
	host, path, _ := strings.Cut(url, "/")
	c := &Client{conn, t, bufio.NewReader(conn)}
	io.WriteString(conn, "GET /"+path+" HTTP/1.1\r\n"+strings.Join(handshake(host, header), "\r\n")+"\r\n\r\n")
	res, err := http.ReadResponse(c.r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		return nil, res
	}
	return c, res
}

// handshake is the header of RFC 6455's example, with what a test has in place of some of it.
func handshake(host string, header []string) []string {
	lines := slices.Clone(header)
	for _, line := range []string{
		"Host: " + host, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
	} {
		name, _, _ := strings.Cut(line, ":")
		if !slices.ContainsFunc(header, func(h string) bool { return strings.HasPrefix(h, name+":") }) {
			lines = append(lines, line)
		}
	}
	return lines
}

// Frame is one frame of a client: masked.
func Frame(first byte, payload []byte) []byte {
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

// Send sends a frame that begins with a byte: the operation and Fin.
func (c *Client) Send(first byte, payload string) { c.Conn.Write(Frame(first, []byte(payload))) }

// Read returns the next frame.
func (c *Client) Read() (op byte, payload string) {
	c.t.Helper()
	var head [2]byte
	c.fill(head[:])
	if head[0]&Fin == 0 || head[1]&0x80 != 0 {
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
	return head[0] &^ Fin, string(body)
}

func (c *Client) fill(b []byte) {
	c.t.Helper()
	if _, err := io.ReadFull(c.r, b); err != nil {
		c.t.Fatalf("read: %v", err)
	}
}

// Wants reads the next frame, which must be this.
func (c *Client) Wants(op byte, payload string) {
	c.t.Helper()
	if gotOp, got := c.Read(); gotOp != op || got != payload {
		c.t.Fatalf("frame %x %.200q, want %x %.200q", gotOp, got, op, payload)
	}
}

// WantsClose reads the close frame and the end of the connection.
func (c *Client) WantsClose(status int, reason string) {
	c.t.Helper()
	c.Wants(Close, CloseBody(status, reason))
	c.WantsEnd()
	c.Send(Fin|Close, CloseBody(status, ""))
	c.Conn.Close()
}

// WantsEnd reads the end of the connection.
func (c *Client) WantsEnd() {
	c.t.Helper()
	if n, err := c.r.Read(make([]byte, 1)); err != io.EOF {
		c.t.Fatalf("the connection goes on: %d bytes, %v", n, err)
	}
}

// CloseBody is the payload of a close frame; without a status it is empty.
func CloseBody(status int, reason string) string {
	if status == 0 {
		return ""
	}
	return string(binary.BigEndian.AppendUint16(nil, uint16(status))) + reason
}
