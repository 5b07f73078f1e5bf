package compile_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// What claims to be guarded is closed, not open: facts rest-dataplane §3 for the answers.
func TestGuardsThatAreNotEmulatedLetNobodyPass(t *testing.T) {
	open := mock(`{"statusCode": 200}`, types.IntegrationResponse{})
	with := func(change func(*types.Method)) types.Method {
		m := open
		change(&m)
		return m
	}
	cases := []struct {
		name      string
		method    types.Method
		policy    string
		status    int
		errorType string
	}{
		{"open", open, "", 200, ""},
		{"IAM", with(func(m *types.Method) { m.AuthorizationType = aws.String("AWS_IAM") }), "", 500, "AuthorizerConfigurationException"},
		{"custom", with(func(m *types.Method) { m.AuthorizationType = aws.String("CUSTOM") }), "", 500, "AuthorizerConfigurationException"},
		{"Cognito", with(func(m *types.Method) { m.AuthorizationType = aws.String("COGNITO_USER_POOLS") }), "", 500, "AuthorizerConfigurationException"},
		{"a policy that is none", open, `{"Statement": 1}`, 500, "AuthorizerConfigurationException"},
		{"the authorizer comes before the key", with(func(m *types.Method) {
			m.ApiKeyRequired, m.AuthorizationType = aws.Bool(true), aws.String("AWS_IAM")
		}), "", 500, "AuthorizerConfigurationException"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			def := define(methods{"GET /": c.method})
			if c.policy != "" {
				def.API.Policy = &c.policy
			}
			s := serve(t, def, nil)
			got := s.call("GET", "/", "", "x-api-key: anything")
			if got.status != c.status || got.header.Get("x-amzn-ErrorType") != c.errorType {
				t.Errorf("%d %v", got.status, got.header)
			}
			if warned := strings.Contains(s.warnings.String(), "every request is rejected"); warned != (c.status != 200) {
				t.Errorf("warnings: %s", s.warnings)
			}
		})
	}
}

// A method without an authorizer needs the policy's consent: REST API guide, "How API Gateway resource
// policies affect authorization workflow".
func TestResourcePolicyOfAnOpenMethod(t *testing.T) {
	const denied = "User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********3333:api1234567/prod/GET/pets"
	allow := `{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}`
	for _, c := range []struct{ name, statements, want string }{
		{"silent", ``, denied},
		{"allowed", allow, ""},
		{"another method allowed", strings.Replace(allow, "/*", "/prod/POST/*", 1), denied},
		{"from another network", strings.Replace(allow, `"Resource"`, `"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "Resource"`, 1), denied},
		{"from this machine", strings.Replace(allow, `"Resource"`, `"Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.1"}}, "Resource"`, 1), ""},
		{"denied", allow + "," + strings.Replace(allow, "Allow", "Deny", 1), denied + " with an explicit deny in a resource-based policy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := define(methods{"GET /pets": mock(`{"statusCode": 200}`, types.IntegrationResponse{})})
			def.API.Policy = aws.String(`{"Version": "2012-10-17", "Statement": [` + c.statements + `]}`)
			got := serve(t, def, nil).call("GET", "/pets", "")
			want := answer{status: 200}
			if c.want != "" {
				want.status, want.body = 403, `{"Message":"`+c.want+`"}`
			}
			if got.status != want.status || got.body != want.body {
				t.Errorf("%d %s, want %d %s", got.status, got.body, want.status, want.body)
			}
		})
	}
}
