package accesslog_test

import (
	"testing"
	"time"

	"postern/apigw"
	"postern/apigw/accesslog"
)

func call() *apigw.Exchange {
	x := &apigw.Exchange{
		Stage:  &apigw.Stage{AccountID: "111122223333", APIID: "api1234567", Name: "prod", DeploymentID: "dep123"},
		Method: &apigw.Method{ResourceID: "res", ResourcePath: "/pets/{id}", Verb: "GET"},
		Request: apigw.Request{
			ID: "id-1", ExtendedID: "ext-1=", Time: time.Date(2026, 3, 4, 5, 6, 7, 89e6, time.UTC), Verb: "GET", Path: "/pets/7", StagePath: "/prod/pets/7",
			Protocol: "HTTP/1.1", Host: "api1234567.execute-api.localhost", SourceIP: "192.0.2.1",
		},
		Sent: apigw.Sent{Status: 201, Length: 12, Latency: 34 * time.Millisecond},
	}
	x.Response.Function = true
	x.Endpoint.Call = apigw.Call{Made: true, Status: 200, Latency: 21 * time.Millisecond, RequestID: "backend-1"}
	x.Endpoint.Response.Status = 201
	return x
}

// The formats that the console offers (REST API guide, "Set up CloudWatch logging for REST APIs").
func TestFormatsOfTheConsole(t *testing.T) {
	for name, c := range map[string]struct{ format, want string }{
		"CLF": {
			`$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId $context.extendedRequestId`,
			`192.0.2.1 - - [04/Mar/2026:05:06:07 +0000] "GET /pets/{id} HTTP/1.1" 201 12 id-1 ext-1=`,
		},
		"JSON": {
			`{ "requestId":"$context.requestId", "extendedRequestId":"$context.extendedRequestId","ip": "$context.identity.sourceIp", "caller":"$context.identity.caller", "user":"$context.identity.user", "requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod", "resourcePath":"$context.resourcePath", "status":"$context.status", "protocol":"$context.protocol", "responseLength":"$context.responseLength" }` + "\n",
			`{ "requestId":"id-1", "extendedRequestId":"ext-1=","ip": "192.0.2.1", "caller":"-", "user":"-", "requestTime":"04/Mar/2026:05:06:07 +0000", "httpMethod":"GET", "resourcePath":"/pets/{id}", "status":"201", "protocol":"HTTP/1.1", "responseLength":"12" }` + "\n",
		},
		"XML": {
			`<request id="$context.requestId"> <extendedRequestId>$context.extendedRequestId</extendedRequestId> <ip>$context.identity.sourceIp</ip> <status>$context.status</status> </request>`,
			`<request id="id-1"> <extendedRequestId>ext-1=</extendedRequestId> <ip>192.0.2.1</ip> <status>201</status> </request>`,
		},
		"CSV": {
			`$context.identity.sourceIp,$context.identity.caller,$context.requestTime,$context.httpMethod,$context.resourcePath,$context.status,$context.requestId,$context.extendedRequestId`,
			`192.0.2.1,-,04/Mar/2026:05:06:07 +0000,GET,/pets/{id},201,id-1,ext-1=`,
		},
	} {
		if got := string(accesslog.Compile(c.format).Append(nil, call())); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestVariables(t *testing.T) {
	rejected := func(x *apigw.Exchange, r *apigw.Rejection) { x.Reject(r); x.Sent.Status = 403 }
	for _, c := range []struct {
		name, format, want string
		change             func(*apigw.Exchange)
	}{
		{"how the backend did", "$context.integration.status $context.integrationStatus $context.integration.integrationStatus $context.integration.latency $context.integrationLatency $context.integration.requestId $context.awsEndpointRequestId $context.integration.error",
			"201 200 200 21 21 backend-1 backend-1 -", nil},
		{"no backend", "$context.integration.status $context.integrationStatus $context.integrationLatency $context.integration.requestId $context.integrationErrorMessage", "- - - - -",
			func(x *apigw.Exchange) { x.Endpoint = apigw.Endpoint{} }},
		{"a backend that is late", "$context.integrationStatus $context.integration.error $context.integrationErrorMessage $context.error.responseType $context.error.message $context.error.messageString",
			`- Execution failed due to a timeout error Execution failed due to a timeout error INTEGRATION_TIMEOUT Endpoint request timed out "Endpoint request timed out"`,
			func(x *apigw.Exchange) {
				x.Endpoint.Call = apigw.Call{Made: true}
				rejected(x, &apigw.Rejection{Type: apigw.IntegrationTimeout})
			}},
		{"how long it took", "$context.responseLatency $context.responseLength $context.status $context.requestTimeEpoch", "34 12 201 1772600767089", nil},
		{"what was called", "$context.accountId $context.apiId $context.stage $context.deploymentId $context.domainName $context.domainPrefix $context.path $context.resourceId $context.isCanaryRequest",
			"111122223333 api1234567 prod dep123 api1234567.execute-api.localhost api1234567 /prod/pets/7 res false", nil},
		{"no method", "$context.resourcePath $context.status $context.error.message", "- 403 Missing Authentication Token",
			func(x *apigw.Exchange) {
				x.Method = nil
				rejected(x, &apigw.Rejection{Type: apigw.MissingAuthenticationToken})
			}},
		{"an authorizer", "$context.authorizer.principalId $context.authorizer.a-b $context.authorizer.none $context.authorizer.latency $context.authorizer.integrationLatency $context.authorizer.status $context.authorizer.integrationStatus $context.authorizer.requestId $context.authorizer.error",
			"me v - 5 5 200 200 auth-1 -",
			func(x *apigw.Exchange) {
				x.Authorization = &apigw.Authorization{PrincipalID: "me", Context: []apigw.Field{{Name: "a-b", Value: "v"}}}
				x.Authorizer = apigw.Call{Made: true, Status: 200, Latency: 5 * time.Millisecond, RequestID: "auth-1"}
			}},
		{"claims", "$context.authorizer.claims.sub", "s", func(x *apigw.Exchange) {
			x.Authorization = &apigw.Authorization{HasClaims: true, Claims: []apigw.Field{{Name: "sub", Value: "s"}}}
		}},
		{"a signature that is good", "$context.authenticate.status $context.authenticate.error $context.authorize.status $context.authorize.error", "200 - 200 -",
			func(x *apigw.Exchange) { x.Identity.AccessKey = "AKIA" }},
		{"a signature that is bad", "$context.authenticate.status $context.authenticate.error $context.authorize.status", "403 it is bad -",
			func(x *apigw.Exchange) {
				rejected(x, &apigw.Rejection{Type: apigw.InvalidSignature, Message: "it is bad"})
			}},
		{"a policy that denies", "$context.authenticate.status $context.authorize.status $context.authorize.error", "200 403 no",
			func(x *apigw.Exchange) {
				x.Identity.AccessKey = "AKIA"
				rejected(x, &apigw.Rejection{Type: apigw.AccessDenied, Message: "no"})
			}},
		{"no firewall", "$context.waf.status $context.waf.error $context.waf.latency $context.wafResponseCode $context.webaclArn", "- - - - -", nil},
		{"unknown names and other text", "$context.nope $input.body $context. ${context.status}. $context.status.", "- $input.body $context. 201. 201.", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := call()
			if c.change != nil {
				c.change(x)
			}
			if got := string(accesslog.Compile(c.format).Append(nil, x)); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func BenchmarkCommonLogFormat(b *testing.B) {
	f := accesslog.Compile(`$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId $context.extendedRequestId`)
	x, line := call(), make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		line = f.Append(line[:0], x)
	}
}
