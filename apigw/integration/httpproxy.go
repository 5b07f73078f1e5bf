package integration

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"postern/apigw"
)

// Proxy serves an HTTP proxy integration: the client's request goes to the backend with its
// headers, query and what was mapped in x.Endpoint.Request, which takes precedence;
// the backend's answer is x.Response.
func (h *HTTP) Proxy(ctx context.Context, x *apigw.Exchange) error {
	req, err := h.newRequest(x, clientQuery(x))
	if err != nil {
		return err
	}
	req.Header = h.clientHeader(x)
	if err := override(req, x.Endpoint.Request.Header); err != nil {
		return err
	}
	in := &x.Endpoint.Response
	if err := h.send(ctx, req, in); err != nil {
		return err
	}
	x.Response.Status, x.Response.Body = in.Status, in.Body
	for _, f := range in.Header {
		x.Response.Header = appendRemapped(x.Response.Header, f)
	}
	return nil
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
	return encodeQuery(slices.DeleteFunc(kept, func(p apigw.Param) bool { return mapped.Get(p.Name) != nil }))
}

// clientHeader is what the backend sees of the client's headers. The recordings show all that
// mappings see but Via and Host, and no Content-Encoding where there was no body.
func (h *HTTP) clientHeader(x *apigw.Exchange) http.Header {
	from := x.Request.Header()
	to := make(http.Header, len(from)+2)
	for name, values := range from {
		switch name {
		case "Via", "Host":
			continue
		case "Content-Encoding":
			if len(x.Endpoint.Request.Body) == 0 {
				continue
			}
		}
		to[name] = values
	}
	to[apiIDHeader] = []string{h.APIID}
	if to["User-Agent"] == nil {
		to["User-Agent"] = nil // or net/http would send its own
	}
	return to
}
