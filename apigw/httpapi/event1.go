package httpapi

import (
	"slices"
	"strconv"
	"strings"

	"postern/apigw"
	"postern/apigw/integration"
)

// appendEvent1 appends the event of a Lambda proxy integration, payload format 1.0: that of a REST
// API but for a few members. What the request has none of is null. Members come in the order of the HTTP
// API guide, "Payload format structure"; what is in them was recorded on AWS (the snapshots of
// aws/aws-lambda-dotnet, Tools/LambdaTestTool-v2).
func appendEvent1(b []byte, x *apigw.Exchange) []byte {
	b = appendRequest1(append(b, `{"version":"1.0",`...), x, "null")
	b = appendBody(b, x, `,"body":null`)
	b = strconv.AppendBool(append(b, `,"isBase64Encoded":`...), isBinary(&x.Request))
	return append(b, '}')
}

// appendRequest1 appends the members that events of format 1.0 have of the request but for its body; none is
// what stands for an empty map.
func appendRequest1(b []byte, x *apigw.Exchange, none string) []byte {
	r := &x.Request
	b = integration.AppendMember(b, `"resource":`, resource(x))
	b = integration.AppendMember(b, `,"path":`, path1(x))
	b = integration.AppendMember(b, `,"httpMethod":`, r.Verb)
	b = appendHeaders1(b, r)
	b = appendQuery1(b, r, none)
	b = appendContext1(append(b, `,"requestContext":`...), x)
	b = append(b, `,"pathParameters":`...)
	if len(r.PathValues) == 0 {
		b = append(b, none...)
	} else {
		b = integration.AppendFields(b, pathFields(nil, x))
	}
	return integration.AppendVariables(append(b, `,"stageVariables":`...), x.Stage.Variables, none)
}

// resource is the path of the route.
func resource(x *apigw.Exchange) string {
	if x.Method.RouteKey == apigw.DefaultRoute {
		return "/" + apigw.DefaultRoute
	}
	return x.Method.ResourcePath
}

// path1 is the path of format 1.0, as the client encoded it: with the stage's name unless that is
// $default, or with what an API mapping matched.
func path1(x *apigw.Exchange) string {
	if x.Stage.Name == apigw.DefaultStage && !x.Request.CustomDomain {
		return x.Request.Path // a URL may name the stage all the same
	}
	return x.Request.StagePath
}

// appendHeaders1 appends headers, where the last value of a name counts, and multiValueHeaders, both in
// the order of the bytes of the names as they are shown.
func appendHeaders1(b []byte, r *apigw.Request) []byte {
	var few [32]string
	names := headerNames(few[:0], r, true)
	length := []string{strconv.Itoa(len(r.Body))}
	var shown [32]shownHeader
	all := shown[:0]
	for _, name := range names {
		values := r.Header()[name]
		if name == contentLength {
			values = length
		}
		all = append(all, shownHeader{headerName1(r, name), values})
	}
	slices.SortFunc(all, func(a, b shownHeader) int { return strings.Compare(a.name, b.name) })
	b = append(b, `,"headers":{`...)
	for i, h := range all {
		b = integration.AppendString(comma(b, i), h.name)
		b = integration.AppendString(append(b, ':'), h.values[len(h.values)-1])
	}
	b = append(b, `},"multiValueHeaders":{`...)
	for i, h := range all {
		b = integration.AppendString(comma(b, i), h.name)
		b = integration.AppendList(append(b, ':'), h.values)
	}
	return append(b, '}')
}

// A shownHeader is a header as events of format 1.0 show it.
type shownHeader struct {
	name   string
	values []string
}

// headerName1 is the name as the client spelled it, but for what the front writes itself. (Seen in the
// event of a browser: milliHQ/terraform-aws-next-js#31.)
func headerName1(r *apigw.Request, canonical string) string {
	switch canonical {
	case contentLength, "Host", "User-Agent", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto":
		return canonical
	}
	return r.Spelling(canonical)
}

func appendQuery1(b []byte, r *apigw.Request, none string) []byte {
	params := sortedQuery(r)
	if len(params) == 0 {
		b = append(append(b, `,"queryStringParameters":`...), none...)
		return append(append(b, `,"multiValueQueryStringParameters":`...), none...)
	}
	b = append(b, `,"queryStringParameters":{`...)
	for i, p := range params {
		b = integration.AppendString(comma(b, i), p.Name)
		b = integration.AppendString(append(b, ':'), p.Last())
	}
	b = append(b, `},"multiValueQueryStringParameters":{`...)
	for i, p := range params {
		b = integration.AppendString(comma(b, i), p.Name)
		b = integration.AppendList(append(b, ':'), p.Values)
	}
	return append(b, '}')
}

func appendContext1(b []byte, x *apigw.Exchange) []byte {
	r, s := &x.Request, x.Stage
	b = integration.AppendMember(b, `{"accountId":`, s.AccountID)
	b = integration.AppendMember(b, `,"apiId":`, s.APIID)
	b = appendAuthorizer1(b, x)
	b = integration.AppendMember(b, `,"domainName":`, r.Host)
	b = integration.AppendMember(b, `,"domainPrefix":`, r.DomainPrefix())
	b = integration.AppendMember(b, `,"extendedRequestId":`, r.ID)
	b = integration.AppendMember(b, `,"httpMethod":`, r.Verb)
	b = appendIdentity1(append(b, `,"identity":`...), x)
	b = integration.AppendMember(b, `,"path":`, apigw.UnescapePath(path1(x)))
	b = integration.AppendMember(b, `,"protocol":`, r.Protocol)
	b = integration.AppendMember(b, `,"requestId":`, r.ID)
	b = append(b, `,"requestTime":"`...)
	b = append(r.Time.UTC().AppendFormat(b, apigw.CLFTime), '"')
	b = strconv.AppendInt(append(b, `,"requestTimeEpoch":`...), r.Time.UnixMilli(), 10)
	b = integration.AppendMember(b, `,"resourceId":`, x.Method.RouteKey)
	b = integration.AppendMember(b, `,"resourcePath":`, resource(x))
	b = integration.AppendMember(b, `,"stage":`, s.Name)
	return append(b, '}')
}

// identityMembers are the variables of the members of requestContext.identity that every event has.
var identityMembers = [...]string{
	"identity.accessKey", "identity.accountId", "identity.caller", "identity.cognitoAuthenticationProvider",
	"identity.cognitoAuthenticationType", "identity.cognitoIdentityId", "identity.cognitoIdentityPoolId",
	"identity.principalOrgId", "identity.sourceIp", "identity.user", "identity.userAgent", "identity.userArn",
}

func appendIdentity1(b []byte, x *apigw.Exchange) []byte {
	b = append(b, '{')
	for i, variable := range identityMembers {
		b = append(append(comma(b, i), '"'), variable[len("identity."):]...)
		v, ok := x.Context(variable)
		switch {
		case ok, variable == "identity.userAgent": // "" where the client sent none
			b = integration.AppendMember(b, `":`, v)
		default:
			b = append(b, `":null`...)
		}
	}
	if c := x.Identity.ClientCert; c != nil {
		b = integration.AppendClientCert(append(b, `,"clientCert":`...), c)
	}
	return append(b, '}')
}

// comma separates the i-th member from the one before.
func comma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}
