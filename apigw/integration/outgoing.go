package integration

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/apigw"
)

// An outgoing is a request for an HTTP backend, complete but for what only the
// transport adds: the length of the body.
type outgoing struct {
	verb   string
	url    *url.URL
	host   string // of the Host header
	header apigw.Header
	body   []byte

	via         *url.URL         // where to connect to, instead of the URL's host
	anyIssuer   bool             // of the backend's certificate
	certificate *tls.Certificate // to show to the backend, nil for none
	sized       bool             // has a Content-Length, whatever the verb
}

// repeatable reports whether it does no harm to send the request twice.
func (o *outgoing) repeatable() bool {
	switch o.verb {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodTrace:
		return true
	}
	return false
}

// hasLength reports whether the request has a Content-Length: it then has a body or one
// is to be expected.
func (o *outgoing) hasLength() bool {
	return o.sized || len(o.body) > 0 || o.verb == http.MethodPost || o.verb == http.MethodPut || o.verb == http.MethodPatch
}

// appendHead appends the request up to its body, as HTTP/1.1.
func (o *outgoing) appendHead(b []byte) []byte {
	b = append(append(b, o.verb...), ' ')
	b = append(b, strings.ReplaceAll(o.url.RequestURI(), " ", "%20")...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(append(b, o.host...), "\r\n"...)
	for _, f := range o.header {
		b = append(append(b, f.Name...), ": "...)
		b = append(append(b, f.Value...), "\r\n"...)
	}
	if o.hasLength() {
		b = append(b, "Content-Length: "...)
		b = append(strconv.AppendInt(b, int64(len(o.body)), 10), "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// roundTrip sends the request through net/http.
func roundTrip(ctx context.Context, deadline time.Time, via *http.Transport, o *outgoing, in *apigw.EndpointResponse) error {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	body, err := streamTrip(ctx, via, o, in)
	if err != nil {
		return err
	}
	defer body.Close()
	in.Body, err = readAll(body)
	return err
}

// streamTrip is roundTrip for a body that is read as it comes.
func streamTrip(ctx context.Context, via *http.Transport, o *outgoing, in *apigw.EndpointResponse) (body io.ReadCloser, err error) {
	resp, err := via.RoundTrip(o.request().WithContext(ctx))
	if err != nil {
		return nil, err
	}
	in.Status, in.Header = resp.StatusCode, make(apigw.Header, 0, len(resp.Header)+2)
	for name, values := range resp.Header {
		for _, v := range values {
			in.Header.Add(name, v)
		}
	}
	return resp.Body, nil
}

func (o *outgoing) request() *http.Request {
	r := &http.Request{
		Method: o.verb, URL: o.url, Host: o.host, Header: http.Header{"User-Agent": nil},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody,
	}
	for _, f := range o.header {
		name := http.CanonicalHeaderKey(f.Name)
		r.Header[name] = append(r.Header[name], f.Value)
	}
	if len(o.body) > 0 {
		r.ContentLength = int64(len(o.body))
		r.Body = io.NopCloser(bytes.NewReader(o.body))
	}
	return r
}
