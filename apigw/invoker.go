package apigw

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// An Invoker runs a Lambda function. It is declared here, where it is used.
type Invoker interface {
	// Invoke runs the function and waits for its result (InvocationType "Event":
	// until it is queued). A function that fails is not an error: FunctionError
	// says so. Errors are ErrFunctionNotFound, ErrNotPermitted, ErrThrottled (wrapped), or a
	// fault of the platform.
	Invoke(ctx context.Context, call InvokeRequest) (Invocation, error)
}

// An InvokeRequest is one call of a function by API Gateway.
type InvokeRequest struct {
	FunctionARN    string // may end in a version or alias
	Payload        []byte
	InvocationType string // "" is RequestResponse; "Event", "DryRun"
	Principal      string // who calls, for the function's policy: "apigateway.amazonaws.com"
	SourceARN      string // arn:aws:execute-api:{region}:{account}:{api}/{stage}/{VERB}/{path}
	SourceAccount  string
	// RoleARN is the role that API Gateway assumes for the call, whose own policies then
	// decide; "" for none, so that the function's policy does.
	RoleARN string
	// CallerKey is the access key that signed the API's call, "" for none. It counts where RoleARN
	// names no role: then the call is made with the caller's own permissions.
	CallerKey string
	TraceID   string // X-Amzn-Trace-Id value, "" for none
	// URL is set for a call through a function URL, whose caller the policies are about.
	URL *URLCaller
	// Stream asks for the response as the function produces it: InvokeWithResponseStream.
	Stream bool
}

// An Invocation is what came back from a function.
type Invocation struct {
	RequestID       string // of the invocation, not of the API call
	StatusCode      int    // 200, 202, 204
	Payload         []byte
	FunctionError   string // "" or "Unhandled"
	ExecutedVersion string

	// Stream is the response of a function that streams it to a call that asked for it, instead of
	// Payload; whoever gets it closes it. ContentType is what the function says of it.
	Stream      io.ReadCloser
	ContentType string
}

// A FunctionError is a function's own failure, for who wanted its result. Its text is that of execution logs.
type FunctionError struct {
	Status             int    // of the invocation
	Message, RequestID string // what the function says, "" for nothing; of the invocation
}

func (e *FunctionError) Error() string {
	return fmt.Sprintf("Lambda execution failed with status %d due to customer function error: %s. Lambda request id: %s", e.Status, e.Message, e.RequestID)
}

var (
	ErrFunctionNotFound = errors.New("function not found")
	ErrNotPermitted     = errors.New("invalid permissions on Lambda function")
	ErrThrottled        = errors.New("rate exceeded")
)

// A URLCaller is who calls a function URL.
type URLCaller struct {
	ARN, AccountID string // "" for URLs whose authorization type is NONE
	// Decide is what the caller's own policies say of an action on a resource; nil for nobody.
	Decide func(action, resource string) (allowed, denied bool)
}
