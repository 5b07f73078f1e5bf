package apigw

import (
	"encoding/json"
	"net/http"
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
		case "authorizer":
			return x.authorizerContext(member)
		case "customDomain":
			return x.Request.customDomain(member)
		}
		return "", false
	}
	value = x.contextValue(name)
	return value, value != ""
}

// customDomain tells how the domain's request found its stage: the other of the two has no value.
func (r *Request) customDomain(member string) (value string, ok bool) {
	switch member {
	case "basePathMatched":
		value = r.BasePath
	case "routingRuleIdMatched":
		value = r.RoutingRule
	}
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
	case "awsEndpointRequestId":
		return x.Endpoint.Call.RequestID
	case "xrayTraceId":
		return x.XRayTraceID()
	case "isCanaryRequest":
		return strconv.FormatBool(x.Canary)
	}
	if x.Socket != nil {
		if v := x.Socket.context(name); v != "" {
			return v
		}
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
	case "routeKey":
		return x.Method.RouteKey
	}
	return ""
}

// BackendTrace is the trace id that a backend gets: that of a stage with tracing says that X-Ray samples
// the request, unless the client has decided.
//
// Unlike AWS, which follows X-Ray's sampling rules, every request of such a stage is sampled.
func (x *Exchange) BackendTrace() string {
	id := x.Request.TraceID()
	if x.Stage.Tracing && !strings.Contains(id, "Sampled=") {
		id += ";Sampled=1"
	}
	return id
}

// XRayTraceID is the root of the request's trace: $context.xrayTraceId.
func (x *Exchange) XRayTraceID() string {
	for part := range strings.SplitSeq(x.Request.TraceID(), ";") {
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok {
			return root
		}
	}
	return ""
}

func (x *Exchange) identity(member string) (string, bool) {
	v, i := "", &x.Identity
	switch member {
	case "sourceIp":
		v = x.Request.SourceIP
	case "userAgent":
		v = x.UserAgent()
	case "accountId":
		v = i.AccountID
	case "accessKey":
		v = i.AccessKey
	case "caller":
		v = i.Caller
	case "user":
		v = i.User
	case "userArn":
		v = i.UserARN
	case "principalOrgId":
		v = i.PrincipalOrgID
	case "cognitoIdentityId":
		v = i.CognitoIdentityID
	case "cognitoIdentityPoolId":
		v = i.CognitoIdentityPoolID
	case "cognitoAuthenticationType":
		v = i.CognitoAuthenticationType
	case "cognitoAuthenticationProvider":
		v = i.CognitoAuthenticationProvider
	case "apiKey":
		v = i.APIKey
	case "apiKeyId":
		v = i.APIKeyID
	case "vpcId":
		v = i.VPCID
	case "vpceId":
		v = i.VPCEndpointID
	default:
		if i.ClientCert != nil {
			v = i.ClientCert.get(member)
		}
	}
	return v, v != ""
}

func (c *ClientCert) get(member string) string {
	switch member {
	case "clientCert.clientCertPem":
		return c.PEM
	case "clientCert.subjectDN":
		return c.SubjectDN
	case "clientCert.issuerDN":
		return c.IssuerDN
	case "clientCert.serialNumber":
		return c.SerialNumber
	case "clientCert.validity.notBefore":
		return c.NotBefore
	case "clientCert.validity.notAfter":
		return c.NotAfter
	}
	return ""
}

// authorizerContext looks at what the authorizer said, then at how it or the call of its function went,
// which access logs show.
func (x *Exchange) authorizerContext(member string) (string, bool) {
	if v, ok := x.Authorization.Get(member); ok || !x.Authorizer.Made && member != "error" {
		return v, ok
	}
	switch member {
	case "integrationLatency", "latency":
		return strconv.FormatInt(x.Authorizer.Latency.Milliseconds(), 10), true
	case "integrationStatus", "status":
		return strconv.Itoa(x.Authorizer.Status), x.Authorizer.Status != 0
	case "requestId":
		return x.Authorizer.RequestID, x.Authorizer.RequestID != ""
	case "error":
		return x.Authorizer.Error, x.Authorizer.Error != ""
	}
	return "", false
}

func (x *Exchange) errorContext(member string) (string, bool) {
	if x.Rejection == nil {
		return "", false
	}
	switch member {
	case "message":
		m := x.errorMessage()
		return m, m != ""
	case "messageString":
		return quoteOrNull(x.errorMessage()), true
	case "responseType":
		return x.Rejection.Type, true
	case "validationErrorString":
		return x.Rejection.Validation, x.Rejection.Validation != ""
	}
	return "", false
}

// errorMessage is what the client is told: HTTP APIs have one text for each status.
func (x *Exchange) errorMessage() string {
	if x.Stage.Protocol == HTTP {
		return http.StatusText(x.Rejection.HTTPStatus())
	}
	return x.Rejection.Text()
}

// Text is what the client is told: $context.error.message.
func (r *Rejection) Text() string {
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
