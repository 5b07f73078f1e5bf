package integration

import (
	"iter"

	"postern/apigw"
)

// What templates see of an Exchange, read when they ask for it. Each of these types is a
// single pointer, so that handing one to a template allocates nothing.
type (
	pathParams        struct{ x *apigw.Exchange }
	queryParams       struct{ x *apigw.Exchange }
	headerParams      struct{ x *apigw.Exchange }
	contextVariables  struct{ x *apigw.Exchange }
	identityVariables struct{ x *apigw.Exchange }
)

// Lookup decodes the parameter; proxy integrations get it as sent (facts:
// rest-dataplane §2, "Path params decoding in non-proxy").
func (p pathParams) Lookup(name string) (string, bool) {
	v, ok := p.x.PathParam(name)
	return apigw.UnescapePath(v), ok
}

func (p pathParams) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if p.x.Method == nil {
			return
		}
		for _, name := range p.x.Method.PathParams {
			if v, ok := p.Lookup(name); ok && !yield(name, v) {
				return
			}
		}
	}
}

func (p queryParams) Lookup(name string) (string, bool) {
	values := p.x.Request.Query().Get(name)
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

func (p queryParams) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, q := range p.x.Request.Query() {
			if !yield(q.Name, q.Last()) {
				return
			}
		}
	}
}

func (p headerParams) Lookup(name string) (string, bool) { return p.x.Request.HeaderValue(name) }

func (p headerParams) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, values := range p.x.Request.Header() {
			if len(values) > 0 && !yield(p.x.Request.HeaderName(name), values[len(values)-1]) {
				return
			}
		}
	}
}

// contextNames is the order in which AWS prints $context (recorded: facts
// rest-dataplane §9); the overrides in between come from the template's side.
var contextNames = []string{
	"resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId", "protocol",
	"requestOverride", "stage", "domainPrefix", "requestTimeEpoch", "requestId", "identity", "domainName", "deploymentId",
	"responseOverride", "apiId",
}

var identityNames = []string{
	"cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp", "principalOrgId", "accessKey",
	"cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "userAgent", "user",
}

// Names implements vtl.Context.
func (c contextVariables) Names() []string { return contextNames }

// Lookup implements vtl.Context.
func (c contextVariables) Lookup(name string) (any, bool) {
	switch name {
	case "identity":
		return identityVariables(c), true
	case "requestTimeEpoch": // a number in Java
		return c.x.Request.Time.UnixMilli(), true
	}
	v, ok := c.x.Context(name)
	return v, ok
}

// Names implements vtl.Context.
func (i identityVariables) Names() []string { return identityNames }

// Lookup implements vtl.Context. A member that has no value is empty.
func (i identityVariables) Lookup(name string) (any, bool) {
	v, _ := i.x.Context("identity." + name)
	return v, true
}
