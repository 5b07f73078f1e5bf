package httpapi

import (
	"context"

	"postern/apigw"
	"postern/apigw/integration"
)

// A Lambda calls a function with the event of the request and makes the response of what it
// returns. A function that fails or returns what is no response is answered 500, one that takes longer
// than Timeout, 503.
type Lambda struct {
	integration.Lambda
	Version1 bool            // payload format 1.0; else 2.0
	Mapping  *RequestMapping // nil for none
}

// Run is the step.
func (l *Lambda) Run(ctx context.Context, x *apigw.Exchange) error {
	out, err := l.Invoke(ctx, x, apigw.InvokeRequest{Payload: l.event(x)})
	if err != nil {
		return err
	}
	if out.FunctionError != "" {
		return integration.FunctionFailed(out)
	}
	if l.Version1 {
		return response1(x, out.Payload)
	}
	return response2(x, out.Payload)
}

// event is what the function gets.
func (l *Lambda) event(x *apigw.Exchange) []byte {
	if l.Mapping != nil {
		client := x.Request
		x.Request = l.Mapping.apply(x)
		defer func() { x.Request = client }()
	}
	event := make([]byte, 0, integration.EventSize(x))
	if l.Version1 {
		return appendEvent1(event, x)
	}
	return appendEvent2(event, x)
}
