package debugger

import (
	"bufio"
	"errors"
	"net"
	"os"
	"time"
)

// settle is how long a published port of a container, which accepts always, takes to hang up where nobody listens
// inside.
const settle = 50 * time.Millisecond

// A settled is a connection to somebody who has not hung up at once.
type settled struct {
	net.Conn
	r *bufio.Reader
}

func (s settled) Read(b []byte) (int, error) { return s.r.Read(b) }

// dial connects to a debugger that listens.
func dial(to string) (net.Conn, error) {
	conn, err := net.Dial("tcp", to)
	if err != nil {
		return nil, err
	}
	s := settled{conn, bufio.NewReader(conn)}
	conn.SetReadDeadline(time.Now().Add(settle))
	if _, err := s.r.Peek(1); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		conn.Close()
		return nil, err
	}
	conn.SetReadDeadline(time.Time{})
	return s, nil
}
