package integration

import (
	"context"
	"errors"
	"io"
	"net/http/httputil"
	"time"

	"postern/apigw"
)

// Stream is Proxy for an integration whose responseTransferMode is STREAM: the client gets the
// backend's body as it comes, of any length, and as it is: binary media types do not touch it.
func (h *HTTP) Stream(ctx context.Context, x *apigw.Exchange) error {
	out, err := h.proxyRequest(x)
	if err != nil {
		return err
	}
	out.log(x)
	since := x.Clock()
	timed, cancel := context.WithTimeout(ctx, h.Timeout)
	body, err := h.Transport.stream(timed, out, &x.Endpoint.Response)
	if err != nil {
		defer cancel()
		answered(x, since, err)
		return h.fault(ctx, err)
	}
	x.Response.Stream = newStream(body, h.Idle, cancel)
	answered(x, since, nil)
	proxied(x)
	return nil
}

// stream sends a request and reads the head of the answer; its body is read as it comes, until ctx
// ends.
func (t *Transport) stream(ctx context.Context, out *outgoing, in *apigw.EndpointResponse) (body io.ReadCloser, err error) {
	if t.isProxied(out) {
		return streamTrip(ctx, t.proxiedFor(out), out, in)
	}
	deadline, _ := ctx.Deadline()
	err = t.attempt(ctx, deadline, out, func(to origin, c *connection) error {
		body, err = c.open(ctx, deadline, out, in, func(reusable bool) { t.done(to, c, reusable) })
		return err
	})
	return body, err
}

// A bodyReader is the body of an answer that is on its way over a connection.
type bodyReader struct {
	io.Reader
	c       *connection
	answer  answer
	release func() bool // of the connection from its context
	written chan error  // of a request that is still being written, nil if it is not
	done    func(bool)  // takes the connection back
	left    int64       // of a body with a length
	err     error       // that reading ended with
}

// open makes a call and reads the head of its answer.
func (c *connection) open(ctx context.Context, deadline time.Time, out *outgoing, in *apigw.EndpointResponse, done func(reusable bool)) (io.ReadCloser, error) {
	c.silent = true
	b := &bodyReader{c: c, done: done}
	if err := c.SetDeadline(deadline); err != nil {
		c.Close()
		return nil, err
	}
	b.release = context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	var unsent error
	b.written, unsent = c.write(out)
	a, err := c.final()
	if err == nil && unsent == nil {
		in.Status, in.Header = a.status, a.header
		b.begin(a, out.verb)
		return b, nil
	}
	if unsent != nil && c.silent {
		err = unsent
	}
	b.err = errors.Join(err, unsent)
	b.Close()
	return nil, err
}

// begin sets where the body comes from.
func (b *bodyReader) begin(a answer, verb string) {
	b.answer = a
	switch {
	case a.empty(verb):
		b.Reader = io.LimitReader(b.c.r, 0)
	case a.chunked:
		b.Reader = httputil.NewChunkedReader(b.c.r)
	case a.length >= 0:
		b.Reader, b.left = io.LimitReader(b.c.r, a.length), a.length
	default:
		b.Reader, b.answer.last = b.c.r, true
	}
}

func (b *bodyReader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.Reader.Read(p)
	b.left -= int64(n)
	switch {
	case err == io.EOF && b.answer.chunked:
		if err = b.c.readTrailer(); err == nil {
			err = io.EOF
		}
	case err == io.EOF && b.answer.length >= 0 && b.left > 0:
		err = io.ErrUnexpectedEOF
	}
	b.err = err
	return n, err
}

// Close gives the connection back; one that has not said all it had to is closed.
func (b *bodyReader) Close() error {
	reusable := b.release() && b.err == io.EOF && !b.answer.last && b.c.r.Buffered() == 0
	if b.written != nil {
		select {
		case err := <-b.written:
			reusable = reusable && err == nil
		default:
			b.c.Close() // ends the writing
			<-b.written
			reusable = false
		}
	}
	b.done(reusable)
	return nil
}
