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
	// authorizerVariables is $context.authorizer, claimVariables its claims.
	authorizerVariables struct{ x *apigw.Exchange }
	claimVariables      struct{ x *apigw.Exchange }
	// nestedVariables are the members of a deeper group, such as identity.clientCert.
	nestedVariables struct {
		x     *apigw.Exchange
		group string
		names []string
	}
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
	case "authorizer":
		if c.x.Authorization == nil && !c.x.Authorizer.Made {
			return nil, false
		}
		return authorizerVariables(c), true
	case "customDomain":
		return nestedVariables{c.x, "customDomain", []string{"basePathMatched", "routingRuleIdMatched"}}, true
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
	if name == "clientCert" {
		return nestedVariables{i.x, "identity.clientCert", clientCertNames}, i.x.Identity.ClientCert != nil
	}
	v, _ := i.x.Context("identity." + name)
	return v, true
}

var (
	clientCertNames = []string{"clientCertPem", "subjectDN", "issuerDN", "serialNumber", "validity"}
	validityNames   = []string{"notBefore", "notAfter"}
)

// Names implements vtl.Context.
func (n nestedVariables) Names() []string { return n.names }

// Lookup implements vtl.Context.
func (n nestedVariables) Lookup(name string) (any, bool) {
	if name == "validity" {
		return nestedVariables{n.x, n.group + ".validity", validityNames}, true
	}
	v, ok := n.x.Context(n.group + "." + name)
	return v, ok
}

// Names implements vtl.Context.
func (a authorizerVariables) Names() (names []string) {
	switch auth := a.x.Authorization; {
	case auth == nil:
	case auth.HasClaims:
		names = append(names, "claims")
	default:
		for _, f := range auth.Context {
			names = append(names, f.Name)
		}
		names = append(names, "principalId")
	}
	return names
}

// Lookup implements vtl.Context.
func (a authorizerVariables) Lookup(name string) (any, bool) {
	if name == "claims" && a.x.Authorization != nil && a.x.Authorization.HasClaims {
		return claimVariables(a), true
	}
	v, ok := a.x.Context("authorizer." + name)
	return v, ok
}

// Names implements vtl.Context.
func (c claimVariables) Names() (names []string) {
	for _, f := range c.x.Authorization.Claims {
		names = append(names, f.Name)
	}
	return names
}

// Lookup implements vtl.Context.
func (c claimVariables) Lookup(name string) (any, bool) {
	v, ok := c.x.Context("authorizer.claims." + name)
	return v, ok
}
