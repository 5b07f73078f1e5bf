package httpapi

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"postern/apigw"
	"postern/apigw/integration"
)

// HTTP calls an HTTP backend: the request goes there with the client's headers, query and body, and what
// the backend answers is the response. A backend that cannot be reached or takes longer than
// Timeout is answered 503.
type HTTP struct {
	integration.HTTP
	Verb    string           // ANY: the client's
	URI     integration.Text // with the route's parameters in braces
	Mapping *RequestMapping  // nil for none
	// Private lets the request's path follow the URI, with the stage in it, and the backend see the host
	// that the client called.
	Private bool
}

// Run is the step.
func (h *HTTP) Run(ctx context.Context, x *apigw.Exchange) error {
	if err := h.request(x); err != nil {
		return err
	}
	if err := h.Forward(ctx, x); err != nil {
		return err
	}
	Respond(x)
	return nil
}

// Respond makes the response of what the backend answered.
func Respond(x *apigw.Exchange) {
	in := &x.Endpoint.Response
	x.Response.Status, x.Response.Body = in.Status, in.Body
	x.Response.Header = appendReply(x.Response.Header, in.Header)
	if length := in.Header.Get(contentLength); x.Request.Verb == http.MethodHead && length != "" {
		x.Response.Header.Add(contentLength, length)
	}
}

// request fills x.Endpoint.Request.
func (h *HTTP) request(x *apigw.Exchange) error {
	uri, err := h.URI.Resolve(x)
	if err != nil {
		return err
	}
	uri = fill(uri, x)
	if h.Private {
		uri += wholePath(x)
	}
	r := &x.Request
	if h.Mapping != nil {
		mapped := h.Mapping.apply(x)
		if r = &mapped; r.Rewritten {
			uri = withPath(uri, r.Path)
		}
	}
	to := &x.Endpoint.Request
	*to = apigw.EndpointRequest{Verb: h.Verb, Body: r.Body, URI: withQuery(uri, r.RawQuery), Header: h.forwarded(r)}
	host, ok := h.Mapping.host(x)
	if !ok && h.Private {
		host = r.Host
	}
	if host != "" {
		to.Header.Add("Host", host)
	}
	return nil
}

// withPath puts another path into a URI.
func withPath(uri, path string) string {
	scheme, rest, ok := strings.Cut(uri, "://")
	if !ok {
		return uri
	}
	host, query := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host = rest[:i]
		if j := strings.IndexByte(rest, '?'); j >= 0 {
			query = rest[j:]
		}
	}
	return scheme + "://" + host + path + query
}

// fill puts the path parameters into a URI, encoded as sent. Examples of AWS name greedy ones with
// and without their plus.
func fill(uri string, x *apigw.Exchange) string {
	if strings.IndexByte(uri, '{') < 0 {
		return uri
	}
	for i, name := range x.Method.PathParams {
		value := x.Request.PathValues[i]
		uri = strings.ReplaceAll(uri, "{"+name+"}", value)
		uri = strings.ReplaceAll(uri, "{"+name+"+}", value)
	}
	return uri
}

func withQuery(uri, query string) string {
	switch {
	case query == "":
		return uri
	case strings.IndexByte(uri, '?') >= 0:
		return uri + "&" + query
	}
	return uri + "?" + query
}

// forwarded are the headers for a backend: the client's, with Forwarded in the place of X-Forwarded-*.
// ("HTTP APIs translate incoming X-Forwarded-* headers to the standard Forwarded header, and append the
// egress IP, Host, and protocol": developer guide, "Important notes"; the form of both headers was seen
// in several requests.)
func (h *HTTP) forwarded(r *apigw.Request) apigw.Header {
	from := r.Header()
	to := make(apigw.Header, 0, len(from)+3)
	for name, values := range from {
		switch name {
		case "Host", "Via", "Forwarded", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization",
			"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto":
			continue
		}
		for _, v := range values {
			to = append(to, apigw.Field{Name: name, Value: v})
		}
	}
	// "API Gateway adds the content-type header to a request if there is no payload and the Content-Length
	// header is 0" (ibid.); that it is this one was seen in a preflight.
	if len(r.Body) == 0 && from[contentType] == nil {
		to = append(to, apigw.Field{Name: contentType, Value: "application/x-www-form-urlencoded"})
	}
	return append(to,
		apigw.Field{Name: "Forwarded", Value: after(from, "Forwarded", h.forwardedFor(r))},
		apigw.Field{Name: "Via", Value: after(from, "Via", "HTTP/1.1 AmazonAPIGateway")})
}

// after joins a value to those that the client sent.
func after(from http.Header, name, value string) string {
	if before := from[name]; len(before) > 0 {
		return strings.Join(append(slices.Clip(before), value), ", ")
	}
	return value
}

// forwardedFor is the hop from the client, and those before as far as the client named them.
//
// Unlike AWS, there is no public address that the request leaves from: by is the loopback's. Private
// integrations have none (Port's guide to webhooks of Bitbucket shows such a request, with the API's host
// in Host).
func (h *HTTP) forwardedFor(r *apigw.Request) string {
	proto := "http"
	if r.Secure {
		proto = "https"
	}
	by := "by=127.0.0.1;"
	if h.Private {
		by = ""
	}
	last := by + "for=" + node(r.SourceIP) + ";host=" + r.Host + ";proto=" + proto
	chain := strings.Join(r.Header()["X-Forwarded-For"], ", ")
	before, ok := strings.CutSuffix(chain, ", "+r.SourceIP)
	if !ok {
		return last
	}
	var b strings.Builder
	for hop := range strings.SplitSeq(before, ",") {
		b.WriteString("for=" + node(strings.TrimSpace(hop)) + ", ")
	}
	return b.String() + last
}

// node writes an address as RFC 7239 wants it: IPv6 in brackets, and in quotes whatever is no token. What a
// client says of hops before it may be anything.
func node(address string) string {
	if ip, err := netip.ParseAddr(strings.Trim(address, "[]")); err == nil && ip.Is6() {
		return `"[` + ip.String() + `]"`
	}
	if httpguts.ValidHeaderFieldName(address) { // which is a token
		return address
	}
	return `"` + strings.NewReplacer(`"`, "", `\`, "").Replace(address) + `"`
}
