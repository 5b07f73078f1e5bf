package httpapi

import (
	"encoding/base64"
	"strconv"
	"strings"

	"postern/apigw"
	"postern/apigw/integration"
)

// appendEvent2 appends the event of a Lambda proxy integration, payload format 2.0. What the request
// has none of is left out.
func appendEvent2(b []byte, x *apigw.Exchange) []byte {
	b = append(b, `{"version":"2.0",`...)
	b = AppendRequest(b, x)
	b = appendBody(b, x, "")
	b = appendPathParameters(b, x)
	b = strconv.AppendBool(append(b, `,"isBase64Encoded":`...), isBinary(&x.Request))
	b = appendStageVariables(b, x)
	return append(b, '}')
}

// AppendRequest appends the members that events of format 2.0 have of the request, from routeKey to
// requestContext.
func AppendRequest(b []byte, x *apigw.Exchange) []byte {
	r := &x.Request
	b = integration.AppendMember(b, `"routeKey":`, x.Method.RouteKey)
	b = integration.AppendMember(b, `,"rawPath":`, rawPath(x))
	b = integration.AppendMember(b, `,"rawQueryString":`, r.RawQuery)
	b = appendCookies(b, r)
	b = appendHeaders(append(b, `,"headers":`...), r)
	b = appendQuery(b, r)
	return appendContext2(append(b, `,"requestContext":`...), x)
}

// AppendParameters appends the members pathParameters and stageVariables, where there are any.
func AppendParameters(b []byte, x *apigw.Exchange) []byte {
	return appendStageVariables(appendPathParameters(b, x), x)
}

// rawPath is the path that functions and access logs see: decoded, with the stage's name unless that is
// $default, but without what an API mapping matched. ("rawPath doesn't provide the API mapping value",
// HTTP API guide, "Payload format differences"; that it then has the stage: vendia/serverless-express#465.)
func rawPath(x *apigw.Exchange) string { return apigw.UnescapePath(wholePath(x)) }

// wholePath is rawPath as the client encoded it.
func wholePath(x *apigw.Exchange) string {
	path := path1(x)
	if r := &x.Request; r.CustomDomain && !r.Rewritten {
		if path = r.Path; x.Stage.Name != apigw.DefaultStage {
			path = "/" + x.Stage.Name + path
		}
	}
	return path
}

// appendCookies appends the cookies, which are not among the headers.
func appendCookies(b []byte, r *apigw.Request) []byte {
	all := r.HeaderValues("Cookie")
	if len(all) == 0 {
		return b
	}
	b = append(b, `,"cookies":[`...)
	first := true
	for _, line := range all {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie == "" {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			b, first = integration.AppendString(b, cookie), false
		}
	}
	return append(b, ']')
}

// appendQuery appends the decoded parameters, several values of one joined by commas.
func appendQuery(b []byte, r *apigw.Request) []byte {
	params := sortedQuery(r)
	if len(params) == 0 {
		return b
	}
	b = append(b, `,"queryStringParameters":{`...)
	for i, p := range params {
		b = integration.AppendString(comma(b, i), p.Name)
		b = integration.AppendString(append(b, ':'), strings.Join(p.Values, ","))
	}
	return append(b, '}')
}

func appendPathParameters(b []byte, x *apigw.Exchange) []byte {
	if len(x.Request.PathValues) == 0 {
		return b
	}
	var few [8]apigw.Field
	return integration.AppendFields(append(b, `,"pathParameters":`...), pathFields(few[:0], x))
}

func appendStageVariables(b []byte, x *apigw.Exchange) []byte {
	if len(x.Stage.Variables) == 0 {
		return b
	}
	return integration.AppendVariables(append(b, `,"stageVariables":`...), x.Stage.Variables, "{}")
}

// appendContext2 appends requestContext with its members in alphabetical order, as AWS writes them.
func appendContext2(b []byte, x *apigw.Exchange) []byte {
	r, s := &x.Request, x.Stage
	b = integration.AppendMember(b, `{"accountId":`, accountID(x))
	b = integration.AppendMember(b, `,"apiId":`, s.APIID)
	if s.Protocol == apigw.FunctionURL {
		b = append(b, `,"authentication":null`...)
	}
	if c := x.Identity.ClientCert; c != nil {
		b = append(integration.AppendClientCert(append(b, `,"authentication":{"clientCert":`...), c), '}')
	}
	b = appendAuthorizer2(b, x)
	b = integration.AppendMember(b, `,"domainName":`, r.Host)
	b = integration.AppendMember(b, `,"domainPrefix":`, r.DomainPrefix())
	b = integration.AppendMember(b, `,"http":{"method":`, r.Verb)
	b = integration.AppendMember(b, `,"path":`, rawPath(x))
	b = integration.AppendMember(b, `,"protocol":`, r.Protocol)
	b = integration.AppendMember(b, `,"sourceIp":`, r.SourceIP)
	b = integration.AppendMember(b, `,"userAgent":`, r.UserAgent())
	b = integration.AppendMember(b, `},"requestId":`, r.ID)
	b = integration.AppendMember(b, `,"routeKey":`, x.Method.RouteKey)
	b = integration.AppendMember(b, `,"stage":`, s.Name)
	b = append(b, `,"time":"`...)
	b = append(r.Time.UTC().AppendFormat(b, apigw.CLFTime), '"')
	b = strconv.AppendInt(append(b, `,"timeEpoch":`...), r.Time.UnixMilli(), 10)
	return append(b, '}')
}

// accountID is whose API it is. Function URLs tell who calls instead (recorded: facts/lambda.md §7).
func accountID(x *apigw.Exchange) string {
	switch {
	case x.Stage.Protocol != apigw.FunctionURL:
		return x.Stage.AccountID
	case x.Identity.AccountID != "":
		return x.Identity.AccountID
	}
	return "anonymous"
}

// appendBody appends the body, or none where there is none.
func appendBody(b []byte, x *apigw.Exchange, none string) []byte {
	body := x.Request.Body
	switch {
	case len(body) == 0:
		return append(b, none...)
	case isBinary(&x.Request):
		b = base64.StdEncoding.AppendEncode(append(b, `,"body":"`...), body)
		return append(b, '"')
	}
	return integration.AppendString(append(b, `,"body":`...), integration.WellFormed(body))
}

// isBinary tells the bodies that events have as base64: all but those of a few types, those without a
// type among them. (Recorded on AWS: ministackorg/ministack#766.)
func isBinary(r *apigw.Request) bool {
	if len(r.Body) == 0 {
		return false
	}
	switch t := r.ContentType(); t {
	case "application/json", "application/javascript", "application/xml":
		return false
	default:
		return !strings.HasPrefix(t, "text/")
	}
}
