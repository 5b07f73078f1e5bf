package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/apigw"
)

// HTTP calls an HTTP backend: Proxy for HTTP_PROXY, Call for HTTP.
type HTTP struct {
	Transport http.RoundTripper
	Timeout   time.Duration
	APIID     string
}

// Call serves an HTTP custom integration: it sends x.Endpoint.Request with API Gateway's
// own headers, of which those of the same name there take precedence, and fills
// x.Endpoint.Response. Nothing of the client's request goes along that was not mapped.
func (h *HTTP) Call(ctx context.Context, x *apigw.Exchange) error {
	req, err := h.newRequest(x, "")
	if err != nil {
		return err
	}
	req.Header = http.Header{
		"Accept":          {"application/json"},
		"Content-Type":    {"application/json"},
		"User-Agent":      {"AmazonAPIGateway_" + h.APIID},
		"X-Amzn-Trace-Id": {x.Request.TraceID()},
		apiIDHeader:       {h.APIID},
	}
	if err := override(req, x.Endpoint.Request.Header); err != nil {
		return err
	}
	x.Response.Traced = true
	in := &x.Endpoint.Response
	if err := h.send(ctx, req, in); err != nil {
		return err
	}
	status := strconv.Itoa(in.Status)
	in.Selector = &status
	return nil
}

// apiIDHeader tells backends which API calls. It goes out in canonical form.
const apiIDHeader = "X-Amzn-Apigateway-Api-Id"

// newRequest makes the request of x.Endpoint.Request but for its headers.
func (h *HTTP) newRequest(x *apigw.Exchange, clientQuery string) (*http.Request, error) {
	out := &x.Endpoint.Request
	u, err := endpoint(out.URI)
	if err != nil {
		return nil, apigw.Misconfigured("Invalid endpoint address: %w", err)
	}
	u.RawQuery = joinQuery(u.RawQuery, encodeQuery(out.Query), clientQuery)
	req := &http.Request{
		Method: out.Verb, URL: u, Host: u.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if out.Verb == "" || out.Verb == "ANY" {
		req.Method = x.Request.Verb
	}
	setBody(req, out.Body)
	return req, nil
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
	u.Fragment, u.RawFragment, u.User = "", "", nil
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

func encodeQuery(params apigw.Params) string {
	if len(params) == 0 {
		return ""
	}
	var b strings.Builder
	for _, p := range params {
		for _, v := range p.Values {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			b.WriteString(url.QueryEscape(p.Name))
			b.WriteByte('=')
			b.WriteString(url.QueryEscape(v))
		}
	}
	return b.String()
}

// override lets mapped headers replace those of the same name. Some are silently dropped by
// API Gateway, two make it fail (recorded: facts/rest-dataplane.md §4).
func override(req *http.Request, mapped apigw.Header) error {
	for i, f := range mapped {
		name := http.CanonicalHeaderKey(f.Name)
		switch name {
		case "Content-Length", "Transfer-Encoding":
			return apigw.Misconfigured("header %s may not be mapped to an HTTP backend", f.Name)
		case "Connection", "Expect", "Proxy-Authenticate", "Te", "Via":
			continue
		case "Host":
			req.Host = f.Value
			continue
		}
		if !mapped[:i].Has(name) {
			delete(req.Header, name)
		}
		req.Header[name] = append(req.Header[name], f.Value)
	}
	return nil
}

// send waits for the whole answer. Redirects are answers like any other.
func (h *HTTP) send(ctx context.Context, req *http.Request, into *apigw.EndpointResponse) error {
	timed, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	resp, err := h.Transport.RoundTrip(req.WithContext(timed))
	if err == nil {
		into.Status = resp.StatusCode
		into.Header = header(resp.Header)
		into.Body, err = readBody(resp)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return gone(ctx)
	case timed.Err() != nil:
		return timedOut(h.Timeout)
	}
	var rejection *apigw.Rejection
	if errors.As(err, &rejection) {
		return rejection
	}
	return &apigw.Rejection{Type: apigw.IntegrationFailure, Err: err}
}

func header(from http.Header) apigw.Header {
	h := make(apigw.Header, 0, len(from)+2)
	for name, values := range from {
		for _, v := range values {
			h = append(h, apigw.Field{Name: name, Value: v})
		}
	}
	return h
}
