package integration

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"postern/apigw"
)

// HTTP calls an HTTP backend: Proxy for HTTP_PROXY, Call for HTTP.
type HTTP struct {
	Transport *Transport
	Timeout   time.Duration
	APIID     string
	AnyIssuer bool          // insecureSkipVerification: who issued a backend's certificate is not checked
	Idle      time.Duration // how long a stream may be silent

	Link        *Link            // VPC link to the backend; nil: none
	Certificate *tls.Certificate // of the stage, for backends that ask for one; nil: none
}

// Call serves an HTTP custom integration: it sends x.Endpoint.Request with API Gateway's
// own headers, of which mapped ones take the place, and fills x.Endpoint.Response. Nothing
// of the client's request goes along that was not mapped.
func (h *HTTP) Call(ctx context.Context, x *apigw.Exchange) error {
	out, err := h.newOutgoing(x, "")
	if err != nil {
		return err
	}
	own := [...]apigw.Field{
		{Name: "Accept", Value: "application/json"},
		{Name: "Content-Type", Value: "application/json"},
		{Name: "User-Agent", Value: userAgent + h.APIID},
		{Name: apiIDHeader, Value: h.APIID},
		{Name: "X-Amzn-Trace-Id", Value: x.BackendTrace()},
	}
	mapped := x.Endpoint.Request.Header
	for _, f := range own {
		if !mapped.Has(f.Name) {
			out.header = append(out.header, f)
		}
	}
	if err := out.add(mapped); err != nil {
		return err
	}
	x.Response.Traced = true
	if err := h.send(ctx, x, out); err != nil {
		return err
	}
	in := &x.Endpoint.Response
	status := strconv.Itoa(in.Status)
	in.Selector = &status
	return nil
}

// userAgent is how API Gateway names itself, with the API's id behind.
const userAgent = "AmazonAPIGateway_"

// apiIDHeader tells backends which API calls.
const apiIDHeader = "x-amzn-apigateway-api-id"

// newOutgoing makes the request of x.Endpoint.Request, without headers.
func (h *HTTP) newOutgoing(x *apigw.Exchange, clientQuery string) (*outgoing, error) {
	from := &x.Endpoint.Request
	u, err := endpoint(from.URI)
	if err != nil {
		return nil, apigw.ConfigurationError("Invalid endpoint address", err)
	}
	u.RawQuery = joinQuery(u.RawQuery, from.Query.Encode(), clientQuery)
	out := &outgoing{verb: from.Verb, url: u, host: u.Host, body: from.Body, anyIssuer: h.AnyIssuer, certificate: h.Certificate}
	if out.verb == "" || out.verb == "ANY" {
		out.verb = x.Request.Verb
	}
	if h.Link != nil {
		out.via, err = h.Link.address(x)
	}
	return out, err
}

// endpoint parses a backend's URI, where a stage variable without a value may have left a hole.
func endpoint(uri string) (*url.URL, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is neither http nor https", uri)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("%q has no host", uri)
	}
	return u, nil
}

func joinQuery(parts ...string) string {
	var joined string
	for _, p := range parts {
		if joined != "" && p != "" {
			joined += "&"
		}
		joined += p
	}
	return joined
}

// add appends mapped headers. Some of them are silently dropped by API Gateway, two
// make it fail (recorded: facts/rest-dataplane.md §4).
func (o *outgoing) add(mapped apigw.Header) error {
	for _, f := range mapped {
		if !httpguts.ValidHeaderFieldName(f.Name) || !httpguts.ValidHeaderFieldValue(f.Value) {
			return apigw.Misconfigured("%q: %q is no header", f.Name, f.Value)
		}
		switch http.CanonicalHeaderKey(f.Name) {
		case "Content-Length", "Transfer-Encoding":
			return apigw.ConfigurationError(f.Name+" header already present", nil)
		case "Connection", "Expect", "Proxy-Authenticate", "Te", "Via":
		case "Host":
			if !httpguts.ValidHostHeader(f.Value) {
				return apigw.Misconfigured("%q is no Host", f.Value)
			}
			o.host = f.Value
		default:
			o.header = append(o.header, f)
		}
	}
	return nil
}

// send waits for the whole answer. Redirects are answers like any other.
func (h *HTTP) send(ctx context.Context, x *apigw.Exchange, out *outgoing) error {
	out.log(x)
	since, in := x.Clock(), &x.Endpoint.Response
	err := h.Transport.call(ctx, time.Now().Add(h.Timeout), out, in)
	answered(x, since, err)
	if err == nil {
		return nil
	}
	return h.fault(ctx, err)
}

// answered notes how the backend of x answered, or failed to.
func answered(x *apigw.Exchange, since time.Time, err error) {
	in := &x.Endpoint.Response
	if err != nil {
		called(x, since, 0, "")
		return
	}
	id := in.Header.Get("x-amzn-RequestId")
	if id == "" {
		id = in.Header.Get("x-amz-request-id")
	}
	called(x, since, in.Status, id)
	logResponse(x, in.Header, in.Body)
}

// log prints the request, its header by name: AWS has the order of a hash table.
func (o *outgoing) log(x *apigw.Exchange) {
	if x.Log == nil {
		return
	}
	header := slices.SortedStableFunc(slices.Values(o.header), func(a, b apigw.Field) int { return strings.Compare(a.Name, b.Name) })
	logRequest(x, o.url.String(), header, o.body)
}

// fault makes the Rejection of a backend that could not be called, or did not answer.
func (h *HTTP) fault(ctx context.Context, err error) error {
	var rejection *apigw.Rejection
	switch {
	case ctx.Err() != nil:
		return gone(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return timedOut(h.Timeout)
	case errors.As(err, &rejection):
		return rejection
	}
	return &apigw.Rejection{Type: apigw.IntegrationFailure, Err: err}
}
