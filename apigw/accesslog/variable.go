package accesslog

import (
	"errors"
	"strconv"
	"time"

	"postern/apigw"
)

// own are the variables that only access logs have (REST API guide, "Variables for access logging").
var own = map[string]variable{
	"status":          func(dst []byte, x *apigw.Exchange) []byte { return strconv.AppendInt(dst, int64(x.Sent.Status), 10) },
	"responseLength":  func(dst []byte, x *apigw.Exchange) []byte { return strconv.AppendInt(dst, x.Sent.Length, 10) },
	"responseLatency": func(dst []byte, x *apigw.Exchange) []byte { return appendMillis(dst, x.Sent.Latency) },

	"integrationLatency":            integrationLatency,
	"integration.latency":           integrationLatency,
	"integrationStatus":             integrationStatus,
	"integration.integrationStatus": integrationStatus,
	"integration.status":            backendStatus,
	"integration.requestId":         integrationRequest,
	"awsEndpointRequestId":          integrationRequest,
	"integration.error":             integrationError,
	"integrationErrorMessage":       integrationError,
	"awsEndpointRequestId2": func(dst []byte, x *apigw.Exchange) []byte {
		return append(dst, x.Endpoint.Response.Header.Get("x-amz-id-2")...)
	},
	"dataProcessed": dataProcessed,

	"authenticate.status": authenticateStatus,
	"authenticate.error":  authenticateError,
	"authorize.status":    authorizeStatus,
	"authorize.error":     authorizeError,
}

// compileVariable knows the variables of access logs and, of all others, what mapping templates know.
func compileVariable(name string) variable {
	if v, ok := own[name]; ok {
		return v
	}
	return func(dst []byte, x *apigw.Exchange) []byte {
		v, _ := x.Context(name)
		return append(dst, v...)
	}
}

func appendMillis(dst []byte, d time.Duration) []byte {
	return strconv.AppendInt(dst, d.Milliseconds(), 10)
}

func integrationLatency(dst []byte, x *apigw.Exchange) []byte {
	if !x.Endpoint.Call.Made {
		return dst
	}
	return appendMillis(dst, x.Endpoint.Call.Latency)
}

// integrationStatus is Lambda's status, where the backend is a function.
func integrationStatus(dst []byte, x *apigw.Exchange) []byte {
	return appendStatus(dst, x.Endpoint.Call.Status)
}

// backendStatus is the status that a function returned in its proxy response, or that of any other backend.
func backendStatus(dst []byte, x *apigw.Exchange) []byte {
	switch {
	case !x.Endpoint.Call.Made:
		return dst
	case x.Response.Function && x.Endpoint.Response.Status != 0:
		return appendStatus(dst, x.Endpoint.Response.Status)
	}
	return appendStatus(dst, x.Endpoint.Call.Status)
}

func appendStatus(dst []byte, status int) []byte {
	if status == 0 {
		return dst
	}
	return strconv.AppendInt(dst, int64(status), 10)
}

func integrationRequest(dst []byte, x *apigw.Exchange) []byte {
	return append(dst, x.Endpoint.Call.RequestID...)
}

// dataProcessed is how many bytes went through the API. Unlike AWS, whose count nobody has documented further,
// it is the bodies alone.
func dataProcessed(dst []byte, x *apigw.Exchange) []byte {
	return strconv.AppendInt(dst, int64(len(x.Request.Body))+x.Sent.Length, 10)
}

// integrationError is why the backend's part failed, in the words of the execution log, which HTTP APIs have none of.
func integrationError(dst []byte, x *apigw.Exchange) []byte {
	call := &x.Endpoint.Call
	switch {
	case !call.Made:
		return dst
	case call.Error != "":
		return append(dst, call.Error...)
	case x.Rejection != nil && x.Stage.Protocol == apigw.HTTP:
		return append(dst, httpIntegrationError(x.Rejection)...)
	case x.Rejection != nil:
		return append(dst, x.Rejection.LogLine()...)
	}
	return dst
}

// httpIntegrationError has the words of HTTP APIs. (re:Post, "How do I resolve permission errors from HTTP APIs with a
// Lambda integration"; seen in access logs of AWS.)
func httpIntegrationError(r *apigw.Rejection) string {
	var failed *apigw.FunctionError
	switch {
	case errors.As(r.Err, &failed):
		return "The Lambda function returned the following error: " + failed.Message + ". Check your Lambda function code and try again."
	case errors.Is(r.Err, apigw.ErrNotPermitted):
		return "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again."
	}
	return r.LogLine()
}

// authenticate is how the look at a signature went, authorize how that at the policies of who signed.
// A call without a signature, of a method that asks for none, has neither.

func authenticateStatus(dst []byte, x *apigw.Exchange) []byte {
	switch {
	case unsigned(x):
		return appendStatus(dst, x.Sent.Status)
	case x.Identity.AccessKey != "":
		return append(dst, "200"...)
	}
	return dst
}

func authenticateError(dst []byte, x *apigw.Exchange) []byte {
	if !unsigned(x) {
		return dst
	}
	message, _ := x.Context("error.message")
	return append(dst, message...)
}

// unsigned tells a call whose signature does not prove who calls.
func unsigned(x *apigw.Exchange) bool {
	if x.Rejection == nil || x.Method == nil {
		return false
	}
	switch x.Rejection.Type {
	case apigw.InvalidSignature, apigw.ExpiredToken, apigw.MissingAuthenticationToken:
		return true
	}
	return false
}

func authorizeStatus(dst []byte, x *apigw.Exchange) []byte {
	switch {
	case x.Identity.AccessKey == "" || unsigned(x):
		return dst
	case denied(x):
		return appendStatus(dst, x.Sent.Status)
	}
	return append(dst, "200"...)
}

func authorizeError(dst []byte, x *apigw.Exchange) []byte {
	if !denied(x) || x.Identity.AccessKey == "" {
		return dst
	}
	message, _ := x.Context("error.message")
	return append(dst, message...)
}

func denied(x *apigw.Exchange) bool {
	return x.Rejection != nil && x.Rejection.Type == apigw.AccessDenied
}
