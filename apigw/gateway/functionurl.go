package gateway

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strings"

	"postern/apigw"
)

// Forms of the address of a function URL.
const (
	urlLabel    = "lambda-url"
	urlPathForm = "/_aws/lambda-url/"
)

// functionURL reads the forms of a function URL.
func functionURL(host, path string) (target, bool) {
	if id, ok := labelBefore(host, urlLabel); ok {
		return urlTarget(id, path, host), true
	}
	rest, ok := strings.CutPrefix(path, urlPathForm)
	if !ok {
		return target{}, false
	}
	id, rest, _ := strings.Cut(rest, "/")
	id = strings.ToLower(id)
	return urlTarget(id, "/"+rest, onPort(id+"."+urlLabel+".localhost", host)), true
}

func urlTarget(id, path, host string) target {
	return target{api: id, stage: apigw.DefaultStage, path: path, full: path, host: host, function: true}
}

// refuseURL answers for a function URL that is not there.
func refuseURL(w http.ResponseWriter) int {
	h := w.Header()
	delete(h, "x-amz-apigw-id")
	h["x-amzn-ErrorType"] = []string{"ResourceNotFoundException"}
	h["Content-Type"] = []string{defaultType}
	w.WriteHeader(http.StatusNotFound)
	w.Write([]byte(`{"Message":null}`))
	return http.StatusNotFound
}

// What function URLs answer for Lambda itself (recorded, but for the throttle: facts/lambda.md §5, §7).
const (
	urlForbidden = `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`
	urlThrottled = `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}`
)

// renderURL makes the answer of a function URL to a rejection.
func renderURL(x *apigw.Exchange, r *apigw.Rejection) {
	status, kind, body := http.StatusBadGateway, "", "Internal Server Error"
	switch {
	case errors.Is(r.Err, apigw.ErrThrottled):
		status, kind, body = http.StatusTooManyRequests, "TooManyRequestsException", urlThrottled
	case errors.Is(r.Err, apigw.ErrNotPermitted), r.StatusCode() == http.StatusForbidden:
		status, kind, body = http.StatusForbidden, "AccessDeniedException", urlForbidden
	case r.Type == apigw.RequestTooLarge:
		status, body = http.StatusRequestEntityTooLarge, "Request Entity Too Large"
	}
	x.Response = apigw.Response{Status: status, Body: []byte(body), Traced: x.Response.Traced}
	if kind != "" {
		x.Response.Header.Add("x-amzn-ErrorType", kind)
		x.Response.Header.Add("Content-Type", defaultType)
	}
}

// addTLS adds what Lambda tells functions of a connection that is encrypted.
func addTLS(h http.Header, r *http.Request) {
	if r.TLS == nil {
		return
	}
	h["X-Amzn-Tls-Version"] = []string{strings.Replace(tls.VersionName(r.TLS.Version), "TLS ", "TLSv", 1)}
	h["X-Amzn-Tls-Cipher-Suite"] = []string{tls.CipherSuiteName(r.TLS.CipherSuite)}
}
