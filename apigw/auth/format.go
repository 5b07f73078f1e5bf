package auth

import (
	"fmt"

	"postern/apigw"
	"postern/apigw/integration"
)

// A Format is what passes between API Gateway and an authorizer's function.
type Format struct {
	// Event is what the function gets for a call with these identity sources.
	Event func(x *apigw.Exchange, identity []string) []byte
	// Read makes a Result of what the function returned.
	Read  func(apigw.Invocation) (*Result, error)
	Token bool // the only identity source is a token, which execution logs show without its place
	// Refused is what $context.authorizer.error says of a function that may not be called; "": what Lambda says.
	Refused string
	// Unauthorized makes a function that fails with this very word answer 401.
	Unauthorized bool
}

// TokenFormat is that of REST APIs' authorizers of type TOKEN.
func TokenFormat() Format {
	return Format{Read: ReadPolicy, Unauthorized: true, Token: true, Event: func(x *apigw.Exchange, identity []string) []byte {
		return integration.AppendTokenEvent(nil, MethodARN(x), identity[0])
	}}
}

// RequestFormat is that of REST APIs' authorizers of type REQUEST.
func RequestFormat() Format {
	return Format{Read: ReadPolicy, Unauthorized: true, Event: func(x *apigw.Exchange, _ []string) []byte {
		return integration.AppendAuthorizerEvent(make([]byte, 0, 4096), x, MethodARN(x))
	}}
}

// HTTPFormat is that of HTTP APIs' authorizers. A function that fails with "Unauthorized" fails like any other. (The
// text: re:Post, "How do I resolve permission errors from HTTP APIs with a Lambda integration or Lambda authorizer".)
func HTTPFormat(event func(x *apigw.Exchange, routeARN string, identity []string) []byte, read func(apigw.Invocation) (*Result, error)) Format {
	return Format{Read: read, Event: func(x *apigw.Exchange, identity []string) []byte { return event(x, MethodARN(x), identity) },
		Refused: "The IAM role configured on the authorizer or API Gateway doesn't have permissions to call the authorizer. Check the permissions and try again."}
}

// ReadPolicy reads a result of REST and WebSocket APIs as API Gateway's Java does: members it does not know
// are an error, and scalars are as good as strings. Error texts are those of execution logs.
func ReadPolicy(out apigw.Invocation) (*Result, error) {
	r, err := parseResult(out.Payload)
	if err == nil && out.FunctionError != "" {
		return nil, failed(out)
	}
	return r, err
}

func failed(out apigw.Invocation) error {
	return fmt.Errorf("the authorizer's function failed: %s", integration.ErrorMessage(out.Payload))
}
