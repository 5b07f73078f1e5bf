package integration

import (
	"context"
	"strings"

	"golang.org/x/net/http/httpguts"

	"postern/apigw"
)

// Forward sends x.Endpoint.Request as it stands, with a Content-Length, and fills x.Endpoint.Response. A
// header Host among its headers is the one that the backend sees.
func (h *HTTP) Forward(ctx context.Context, x *apigw.Exchange) error {
	out, err := h.newOutgoing(x, "")
	if err != nil {
		return err
	}
	out.sized = true
	from := x.Endpoint.Request.Header
	out.header = make(apigw.Header, 0, len(from))
	for _, f := range from {
		if !httpguts.ValidHeaderFieldName(f.Name) || !httpguts.ValidHeaderFieldValue(f.Value) {
			return apigw.Misconfigured("%q: %q is no header", f.Name, f.Value)
		}
		if !strings.EqualFold(f.Name, "Host") {
			out.header = append(out.header, f)
		} else if out.host = f.Value; !httpguts.ValidHostHeader(f.Value) {
			return apigw.Misconfigured("%q is no Host", f.Value)
		}
	}
	return h.send(ctx, x, out)
}
