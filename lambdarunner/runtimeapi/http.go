package runtimeapi

import (
	"bufio"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The Runtime API is spoken by one client over one or two connections that stay open,
// twice for every invocation. net/http would cost more there than all the rest of an
// invocation on our side: this is HTTP/1.1 with keep-alive, Content-Length and chunked
// bodies, 100-continue, and nothing else.

// Limits of a request.
const (
	maxLine    = 1<<20 + 8<<10 // aws-lambda-go sends up to 1 MB of X-Ray error cause
	maxHeaders = 100
	bodyLimit  = 15 * time.Minute // for a body that has begun: a function may write it as long as it runs
	maxDrain   = 64 << 20         // of a body that is too large: closing on a client that sends would lose it the answer
)

// A request is one call of a runtime.
type request struct {
	method, path string
	header       map[string]string // by lower-case name, the last value
	body         []byte
	trailer      map[string]string // after a chunked body, by lower-case name; nil for none
	err          error             // why the body could not be read

	// unread and conn are of a chunked response: its body is read when it is known who gets
	// it. (aws-lambda-go streams without saying so in a header.) nil for others, and once
	// it was read.
	unread *bufio.Reader
	conn   net.Conn
}

// A reply is the answer to a call.
type reply struct {
	status int
	header []byte // lines, each with its end
	body   []byte
}

var (
	errTooLarge  = errors.New("the body is too large")
	errTruncated = errors.New("the body was cut off")
)

// A front accepts connections and answers their requests in order.
type front struct {
	listener net.Listener
	answer   func(*request) reply
	served   sync.WaitGroup

	// mu guards the connections that are open.
	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]struct{}
}

func newFront(l net.Listener, answer func(*request) reply) *front {
	f := &front{listener: l, answer: answer, conns: map[net.Conn]struct{}{}}
	f.served.Go(f.accept)
	return f
}

func (f *front) accept() {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return // closed, or of no more use
		}
		if !f.add(c) {
			c.Close()
			return
		}
		f.served.Go(func() {
			f.serve(c)
			f.drop(c)
		})
	}
}

func (f *front) add(c net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.conns[c] = struct{}{}
	return true
}

func (f *front) drop(c net.Conn) {
	f.mu.Lock()
	delete(f.conns, c)
	f.mu.Unlock()
	c.Close()
}

// close ends all connections and waits.
func (f *front) close() error {
	f.mu.Lock()
	f.closed = true
	for c := range f.conns {
		c.Close()
	}
	f.mu.Unlock()
	err := f.listener.Close()
	f.served.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// serve answers requests until the connection ends or one cannot be read. Of requests that come together, as those
// of our own clients do, the answers go together: the first says nothing that anybody waits for.
func (f *front) serve(c net.Conn) {
	r := bufio.NewReaderSize(c, 8<<10)
	var out []byte
	for {
		req, err := readRequest(r, c)
		if err != nil {
			return
		}
		res := f.answer(req)
		req.load() // nothing else is in step
		out = appendReply(out, res)
		last := req.err != nil || strings.EqualFold(req.header["connection"], "close")
		if r.Buffered() > 0 && !last {
			continue
		}
		if _, err := c.Write(out); err != nil || last {
			return // after a body that was not read to its end nothing is in step
		}
		if out = out[:0]; cap(out) > 1<<20 {
			out = nil
		}
	}
}

// statusLines of the answers that there are.
var statusLines = map[int]string{
	200: "HTTP/1.1 200 OK\r\n", 202: "HTTP/1.1 202 Accepted\r\n", 400: "HTTP/1.1 400 Bad Request\r\n", 403: "HTTP/1.1 403 Forbidden\r\n",
	404: "HTTP/1.1 404 Not Found\r\n", 405: "HTTP/1.1 405 Method Not Allowed\r\n", 413: "HTTP/1.1 413 Request Entity Too Large\r\n",
}

func appendReply(b []byte, res reply) []byte {
	b = append(b, statusLines[res.status]...)
	b = append(b, "Content-Type: application/json\r\n"...)
	b = append(b, res.header...)
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(res.body)), 10)
	b = append(b, "\r\n\r\n"...)
	return append(b, res.body...)
}
