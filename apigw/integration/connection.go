package integration

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"time"

	"postern/apigw"
)

// writeAtOnce is the largest request that is written before the answer is read. While a
// larger one is written the backend may answer already, and read no further.
const writeAtOnce = 32 << 10

// A connection is one HTTP/1.1 connection to a backend, used by one call at a time.
type connection struct {
	net.Conn          // over TLS where the origin is secure
	raw      net.Conn // the same without TLS
	r        *bufio.Reader

	used      bool // has served a call before
	silent    bool // has not answered this one with a single byte
	idleSince time.Time
}

func newConnection(conn, raw net.Conn) *connection {
	return &connection{Conn: conn, raw: raw, r: bufio.NewReader(conn)}
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// exchange makes one call. The connection is reusable if both sides have said all
// there is to say and want to go on.
func (c *connection) exchange(ctx context.Context, deadline time.Time, out *outgoing, in *apigw.EndpointResponse) (reusable bool, err error) {
	c.silent = true
	if err := c.SetDeadline(deadline); err != nil {
		return false, err
	}
	release := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer func() { reusable = release() && reusable }()

	written, unsent := c.write(out)
	reusable, err = c.read(out, in) // what stopped reading may have answered before
	if unsent != nil {
		if c.silent {
			err = unsent
		}
		return false, err
	}
	if written == nil {
		return reusable, err
	}
	select {
	case failed := <-written:
		return reusable && failed == nil, err
	default:
		c.Close() // ends the writing
		<-written
		return false, err
	}
}

// write sends the request. Of a large one it goes on to write the body, until written says so.
func (c *connection) write(out *outgoing) (written chan error, err error) {
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	*b = out.appendHead((*b)[:0])
	if len(out.body) <= writeAtOnce {
		*b = append(*b, out.body...)
		_, err = c.Write(*b)
		return nil, err
	}
	if _, err := c.Write(*b); err != nil {
		return nil, err
	}
	written = make(chan error, 1)
	go func() {
		_, err := c.Write(out.body)
		written <- err
	}()
	return written, nil
}

// final reads the head of the answer, and leaves out those that only announce one.
func (c *connection) final() (a answer, err error) {
	for a.status < 200 {
		if a, err = c.readHead(); err != nil {
			return a, err
		}
		if a.status == http.StatusSwitchingProtocols {
			return a, errors.New("backend switches protocols")
		}
	}
	return a, nil
}

// empty tells an answer that has no body, whatever its header says.
func (a *answer) empty(verb string) bool {
	return verb == http.MethodHead || a.status == http.StatusNoContent || a.status == http.StatusNotModified
}

// read takes the whole answer.
func (c *connection) read(out *outgoing, in *apigw.EndpointResponse) (reusable bool, err error) {
	a, err := c.final()
	if err != nil {
		return false, err
	}
	in.Status, in.Header = a.status, a.header
	switch {
	case a.empty(out.verb):
		in.Body = nil
	case a.chunked:
		in.Body, err = c.readChunks()
	case a.length >= 0:
		in.Body, err = c.readLength(a.length)
	default:
		in.Body, err = readAll(c.r)
		a.last = true
	}
	return err == nil && !a.last && c.r.Buffered() == 0, err
}

func (c *connection) readLength(n int64) ([]byte, error) {
	if n > maxBody {
		return nil, tooLarge(n)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(c.r, body); err != nil {
		return nil, unexpected(err)
	}
	return body, nil
}

// readChunks reads a chunked body with its trailer, which nobody sees.
func (c *connection) readChunks() ([]byte, error) {
	body, err := readAll(httputil.NewChunkedReader(c.r))
	if err != nil {
		return nil, unexpected(err)
	}
	return body, c.readTrailer()
}

func (c *connection) readTrailer() error {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return unexpected(err)
		}
		if len(strings.TrimRight(string(line), "\r\n")) == 0 {
			return nil
		}
	}
}

func readAll(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = tooLarge(int64(len(body)))
	}
	return body, err
}

func tooLarge(n int64) error {
	return apigw.Misconfigured("Integration response of reported length %d is larger than allowed maximum of %d bytes.", n, maxBody)
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
