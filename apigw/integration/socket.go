package integration

import (
	"context"

	"postern/apigw"
)

// Socket serves a Lambda proxy integration of a WebSocket API: it is Proxy with another event.
func (l *Lambda) Socket(ctx context.Context, x *apigw.Exchange) error {
	out, err := l.Invoke(ctx, x, apigw.InvokeRequest{Payload: appendSocketEvent(make([]byte, 0, EventSize(x)), x)})
	if err != nil {
		return err
	}
	if out.FunctionError != "" {
		return FunctionFailed(out)
	}
	return proxyResponse(x, out.Payload)
}

// Unmapped is the step in place of the integration responses of an integration that has none: what came
// back is the answer.
func Unmapped(_ context.Context, x *apigw.Exchange) error {
	x.Response.Status, x.Response.Body = x.Endpoint.Response.Status, x.Endpoint.Response.Body
	return nil
}
