package compile_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func gatewayResponse(kind types.GatewayResponseType, status, template string) types.GatewayResponse {
	r := types.GatewayResponse{ResponseType: kind}
	if status != "" {
		r.StatusCode = &status
	}
	if template != "" {
		r.ResponseTemplates = templates(template)
	}
	return r
}

// Facts: rest-dataplane §3, DEFAULT rows.
func TestDefaultsRestyleTypesThatWereNotPut(t *testing.T) {
	key := mock(`{"statusCode": 200}`, types.IntegrationResponse{})
	key.ApiKeyRequired = aws.Bool(true)
	def := define(methods{"GET /key": key, "GET /broken": mock("", types.IntegrationResponse{})})
	def.GatewayResponses = []types.GatewayResponse{
		gatewayResponse(types.GatewayResponseTypeDefault4xx, "499", "$context.error.responseType"),
		gatewayResponse(types.GatewayResponseTypeInvalidApiKey, "", "key: $context.error.messageString"),
		gatewayResponse(types.GatewayResponseTypeDefault5xx, "", "oh"),
	}
	s := serve(t, def, nil)
	cases := []struct {
		name, path string
		status     int
		body       string
	}{
		{"the default and its status", "/nowhere", 499, "MISSING_AUTHENTICATION_TOKEN"},
		{"a type of its own keeps its status", "/key", 403, `key: "Forbidden"`},
		{"a default without a status", "/broken", 500, "oh"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := s.call("GET", c.path, ""); got.status != c.status || got.body != c.body {
				t.Errorf("%d %s, want %d %s", got.status, got.body, c.status, c.body)
			}
		})
	}
}

// Facts: rest-dataplane §3, customisation.
func TestGatewayTemplateReplacesVariablesOnly(t *testing.T) {
	cases := []struct{ name, template, want string }{
		{"message", `{"m": "$context.error.message", "s": $context.error.messageString}`, `{"m": "Missing Authentication Token", "s": "Missing Authentication Token"}`},
		{"braces", `${context.error.responseType}s`, `MISSING_AUTHENTICATION_TOKENs`},
		{"end of a sentence", `On $context.stage.`, `On prod.`},
		{"stage variables", `$stageVariables.color${stageVariables.color}`, `redred`},
		{"what has no value", `<$context.nonsense$stageVariables.none>`, `<>`},
		{"no VTL", `#if(true)$x $ ${context $input.body #end`, `#if(true)$x $ ${context $input.body #end`},
		{"nothing to replace", `fixed`, `fixed`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			def := define(methods{"GET /": mock("", types.IntegrationResponse{})})
			def.Stage.Variables = map[string]string{"color": "red"}
			def.GatewayResponses = []types.GatewayResponse{gatewayResponse(types.GatewayResponseTypeMissingAuthenticationToken, "404", c.template)}
			if got := serve(t, def, nil).call("GET", "/x", ""); got.status != 404 || got.body != c.want {
				t.Errorf("%d %s, want %s", got.status, got.body, c.want)
			}
		})
	}
}

func TestGatewayResponseHasHeadersAndATypeByAccept(t *testing.T) {
	def := define(methods{"GET /": mock("", types.IntegrationResponse{})})
	r := types.GatewayResponse{
		ResponseType: types.GatewayResponseTypeDefault4xx,
		ResponseParameters: map[string]string{
			"gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
			"gatewayresponse.header.WWW-Authenticate":            "'Basic'",
			"gatewayresponse.header.content-length":              "'7'",
			"gatewayresponse.header.X-Query":                     "method.request.querystring.q",
			"gatewayresponse.header.X-None":                      "method.request.header.none",
			"gatewayresponse.header.X-Path":                      "context.path",
		},
		ResponseTemplates: map[string]string{"application/xml": "<m/>", "application/json": "{}"},
	}
	def.GatewayResponses = []types.GatewayResponse{r}
	s := serve(t, def, nil)
	got := s.call("GET", "/x?q=1", "")
	want := map[string]string{"Access-Control-Allow-Origin": "*", "WWW-Authenticate": "Basic", "X-Query": "1", "X-None": "", "X-Amzn-Remapped-Content-Length": "7", "Content-Length": "2",
		"X-Path": "/prod/x", "Content-Type": "application/json"}
	for name, value := range want {
		if got.header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), value)
		}
	}
	if got := s.call("GET", "/x", "", "Accept: application/xml"); got.body != "<m/>" || got.header.Get("Content-Type") != "application/xml" {
		t.Errorf("%+v", got)
	}
}
