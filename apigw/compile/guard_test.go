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
		{"authorizer without a type", with(func(m *types.Method) { m.AuthorizerId = aws.String("abc123") }), "", 500, "AuthorizerConfigurationException"},
		{"resource policy", open, `{"Statement": []}`, 500, "AuthorizerConfigurationException"},
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
			if warned := strings.Contains(s.warnings.String(), "not emulated yet"); warned != (c.status != 200) {
				t.Errorf("warnings: %s", s.warnings)
			}
		})
	}
}
