package apigw

import (
	"errors"
	"time"
)

// An Exchange is one call of a deployed API, from the client's request to the answer.
// Steps fill it from top to bottom. It belongs to one goroutine and ends with the
// answer: nothing may keep it.
type Exchange struct {
	Stage    *Stage
	Method   *Method // nil while no route is found
	Request  Request
	Endpoint Endpoint
	Response Response
	Sent     Sent // once the client has its answer

	Socket *Socket // of a WebSocket API; nil elsewhere

	Identity      Identity
	Usage         Counter          // of the API key in its usage plan; nil where no key is required
	Authorization *Authorization   // nil while no authorizer has spoken
	Authorizer    Call             // of the authorizer's function; of a token its Error only
	Canary        bool             // the stage's canary serves it: $context.isCanaryRequest
	Log           *ExecutionLog    // nil where nothing is logged
	Now           func() time.Time // nil is time.Now

	// Rejection is set while a gateway response is made, for $context.error.
	Rejection *Rejection
	// Templates is the $context that request and response templates share, with what they
	// overrode. It belongs to apigw/integration.
	Templates any
}

// A Counter counts requests against a quota.
type Counter interface {
	// Count counts a request, unless the quota is used up.
	Count(now time.Time) bool
}

// An Endpoint is what the gateway and a backend said to each other.
type Endpoint struct {
	Request  EndpointRequest
	Response EndpointResponse
	Call     Call
}

// An EndpointRequest is what goes to the backend, after all mapping.
type EndpointRequest struct {
	Verb   string // "" or "ANY": the client's
	URI    string // may have a query of its own
	Query  Params // mapped parameters, to follow those of URI
	Header Header // mapped headers
	Body   []byte
}

// An EndpointResponse is what came back, before any mapping.
type EndpointResponse struct {
	Status int
	Header Header
	Body   []byte
	// Selector is what selectionPattern is matched with: the status of an HTTP
	// backend or mock, the errorMessage of a Lambda function that failed. Nil matches
	// nothing, so that the default response is taken.
	Selector *string
}

// Clock is the time now, as whoever serves the Exchange has it.
func (x *Exchange) Clock() time.Time {
	if x.Now == nil {
		return time.Now()
	}
	return x.Now()
}

// PathParam returns a path parameter encoded as sent.
func (x *Exchange) PathParam(name string) (string, bool) {
	if x.Method == nil {
		return "", false
	}
	for i, n := range x.Method.PathParams {
		if n == name && i < len(x.Request.PathValues) {
			return x.Request.PathValues[i], true
		}
	}
	return "", false
}

// Variable returns a stage variable.
func (x *Exchange) Variable(name string) (string, bool) {
	v, ok := x.Stage.Variables[name]
	return v, ok
}

// Reject makes the error of a step into the Rejection to answer with.
func (x *Exchange) Reject(err error) *Rejection {
	var r *Rejection
	if !errors.As(err, &r) {
		r = &Rejection{Type: Default5XX, Err: err}
	}
	x.Rejection = r
	return r
}
