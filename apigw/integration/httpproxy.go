package integration

import (
	"context"
	"slices"
	"strings"

	"postern/apigw"
)

// Proxy serves an HTTP proxy integration: the client's request goes to the backend with its
// headers, query and what was mapped in x.Endpoint.Request, which takes precedence;
// the backend's answer is x.Response.
func (h *HTTP) Proxy(ctx context.Context, x *apigw.Exchange) error {
	out, err := h.proxyRequest(x)
	if err != nil {
		return err
	}
	if err := h.send(ctx, x, out); err != nil {
		return err
	}
	proxied(x)
	return nil
}

// proxyRequest makes what goes to the backend.
func (h *HTTP) proxyRequest(x *apigw.Exchange) (*outgoing, error) {
	out, err := h.newOutgoing(x, clientQuery(x))
	if err != nil {
		return nil, err
	}
	out.addClient(x)
	out.header = append(out.header, apigw.Field{Name: apiIDHeader, Value: h.APIID})
	return out, out.add(x.Endpoint.Request.Header)
}

// proxied makes the answer of what the backend said.
func proxied(x *apigw.Exchange) {
	in := &x.Endpoint.Response
	x.Response.Status, x.Response.Body = in.Status, in.Body
	x.Response.Header = slices.Grow(x.Response.Header, len(in.Header))
	for _, f := range in.Header {
		x.Response.Header = appendRemapped(x.Response.Header, f)
	}
}

// clientQuery is the client's query without what was mapped, as the client wrote it.
// (Recorded: a mapped parameter takes the place of the client's of the same name, but
// follows that of the integration's URI.)
func clientQuery(x *apigw.Exchange) string {
	raw, mapped := x.Request.RawQuery, x.Endpoint.Request.Query
	if raw == "" || len(mapped) == 0 && strings.IndexByte(raw, ';') < 0 {
		return raw
	}
	kept := slices.Clone(x.Request.Query())
	return slices.DeleteFunc(kept, func(p apigw.Param) bool { return mapped.Get(p.Name) != nil }).Encode()
}

// addClient adds the client's headers that are not mapped otherwise. The recordings show all
// that mappings see but Via and Host, and no Content-Encoding where there was no body.
func (o *outgoing) addClient(x *apigw.Exchange) {
	from, mapped := x.Request.Header(), x.Endpoint.Request.Header
	o.header = make(apigw.Header, 0, len(from)+len(mapped)+2)
	for name, values := range from {
		switch name {
		case "Via", "Host":
			continue
		case "Content-Encoding":
			if len(o.body) == 0 {
				continue
			}
		}
		if len(mapped) > 0 && mapped.Has(name) {
			continue
		}
		if name == "X-Amzn-Trace-Id" {
			values = []string{x.BackendTrace()}
		}
		for _, v := range values {
			o.header = append(o.header, apigw.Field{Name: name, Value: v})
		}
	}
	if x.Request.Test != nil { // what a front adds
		o.header = append(o.header, apigw.Field{Name: "X-Amzn-Trace-Id", Value: x.Request.TraceID()})
		if !o.header.Has("User-Agent") {
			o.header = append(o.header, apigw.Field{Name: "User-Agent", Value: userAgent + x.Stage.APIID})
		}
	}
}
