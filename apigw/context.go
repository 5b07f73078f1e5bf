package apigw

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Context returns a variable of $context by its path below $context: "requestId",
// "identity.sourceIp", "error.messageString". ok is false for one that has no value here.
func (x *Exchange) Context(name string) (value string, ok bool) {
	group, member, nested := strings.Cut(name, ".")
	if nested {
		switch group {
		case "identity":
			return x.identity(member)
		case "error":
			return x.errorContext(member)
		}
		return "", false
	}
	value = x.contextValue(name)
	return value, value != ""
}

func (x *Exchange) contextValue(name string) string {
	r, s := &x.Request, x.Stage
	switch name {
	case "accountId":
		return s.AccountID
	case "apiId":
		return s.APIID
	case "stage":
		return s.Name
	case "deploymentId":
		return s.DeploymentID
	case "domainName":
		return r.Host
	case "domainPrefix":
		return r.DomainPrefix()
	case "requestId":
		return r.ID
	case "extendedRequestId":
		return r.ExtendedID
	case "requestTime":
		return r.RequestTime()
	case "requestTimeEpoch":
		return strconv.FormatInt(r.Time.UnixMilli(), 10)
	case "httpMethod":
		return r.Verb
	case "path":
		return r.StagePath
	case "protocol":
		return r.Protocol
	case "xrayTraceId":
		return x.xrayTraceID()
	}
	if x.Method == nil {
		return ""
	}
	switch name {
	case "resourceId":
		return x.Method.ResourceID
	case "resourcePath":
		return x.Method.ResourcePath
	case "operationName":
		return x.Method.OperationName
	}
	return ""
}

func (x *Exchange) xrayTraceID() string {
	for part := range strings.SplitSeq(x.Request.TraceID(), ";") {
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok {
			return root
		}
	}
	return ""
}

func (x *Exchange) identity(member string) (string, bool) {
	var v string
	switch member {
	case "sourceIp":
		v = x.Request.SourceIP
	case "userAgent":
		v = x.Request.UserAgent()
	}
	return v, v != ""
}

func (x *Exchange) errorContext(member string) (string, bool) {
	if x.Rejection == nil {
		return "", false
	}
	switch member {
	case "message":
		m := x.Rejection.message()
		return m, m != ""
	case "messageString":
		return quoteOrNull(x.Rejection.message()), true
	case "responseType":
		return x.Rejection.Type, true
	case "validationErrorString":
		return x.Rejection.Validation, x.Rejection.Validation != ""
	}
	return "", false
}

func (r *Rejection) message() string {
	if r.Message != "" {
		return r.Message
	}
	return ResponseTypes[r.Type].Message
}

func quoteOrNull(s string) string {
	if s == "" {
		return "null"
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		return "null"
	}
	return unescapeHTML.Replace(string(quoted))
}

// encoding/json escapes what Java's writer does not.
var unescapeHTML = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&", `\u2028`, "\u2028", `\u2029`, "\u2029")

// DomainPrefix is the first label of the host.
func (r *Request) DomainPrefix() string {
	prefix, _, _ := strings.Cut(r.Host, ".")
	prefix, _, _ = strings.Cut(prefix, ":")
	return prefix
}

// RequestTime is the time of the request in the common log format, in UTC.
func (r *Request) RequestTime() string {
	return r.Time.UTC().Format(CLFTime)
}

// CLFTime is the layout of $context.requestTime.
const CLFTime = "02/Jan/2006:15:04:05 -0700"
