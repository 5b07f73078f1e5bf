package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"postern/apigw"
)

// maxPrelude is how far from the start of a streamed response its delimiter may be (REST API
// guide, "Lambda proxy integration format for response streaming").
const maxPrelude = 16 << 10

// delimiter ends the metadata of a streamed response.
var delimiter = make([]byte, 8)

// Stream serves a Lambda proxy integration whose responseTransferMode is STREAM: the
// function's first bytes are its metadata, a JSON object of status and headers, then eight NULs; what
// follows is the payload, which the client gets as it comes. Whatever fails before is
// answered as in Proxy, what fails later ends the connection.
func (l *Lambda) Stream(ctx context.Context, x *apigw.Exchange) error {
	out, err := l.Invoke(ctx, x, apigw.InvokeRequest{Payload: appendEvent(make([]byte, 0, EventSize(x)), x), Stream: true})
	if err != nil {
		return err
	}
	if out.FunctionError != "" {
		return FunctionFailed(out)
	}
	body := out.Stream
	if body == nil { // it does not stream
		body = io.NopCloser(bytes.NewReader(out.Payload))
	}
	if err := StreamResponse(x, body); err != nil {
		body.Close()
		return MalformedResponse(err)
	}
	return nil
}

// StreamResponse reads the metadata of a streamed response into x.Response and leaves the rest to whoever
// writes the answer.
func StreamResponse(x *apigw.Exchange, body io.ReadCloser) error {
	head, rest, err := cutPrelude(body)
	if err != nil {
		return err
	}
	answer, err := parsePrelude(head)
	if err != nil {
		return err
	}
	x.Response.Status, x.Endpoint.Response.Status = answer.status, answer.status
	x.Response.Header = append(x.Response.Header, answer.header()...)
	x.Response.Stream = joined{io.MultiReader(bytes.NewReader(rest), body), body}
	return nil
}

// cutPrelude reads up to the delimiter. rest is what was read of the payload.
func cutPrelude(r io.Reader) (head, rest []byte, err error) {
	b := make([]byte, 0, 4<<10)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if head, rest, ok := bytes.Cut(b, delimiter); ok && len(head) <= maxPrelude {
			return head, rest, nil
		}
		switch {
		case len(b) > maxPrelude+len(delimiter):
			return nil, nil, fmt.Errorf("no delimiter in the first %d bytes", maxPrelude)
		case err == io.EOF:
			return nil, nil, errors.New("no delimiter")
		case err != nil:
			return nil, nil, err
		}
	}
}

// parsePrelude reads the metadata. Cookies are those of the format that function URLs share.
func parsePrelude(head []byte) (*proxyAnswer, error) {
	a := &proxyAnswer{status: 200}
	if !json.Valid(head) {
		return nil, errors.New("the metadata is not JSON")
	}
	err := EachMember(WellFormed(head), func(key string, value []byte) (err error) {
		switch key {
		case "cookies":
			err = EachElement(value, func(v []byte) error { return AddHeader(&a.multi, "Set-Cookie", v) })
		case "body", "isBase64Encoded":
			err = errors.New("no member of the metadata")
		default:
			err = a.set(key, value)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	return a, err
}

// joined reads from one and closes another.
type joined struct {
	io.Reader
	io.Closer
}
