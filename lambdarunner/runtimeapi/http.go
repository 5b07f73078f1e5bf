package runtimeapi

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http/httputil"
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
	maxLine    = 64 << 10
	maxHeaders = 100
	bodyLimit  = 2 * time.Minute // for a body that has begun
	maxDrain   = 64 << 20        // of a body that is too large: closing on a client that sends would lose it the answer
)

// A request is one call of a runtime.
type request struct {
	method, path string
	header       map[string]string // by lower-case name, the last value
	body         []byte
	err          error // why the body could not be read
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

// serve answers requests until the connection ends or one cannot be read.
func (f *front) serve(c net.Conn) {
	r := bufio.NewReaderSize(c, 8<<10)
	var out []byte
	for {
		req, err := readRequest(r, c)
		if err != nil {
			return
		}
		res := f.answer(req)
		out = appendReply(out[:0], res)
		if _, err := c.Write(out); err != nil || req.err != nil {
			return // after a body that was not read to its end nothing is in step
		}
		if cap(out) > 1<<20 {
			out = nil
		}
		if strings.EqualFold(req.header["connection"], "close") {
			return
		}
	}
}

// readRequest reads one request with its body. A request that is no HTTP is an error.
func readRequest(r *bufio.Reader, c net.Conn) (*request, error) {
	line, err := readLine(r)
	if err != nil {
		return nil, err
	}
	method, rest, ok := strings.Cut(line, " ")
	path, proto, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 || !strings.HasPrefix(proto, "HTTP/1.") || !strings.HasPrefix(path, "/") {
		return nil, errors.New("not a request")
	}
	req := &request{method: method, header: make(map[string]string, 8)}
	req.path, _, _ = strings.Cut(path, "?")
	for range maxHeaders {
		line, err := readLine(r)
		if err != nil {
			return nil, err
		}
		if line == "" {
			return req, req.readBody(r, c)
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, errors.New("not a header")
		}
		req.header[lower(name)] = strings.TrimSpace(value)
	}
	return nil, errors.New("too many headers")
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return readLongLine(r, line)
	}
	if err != nil {
		return "", err
	}
	return string(bytes.TrimRight(line, "\r\n")), nil
}

func readLongLine(r *bufio.Reader, start []byte) (string, error) {
	all := bytes.Clone(start)
	for len(all) < maxLine {
		line, err := r.ReadSlice('\n')
		all = append(all, line...)
		if err == nil {
			return string(bytes.TrimRight(all, "\r\n")), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
	return "", errors.New("a line is too long")
}

// lower is strings.ToLower without a copy for what is lower-case already.
func lower(s string) string { return strings.ToLower(s) }

// readBody reads the body; what is wrong with it is req.err, since the call is
// answered all the same.
func (req *request) readBody(r *bufio.Reader, c net.Conn) error {
	chunked := strings.EqualFold(req.header["transfer-encoding"], "chunked")
	length := 0
	if text, ok := req.header["content-length"]; ok && !chunked {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return errors.New("not a length")
		}
		length = n
	}
	if !chunked && length == 0 {
		return nil
	}
	if strings.EqualFold(req.header["expect"], "100-continue") {
		if _, err := io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return err
		}
	}
	if r.Buffered() < length || chunked {
		c.SetReadDeadline(time.Now().Add(bodyLimit))
		defer c.SetReadDeadline(time.Time{})
	}
	if chunked {
		req.body, req.err = readChunks(r)
		return nil
	}
	if length > maxPayload {
		io.CopyN(io.Discard, r, int64(min(length, maxDrain)))
		req.err = errTooLarge
		return nil
	}
	req.body = make([]byte, length)
	if _, err := io.ReadFull(r, req.body); err != nil {
		req.body, req.err = nil, errTruncated
	}
	return nil
}

// readChunks reads a chunked body and its trailers.
func readChunks(r *bufio.Reader) ([]byte, error) {
	chunks := httputil.NewChunkedReader(r)
	body, err := io.ReadAll(io.LimitReader(chunks, maxPayload+1))
	if err != nil {
		return nil, errTruncated
	}
	if len(body) > maxPayload {
		io.CopyN(io.Discard, chunks, maxDrain)
		return nil, errTooLarge
	}
	for range maxHeaders {
		line, err := readLine(r)
		if err != nil {
			return nil, errTruncated
		}
		if line == "" {
			return body, nil
		}
	}
	return nil, errTruncated
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
