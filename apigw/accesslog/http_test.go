package accesslog_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/apigw"
	"postern/apigw/accesslog"
)

// httpCall is a call of an HTTP API about which nothing is known that need not be.
func httpCall() *apigw.Exchange {
	x := call()
	x.Stage = &apigw.Stage{Protocol: apigw.HTTP, AccountID: "111122223333", APIID: "api1234567", Name: "$default"}
	x.Method = &apigw.Method{ResourcePath: "/pets/{id}", Verb: "GET", RouteKey: "GET /pets/{id}"}
	x.Request.ID, x.Request.StagePath, x.Endpoint, x.Response = x.Request.ExtendedID, x.Request.Path, apigw.Endpoint{}, apigw.Response{}
	x.Request.SetHeaders(http.Header{}, func() string { return "" })
	return x
}

// Every variable of the HTTP API guide, "Customize HTTP API access logs" (read 2026-11): what has no value is "-".
func TestVariablesOfHTTPAPIs(t *testing.T) {
	full := httpCall()
	full.Request.Body = []byte("12345678")
	full.Request.CustomDomain, full.Request.BasePath, full.Request.Host = true, "v1/orders", "api.example.com"
	full.Request.SetHeaders(http.Header{"User-Agent": {"curl"}}, func() string { return "" })
	full.Authorization = &apigw.Authorization{PrincipalID: "me", Context: []apigw.Field{{Name: "key", Value: "value"}, {Name: "numKey", Value: "1"}}}
	full.Authorizer = apigw.Call{Error: "no"}
	full.Identity = apigw.Identity{
		AccountID: "111122223333", Caller: "AIDA", User: "AIDB", UserARN: "arn", PrincipalOrgID: "o-1", CognitoIdentityID: "c1", CognitoIdentityPoolID: "c2",
		CognitoAuthenticationType: "authenticated", CognitoAuthenticationProvider: "p",
		ClientCert: &apigw.ClientCert{PEM: "pem", SubjectDN: "CN=a", IssuerDN: "CN=b", SerialNumber: "01", NotBefore: "then", NotAfter: "later"},
	}
	full.Endpoint = apigw.Endpoint{
		Call:     apigw.Call{Made: true, Status: 200, Latency: 21 * time.Millisecond, RequestID: "lambda-1"},
		Response: apigw.EndpointResponse{Status: 201, Header: apigw.Header{{Name: "x-amz-id-2", Value: "id2"}}},
	}
	full.Response.Function = true
	for _, c := range []struct{ name, full, bare string }{
		{"accountId", "111122223333", "111122223333"},
		{"apiId", "api1234567", "api1234567"},
		{"authorizer.claims.sub", "-", "-"},
		{"authorizer.claims", "-", "-"},
		{"authorizer.error", "no", "-"},
		{"authorizer.principalId", "me", "-"},
		{"authorizer.key", "value", "-"},
		{"authorizer.numKey", "1", "-"},
		{"awsEndpointRequestId", "lambda-1", "-"},
		{"awsEndpointRequestId2", "id2", "-"},
		{"customDomain.basePathMatched", "v1/orders", "-"},
		{"dataProcessed", "20", "12"},
		{"domainName", "api.example.com", "api1234567.execute-api.localhost"},
		{"domainPrefix", "api", "api1234567"},
		{"error.message", "-", "-"},
		{"error.messageString", "-", "-"},
		{"error.responseType", "-", "-"},
		{"extendedRequestId", "ext-1=", "ext-1="},
		{"httpMethod", "GET", "GET"},
		{"identity.accountId", "111122223333", "-"},
		{"identity.caller", "AIDA", "-"},
		{"identity.cognitoAuthenticationProvider", "p", "-"},
		{"identity.cognitoAuthenticationType", "authenticated", "-"},
		{"identity.cognitoIdentityId", "c1", "-"},
		{"identity.cognitoIdentityPoolId", "c2", "-"},
		{"identity.principalOrgId", "o-1", "-"},
		{"identity.clientCert.clientCertPem", "pem", "-"},
		{"identity.clientCert.subjectDN", "CN=a", "-"},
		{"identity.clientCert.issuerDN", "CN=b", "-"},
		{"identity.clientCert.serialNumber", "01", "-"},
		{"identity.clientCert.validity.notBefore", "then", "-"},
		{"identity.clientCert.validity.notAfter", "later", "-"},
		{"identity.sourceIp", "192.0.2.1", "192.0.2.1"},
		{"identity.user", "AIDB", "-"},
		{"identity.userAgent", "curl", "-"},
		{"identity.userArn", "arn", "-"},
		{"integration.error", "-", "-"},
		{"integration.integrationStatus", "200", "-"},
		{"integration.latency", "21", "-"},
		{"integration.requestId", "lambda-1", "-"},
		{"integration.status", "201", "-"},
		{"integrationErrorMessage", "-", "-"},
		{"integrationLatency", "21", "-"},
		{"integrationStatus", "200", "-"},
		{"path", "/pets/7", "/pets/7"},
		{"protocol", "HTTP/1.1", "HTTP/1.1"},
		{"requestId", "ext-1=", "ext-1="},
		{"requestTime", "04/Mar/2026:05:06:07 +0000", "04/Mar/2026:05:06:07 +0000"},
		{"requestTimeEpoch", "1772600767089", "1772600767089"},
		{"responseLatency", "34", "34"},
		{"responseLength", "12", "12"},
		{"routeKey", "GET /pets/{id}", "GET /pets/{id}"},
		{"stage", "$default", "$default"},
		{"status", "201", "201"},
		{"nothing", "-", "-"},
	} {
		f := accesslog.Compile("$context." + c.name)
		if got := string(f.Append(nil, full)); got != c.full {
			t.Errorf("%s: %s, want %s", c.name, got, c.full)
		}
		if got := string(f.Append(nil, httpCall())); got != c.bare {
			t.Errorf("%s of a bare call: %s, want %s", c.name, got, c.bare)
		}
	}
}

// What went wrong, in the words of answers and of access logs of AWS. Sources: facts/http-api.md §3; re:Post, "How do I resolve
// permission errors from HTTP APIs"; access logs in AWS's workshop of the Well-Architected labs.
func TestErrorsOfHTTPAPIs(t *testing.T) {
	const format = "$context.status $context.error.message $context.error.messageString $context.error.responseType $context.integrationErrorMessage $context.integration.error"
	const refused = "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again."
	const failed = "The Lambda function returned the following error: boom. Check your Lambda function code and try again."
	for _, c := range []struct {
		name   string
		called bool
		why    *apigw.Rejection
		want   string
	}{
		{"no route", false, &apigw.Rejection{Type: apigw.ResourceNotFound}, `404 Not Found "Not Found" RESOURCE_NOT_FOUND - -`},
		{"no token", false, &apigw.Rejection{Type: apigw.Unauthorized}, `401 Unauthorized "Unauthorized" UNAUTHORIZED - -`},
		{"denied", false, &apigw.Rejection{Type: apigw.AccessDenied, Message: "User: x is not authorized"}, `403 Forbidden "Forbidden" ACCESS_DENIED - -`},
		{"a signature", false, &apigw.Rejection{Type: apigw.InvalidSignature, Message: "it is bad"}, `403 Forbidden "Forbidden" INVALID_SIGNATURE - -`},
		{"throttled", false, &apigw.Rejection{Type: apigw.Throttled}, `429 Too Many Requests "Too Many Requests" THROTTLED - -`},
		{"an authorizer that fails", false, &apigw.Rejection{Type: apigw.AuthorizerConfigurationError}, `500 Internal Server Error "Internal Server Error" AUTHORIZER_CONFIGURATION_ERROR - -`},
		{"a function that fails", true, &apigw.Rejection{Type: apigw.Default5XX, Status: 502, Err: &apigw.FunctionError{Status: 200, Message: "boom"}},
			`500 Internal Server Error "Internal Server Error" DEFAULT_5XX ` + failed + " " + failed},
		{"a function that may not be called", true, &apigw.Rejection{Type: apigw.APIConfigurationError, Err: fmt.Errorf("x: %w", apigw.ErrNotPermitted)},
			`500 Internal Server Error "Internal Server Error" API_CONFIGURATION_ERROR ` + refused + " " + refused},
		{"a backend that is late", true, &apigw.Rejection{Type: apigw.IntegrationTimeout, Err: errors.New("late")},
			`503 Service Unavailable "Service Unavailable" INTEGRATION_TIMEOUT Execution failed due to a timeout error Execution failed due to a timeout error`},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := httpCall()
			x.Endpoint.Call.Made = c.called
			x.Sent.Status = x.Reject(c.why).HTTPStatus()
			if got := string(accesslog.Compile(format).Append(nil, x)); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// The formats that the console offers for HTTP APIs (HTTP API guide, "Configure logging for HTTP APIs").
func TestFormatsOfTheConsoleForHTTPAPIs(t *testing.T) {
	for name, c := range map[string]struct{ format, want string }{
		"CLF": {
			`$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.routeKey $context.protocol" $context.status $context.responseLength $context.requestId $context.extendedRequestId`,
			`192.0.2.1 - - [04/Mar/2026:05:06:07 +0000] "GET GET /pets/{id} HTTP/1.1" 201 12 ext-1= ext-1=`,
		},
		"JSON": {
			`{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", "requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod","routeKey":"$context.routeKey", "status":"$context.status","protocol":"$context.protocol", "responseLength":"$context.responseLength" }`,
			`{ "requestId":"ext-1=", "ip": "192.0.2.1", "requestTime":"04/Mar/2026:05:06:07 +0000", "httpMethod":"GET","routeKey":"GET /pets/{id}", "status":"201","protocol":"HTTP/1.1", "responseLength":"12" }`,
		},
		"CSV": {
			`$context.identity.sourceIp,$context.requestTime,$context.httpMethod,$context.routeKey,$context.protocol,$context.status,$context.responseLength,$context.requestId`,
			`192.0.2.1,04/Mar/2026:05:06:07 +0000,GET,GET /pets/{id},HTTP/1.1,201,12,ext-1=`,
		},
	} {
		if got := strings.TrimSpace(string(accesslog.Compile(c.format).Append(nil, httpCall()))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}
