package httpapi

import (
	"context"

	"postern/apigw"
	"postern/apigw/integration"
)

// A URL calls a function for its URL, with events and responses of format 2.0.
type URL struct {
	integration.Lambda
	// Caller finds who calls, nil for URLs that do not ask.
	Caller  func(context.Context, *apigw.Exchange) (*apigw.URLCaller, error)
	Streams bool // InvokeMode RESPONSE_STREAM
}

// Run is the step.
func (u *URL) Run(ctx context.Context, x *apigw.Exchange) (err error) {
	caller := &apigw.URLCaller{}
	if u.Caller != nil {
		if caller, err = u.Caller(ctx, x); err != nil {
			return err
		}
	}
	event := appendEvent2(make([]byte, 0, integration.EventSize(x)), x)
	out, err := u.Invoke(ctx, x, apigw.InvokeRequest{Payload: event, Stream: u.Streams, URL: caller})
	switch {
	case err != nil:
		return err
	case out.FunctionError != "":
		return integration.FunctionFailed(out)
	case out.Stream == nil:
		return response2(x, out.Payload)
	}
	return streamed(x, out)
}

// withPrelude is the content type of a stream that begins with status and headers.
const withPrelude = "application/vnd.awslambda.http-integration-response"

// streamed leaves what the function streams to whoever writes the answer.
func streamed(x *apigw.Exchange, out apigw.Invocation) error {
	if out.ContentType == withPrelude {
		if err := integration.StreamResponse(x, out.Stream); err != nil {
			out.Stream.Close()
			return integration.MalformedResponse(err)
		}
		return nil
	}
	x.Response.Status, x.Response.Stream = 200, out.Stream
	if out.ContentType == "" {
		out.ContentType = "application/octet-stream"
	}
	x.Response.Header.Add(contentType, out.ContentType)
	return nil
}
