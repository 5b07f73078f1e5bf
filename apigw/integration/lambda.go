package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"postern/apigw"
)

// A Lambda calls a function: whole for AWS_PROXY, between request and response mapping for AWS.
type Lambda struct {
	Invoker  apigw.Invoker
	Function Text // ARN, may end in a version or alias
	Role     Text // credentials of the integration, empty for none
	AsCaller bool // call in the name of who calls the API, instead
	Timeout  time.Duration
	Idle     time.Duration // how long a stream may be silent
}

// Principal is who calls functions for an API, as their resource policies name it.
const Principal = "apigateway.amazonaws.com"

// MaxEvent is Lambda's limit for events of synchronous calls. API Gateway passes Lambda's 413
// on, as reported by several users: {"message":"Request Too Long"}.
const MaxEvent = 6 << 20

// Proxy serves a Lambda proxy integration: it sends the event of the request and makes the
// response of what the function returns. A function that fails or returns anything
// else than a proxy response is answered 502; one that cannot be called, 500; one that takes
// longer than Timeout, 504.
func (l *Lambda) Proxy(ctx context.Context, x *apigw.Exchange) error {
	out, err := l.Invoke(ctx, x, apigw.InvokeRequest{Payload: appendEvent(make([]byte, 0, EventSize(x)), x)})
	if err != nil {
		return err
	}
	if out.FunctionError != "" {
		return FunctionFailed(out)
	}
	return proxyResponse(x, out.Payload)
}

// Call serves a Lambda custom integration: it sends x.Endpoint.Request and fills
// x.Endpoint.Response, whose Selector is the errorMessage of a function that failed.
func (l *Lambda) Call(ctx context.Context, x *apigw.Exchange) error {
	req := &x.Endpoint.Request
	if err := checkLambdaHeader(req.Header); err != nil {
		return err
	}
	payload := req.Body
	if len(payload) == 0 {
		payload = []byte(`{}`)
	}
	out, err := l.Invoke(ctx, x, apigw.InvokeRequest{Payload: payload, InvocationType: req.Header.Get("X-Amz-Invocation-Type")})
	if err != nil {
		return err
	}
	x.Endpoint.Response = apigw.EndpointResponse{
		Status: out.StatusCode, Header: lambdaHeader(x, out), Body: out.Payload, Selector: selector(out),
	}
	return nil
}

// Invoke makes the call, and fills in who makes it. Its errors are *apigw.Rejection.
func (l *Lambda) Invoke(ctx context.Context, x *apigw.Exchange, call apigw.InvokeRequest) (out apigw.Invocation, err error) {
	if call.FunctionARN, err = l.Function.Resolve(x); err != nil {
		return out, apigw.Misconfigured("function: %w", err)
	}
	if call.RoleARN, err = l.role(x); err != nil {
		return out, err
	}
	x.Response.Traced = true
	if len(call.Payload) > MaxEvent {
		return out, &apigw.Rejection{
			Type: apigw.RequestTooLarge, Err: fmt.Errorf("the event of %d bytes is larger than Lambda's limit of %d", len(call.Payload), MaxEvent),
		}
	}
	call.Principal, call.SourceARN, call.SourceAccount, call.TraceID = Principal, SourceARN(x), x.Stage.AccountID, x.BackendTrace()
	call.CallerKey = x.Identity.AccessKey
	LogInvoke(x, &call)
	since := x.Clock()
	timed, cancel := context.WithTimeout(ctx, l.Timeout)
	if out, err = l.Invoker.Invoke(timed, call); err != nil {
		defer cancel()
		called(x, since, faultStatus(err), out.RequestID)
		return out, l.fault(ctx, timed, x, call.FunctionARN, err)
	}
	called(x, since, out.StatusCode, out.RequestID)
	if out.Stream != nil {
		out.Stream = newStream(out.Stream, l.Idle, cancel)
	} else {
		cancel()
	}
	x.Response.Function = true
	if x.Log != nil {
		logResponse(x, lambdaHeader(x, out), out.Payload)
	}
	return out, nil
}

// role is in whose name the function is called, "" for API Gateway's own.
func (l *Lambda) role(x *apigw.Exchange) (string, error) {
	if !l.AsCaller {
		return l.Role.Resolve(x)
	}
	if x.Identity.UserARN == "" {
		return "", apigw.Misconfigured("there are no credentials of a caller to pass on: the method has no AWS_IAM authorization")
	}
	return x.Identity.UserARN, nil
}

// fault makes the Rejection of a function that could not be called. Whatever Lambda
// has against a call, API Gateway takes for a mistake in the API's configuration.
func (l *Lambda) fault(ctx, timed context.Context, x *apigw.Exchange, function string, err error) error {
	switch {
	case ctx.Err() != nil:
		return gone(ctx)
	case timed.Err() != nil:
		return timedOut(l.Timeout)
	case errors.Is(err, apigw.ErrNotPermitted):
		return apigw.ConfigurationError("Invalid permissions on Lambda function", err)
	}
	call := &x.Endpoint.Call
	x.Log.Printf("Lambda invocation failed with status: %d. Lambda request id: %s", call.Status, call.RequestID)
	switch {
	case errors.Is(err, apigw.ErrThrottled):
		return apigw.ConfigurationError("Rate Exceeded.", err)
	case errors.Is(err, apigw.ErrFunctionNotFound):
		return apigw.ConfigurationError("Function not found: "+function, err)
	}
	return apigw.Misconfigured("Lambda invocation: %w", err)
}

// faultStatus is how Lambda answers a call that it refuses; 0 where it does not answer.
func faultStatus(err error) int {
	switch {
	case errors.Is(err, apigw.ErrNotPermitted):
		return 403
	case errors.Is(err, apigw.ErrThrottled):
		return 429
	case errors.Is(err, apigw.ErrFunctionNotFound):
		return 404
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return 0
	}
	return 500
}

// gone ends an Exchange whose client does not wait for the answer any more.
func gone(ctx context.Context) *apigw.Rejection {
	return &apigw.Rejection{Type: apigw.IntegrationTimeout, Err: fmt.Errorf("the client has gone: %w", ctx.Err())}
}

func timedOut(after time.Duration) *apigw.Rejection {
	return &apigw.Rejection{Type: apigw.IntegrationTimeout, Err: fmt.Errorf("no answer of the integration in %v", after)}
}

// badGateway is the answer to a function that does not play its part.
func badGateway(err error, line string) *apigw.Rejection {
	return &apigw.Rejection{
		Type: apigw.Default5XX, Status: 502, ErrorType: "InternalServerErrorException",
		Message: "Internal server error", Err: err, Line: line,
	}
}

// MalformedResponse is the answer to a function that returns what is no proxy response.
func MalformedResponse(err error) *apigw.Rejection {
	//lint:ignore ST1005 these are AWS's words
	return badGateway(fmt.Errorf("Malformed Lambda proxy response: %w", err),
		"Execution failed due to configuration error: Malformed Lambda proxy response")
}

// FunctionFailed is the answer for a function that fails.
func FunctionFailed(out apigw.Invocation) error {
	err := &apigw.FunctionError{Status: out.StatusCode, Message: ErrorMessage(out.Payload), RequestID: out.RequestID}
	return badGateway(err, err.Error())
}

// ErrorMessage is what a function that failed says of it, "" if it does not.
func ErrorMessage(payload []byte) string {
	var failure struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if err := json.Unmarshal(payload, &failure); err != nil {
		return ""
	}
	return failure.ErrorMessage
}

// selector is what selectionPattern sees of a Lambda function: the message of a
// failure and nothing else, not even the status (recorded).
func selector(out apigw.Invocation) *string {
	if out.FunctionError == "" {
		return nil
	}
	message := ErrorMessage(out.Payload)
	return &message
}

// checkLambdaHeader refuses what may not be mapped to the call of a function (recorded), and
// what Lambda would heed and Postern does not.
func checkLambdaHeader(h apigw.Header) error {
	for _, f := range h {
		switch strings.ToLower(f.Name) {
		case "authorization", "connection", "content-length", "expect", "proxy-authenticate", "te", "transfer-encoding":
			return apigw.ConfigurationError(f.Name+" header already present", nil)
		case "x-amz-client-context", "x-amz-log-type":
			return apigw.Misconfigured("header %s: Postern does not support it in a Lambda integration", f.Name)
		}
	}
	return nil
}

// lambdaHeader is the header of Lambda's answer, for response mappings and logs, in the order of logs of AWS.
func lambdaHeader(x *apigw.Exchange, out apigw.Invocation) apigw.Header {
	h := apigw.Header{
		{Name: "Date", Value: x.Clock().UTC().Format(http.TimeFormat)},
		{Name: "Content-Type", Value: "application/json"},
		{Name: "Content-Length", Value: strconv.Itoa(len(out.Payload))},
		{Name: "Connection", Value: "keep-alive"},
		{Name: "x-amzn-RequestId", Value: out.RequestID},
	}
	if out.FunctionError != "" {
		h.Add("X-Amz-Function-Error", out.FunctionError)
	}
	h.Add("x-amzn-Remapped-Content-Length", "0")
	if out.ExecutedVersion != "" {
		h.Add("X-Amz-Executed-Version", out.ExecutedVersion)
	}
	h.Add("X-Amzn-Trace-Id", x.BackendTrace())
	return h
}

// SourceARN names the method for the resource policies of what it calls. The verb and the
// path are those of the definition, so ANY and {proxy+} stay as they are: execution logs of
// AWS print ".../Test/ANY/{resource+}" for GET /all_state. The route $default has neither
// (aws/serverless-application-model#1860).
func SourceARN(x *apigw.Exchange) string {
	arn := x.Stage.APIARN() + "/" + x.Stage.Name + "/"
	if x.Method.RouteKey == apigw.DefaultRoute {
		return arn + apigw.DefaultRoute
	}
	return arn + x.Method.Verb + x.Method.ResourcePath
}
