package integration

import (
	"encoding/base64"
	"slices"
	"strconv"

	"postern/apigw"
)

// appendEvent appends the event of a Lambda proxy integration, payload format 1.0. It is
// written by hand because it is made on every call; members come in the order in which
// API Gateway was seen to write them, headers sorted without regard to case.
func appendEvent(b []byte, x *apigw.Exchange) []byte {
	b = appendRequest(append(b, '{'), x, "null")
	b = appendBody(b, x)
	return append(b, '}')
}

// AppendAuthorizerEvent appends the event of a Lambda authorizer of type REQUEST. It is that of a
// proxy integration without the body, and what the request has none of is {}, not null (seen in
// events of AWS).
func AppendAuthorizerEvent(b []byte, x *apigw.Exchange, methodARN string) []byte {
	if x.Socket != nil {
		return appendSocketAuthorizer(b, x, methodARN)
	}
	b = AppendMember(b, `{"type":"REQUEST","methodArn":`, methodARN)
	b = appendRequest(append(b, ','), x, "{}")
	return append(b, '}')
}

// AppendTokenEvent appends the event of a Lambda authorizer of type TOKEN, with its members in the
// order of AWS's execution logs.
func AppendTokenEvent(b []byte, methodARN, token string) []byte {
	b = AppendMember(b, `{"type":"TOKEN","authorizationToken":`, token)
	b = AppendMember(b, `,"methodArn":`, methodARN)
	return append(b, '}')
}

// appendRequest writes the members that tell of the request; none is what stands for an empty map.
func appendRequest(b []byte, x *apigw.Exchange, none string) []byte {
	r, m := &x.Request, x.Method
	b = AppendMember(b, `"resource":`, m.ResourcePath)
	b = AppendMember(b, `,"path":`, r.ShownPath())
	b = AppendMember(b, `,"httpMethod":`, r.Verb)
	b = appendHeaders(b, r, none)
	b = appendQuery(b, r.Query(), none)
	b = appendPathParameters(append(b, `,"pathParameters":`...), x, none)
	b = AppendVariables(append(b, `,"stageVariables":`...), x.Stage.Variables, none)
	return appendRequestContext(append(b, `,"requestContext":`...), x)
}

// EventSize is a guess that spares most events a second allocation.
func EventSize(x *apigw.Exchange) int {
	return 2560 + len(x.Request.Body)*4/3 + 2*(len(x.Request.Path)+len(x.Request.RawQuery))
}

// appendHeaders writes headers, where the last value of a name counts, and multiValueHeaders.
func appendHeaders(b []byte, r *apigw.Request, none string) []byte {
	header := r.Header()
	if len(header) == 0 {
		b = append(append(b, `,"headers":`...), none...)
		return append(append(b, `,"multiValueHeaders":`...), none...)
	}
	var few [32]string
	names := few[:0]
	for name, values := range header {
		if len(values) > 0 {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, compareFold)
	b = append(b, `,"headers":`...)
	for i, name := range names {
		values := header[name]
		b = AppendString(append(b, opening(i)), r.HeaderName(name))
		b = AppendString(append(b, ':'), values[len(values)-1])
	}
	b = append(b, `},"multiValueHeaders":`...)
	for i, name := range names {
		b = AppendString(append(b, opening(i)), r.HeaderName(name))
		b = AppendList(append(b, ':'), header[name])
	}
	return append(b, '}')
}

// compareFold orders header names, which are ASCII, without regard to case.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if c, d := a[i]|0x20, b[i]|0x20; c != d {
			return int(c) - int(d)
		}
	}
	return len(a) - len(b)
}

func appendQuery(b []byte, params apigw.Params, none string) []byte {
	if len(params) == 0 {
		b = append(append(b, `,"queryStringParameters":`...), none...)
		return append(append(b, `,"multiValueQueryStringParameters":`...), none...)
	}
	b = append(b, `,"queryStringParameters":`...)
	for i, p := range params {
		b = AppendString(append(b, opening(i)), p.Name)
		b = AppendString(append(b, ':'), p.Last())
	}
	b = append(b, `},"multiValueQueryStringParameters":`...)
	for i, p := range params {
		b = AppendString(append(b, opening(i)), p.Name)
		b = AppendList(append(b, ':'), p.Values)
	}
	return append(b, '}')
}

// appendPathParameters writes path parameters encoded as sent (recorded).
func appendPathParameters(b []byte, x *apigw.Exchange, none string) []byte {
	values := x.Request.PathValues
	if len(x.Method.PathParams) == 0 || len(values) == 0 {
		return append(b, none...)
	}
	for i, name := range x.Method.PathParams[:min(len(values), len(x.Method.PathParams))] {
		b = AppendString(append(b, opening(i)), name)
		b = AppendString(append(b, ':'), values[i])
	}
	return append(b, '}')
}

func appendRequestContext(b []byte, x *apigw.Exchange) []byte {
	r, m, s := &x.Request, x.Method, x.Stage
	b = AppendMember(b, `{"resourceId":`, m.ResourceID)
	b = appendAuthorization(b, x)
	b = AppendMember(b, `,"resourcePath":`, m.ResourcePath)
	if m.OperationName != "" {
		b = AppendMember(b, `,"operationName":`, m.OperationName)
	}
	b = AppendMember(b, `,"httpMethod":`, r.Verb)
	b = AppendMember(b, `,"extendedRequestId":`, r.ExtendedID)
	switch {
	case r.BasePath != "":
		b = append(AppendMember(b, `,"customDomain":{"basePathMatched":`, r.BasePath), '}')
	case r.RoutingRule != "": // by analogy: $context has both
		b = append(AppendMember(b, `,"customDomain":{"routingRuleIdMatched":`, r.RoutingRule), '}')
	}
	b = append(b, `,"requestTime":"`...)
	b = append(r.Time.UTC().AppendFormat(b, apigw.CLFTime), '"')
	b = AppendMember(b, `,"path":`, r.StagePath)
	b = AppendMember(b, `,"accountId":`, s.AccountID)
	b = AppendMember(b, `,"protocol":`, r.Protocol)
	b = AppendMember(b, `,"stage":`, s.Name)
	b = AppendMember(b, `,"domainPrefix":`, r.DomainPrefix())
	b = strconv.AppendInt(append(b, `,"requestTimeEpoch":`...), r.Time.UnixMilli(), 10)
	b = AppendMember(b, `,"requestId":`, r.ID)
	b = AppendIdentity(append(b, `,"identity":`...), x)
	b = AppendMember(b, `,"domainName":`, r.Host)
	if s.DeploymentID != "" { // a test invocation has none (captured)
		b = AppendMember(b, `,"deploymentId":`, s.DeploymentID)
	}
	b = AppendMember(b, `,"apiId":`, s.APIID)
	return append(b, '}')
}

// appendAuthorization writes requestContext.authorizer where an authorizer has spoken.
func appendAuthorization(b []byte, x *apigw.Exchange) []byte {
	a := x.Authorization
	if a == nil {
		return b
	}
	b = append(b, `,"authorizer":{`...)
	if a.HasClaims {
		return append(AppendFields(append(b, `"claims":`...), a.Claims), '}')
	}
	for _, f := range a.Context {
		if f.Name != "principalId" && f.Name != "integrationLatency" { // API Gateway's own count
			b = AppendString(b, f.Name)
			b = AppendString(append(b, ':'), f.Value)
			b = append(b, ',')
		}
	}
	b = AppendMember(b, `"principalId":`, a.PrincipalID)
	b = strconv.AppendInt(append(b, `,"integrationLatency":`...), x.Authorizer.Latency.Milliseconds(), 10)
	return append(b, '}')
}

// identityMembers are the members of requestContext.identity that every event has: what is
// not known of the caller is null.
var identityMembers = [...]struct{ key, variable string }{
	{`{"cognitoIdentityPoolId":`, "identity.cognitoIdentityPoolId"},
	{`,"accountId":`, "identity.accountId"},
	{`,"cognitoIdentityId":`, "identity.cognitoIdentityId"},
	{`,"caller":`, "identity.caller"},
	{`,"sourceIp":`, "identity.sourceIp"},
	{`,"principalOrgId":`, "identity.principalOrgId"},
	{`,"accessKey":`, "identity.accessKey"},
	{`,"cognitoAuthenticationType":`, "identity.cognitoAuthenticationType"},
	{`,"cognitoAuthenticationProvider":`, "identity.cognitoAuthenticationProvider"},
	{`,"userArn":`, "identity.userArn"},
	{`,"userAgent":`, "identity.userAgent"},
	{`,"user":`, "identity.user"},
}

// keyMembers are the members that only methods with an API key have.
var keyMembers = [...]struct{ key, variable string }{
	{`,"apiKey":`, "identity.apiKey"},
	{`,"apiKeyId":`, "identity.apiKeyId"},
}

// AppendIdentity appends the members of requestContext.identity and its end.
func AppendIdentity(b []byte, x *apigw.Exchange) []byte {
	for _, m := range identityMembers {
		b = append(b, m.key...)
		if v, ok := x.Context(m.variable); ok {
			b = AppendString(b, v)
		} else {
			b = append(b, `null`...)
		}
	}
	for _, m := range keyMembers {
		if v, ok := x.Context(m.variable); ok {
			b = AppendString(append(b, m.key...), v)
		}
	}
	if i := &x.Identity; i.VPCEndpointID != "" {
		b = AppendMember(b, `,"vpceId":`, i.VPCEndpointID)
		if i.VPCID != "" {
			b = AppendMember(b, `,"vpcId":`, i.VPCID)
		}
	}
	if x.Identity.ClientCert != nil {
		b = AppendClientCert(append(b, `,"clientCert":`...), x.Identity.ClientCert)
	}
	return append(b, '}')
}

// AppendClientCert appends a client certificate as events show it.
func AppendClientCert(b []byte, c *apigw.ClientCert) []byte {
	b = AppendMember(b, `{"clientCertPem":`, c.PEM)
	b = AppendMember(b, `,"issuerDN":`, c.IssuerDN)
	b = AppendMember(b, `,"serialNumber":`, c.SerialNumber)
	b = AppendMember(b, `,"subjectDN":`, c.SubjectDN)
	b = AppendMember(b, `,"validity":{"notAfter":`, c.NotAfter)
	b = AppendMember(b, `,"notBefore":`, c.NotBefore)
	return append(b, "}}"...)
}

// appendBody writes the body: as base64 if the type that the client named is one of the
// API's binary media types, else as text.
func appendBody(b []byte, x *apigw.Exchange) []byte {
	body := x.Request.Body
	binary := x.Stage.BinaryMediaTypes.Match(x.Request.ContentType())
	b = append(b, `,"body":`...)
	switch {
	case len(body) == 0:
		b = append(b, `null`...)
	case binary:
		b = base64.StdEncoding.AppendEncode(append(b, '"'), body)
		b = append(b, '"')
	default:
		b = AppendString(b, WellFormed(body))
	}
	b = append(b, `,"isBase64Encoded":`...)
	return strconv.AppendBool(b, binary && len(body) > 0)
}
