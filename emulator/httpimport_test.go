package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"

	"postern/emulator"
)

// echoAPI is a document of an HTTP API whose backend is at the URL.
func echoAPI(backend, path string) *string {
	return aws.String(fmt.Sprintf(`
openapi: 3.0.1
info: {title: echo, version: "1"}
paths:
  %s:
    get:
      x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/echo"}
  /signed:
    get:
      security: [{sigv4: []}]
      x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/echo"}
  /members:
    get:
      security: [{members: [pets/read]}]
      x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/echo"}
components:
  securitySchemes:
    members:
      type: openIdConnect
      openIdConnectUrl: https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab/.well-known/openid-configuration
      x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {audience: [app]}}
  x-amazon-apigateway-integrations:
    echo:
      type: http_proxy
      httpMethod: ANY
      payloadFormatVersion: "1.0"
      uri: %s
      requestParameters: {"overwrite:header.pet": $request.path.petId}
      responseParameters: {"200": {"append:header.mapped": "yes"}}
x-amazon-apigateway-cors: {allowOrigins: ["https://example.com"], allowMethods: [GET]}
`, path, backend))
}

// What does an imported HTTP API answer, also after a reimport and as a copy of its export?
func TestAnImportedHTTPAPIIsServed(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "pet "+r.Header.Get("pet"))
	}))
	t.Cleanup(backend.Close)
	s := start(t, emulator.Config{})
	gw := apigatewayv2.NewFromConfig(s.aws())
	imported, err := gw.ImportApi(t.Context(), &apigatewayv2.ImportApiInput{Body: echoAPI(backend.URL, "/pets/{petId}"), FailOnWarnings: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	a := &httpAPI{s, *imported.ApiId, gw}
	a.createStage(t, "$default", nil)
	a.wantEcho(t, "/pets/rex")
	_, err = gw.ReimportApi(t.Context(), &apigatewayv2.ReimportApiInput{ApiId: &a.id, Body: echoAPI(backend.URL, "/animals/{petId}")})
	if err != nil {
		t.Fatal(err)
	}
	a.wantEcho(t, "/animals/rex")
	if res, _ := a.send(t, "GET", "/pets/rex", ""); res.StatusCode != 404 {
		t.Errorf("a route that is no more: %d", res.StatusCode)
	}
	for _, kind := range []string{"JSON", "YAML"} {
		export, err := gw.ExportApi(t.Context(), &apigatewayv2.ExportApiInput{ApiId: &a.id, OutputType: &kind, Specification: aws.String("OAS30"), StageName: aws.String("$default")})
		if err != nil {
			t.Fatal(err)
		}
		body := string(export.Body)
		copied, err := gw.ImportApi(t.Context(), &apigatewayv2.ImportApiInput{Body: &body, FailOnWarnings: aws.Bool(true)})
		if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		c := &httpAPI{s, *copied.ApiId, gw}
		c.createStage(t, "$default", nil)
		c.wantEcho(t, "/animals/rex")
	}
}

func (a *httpAPI) wantEcho(t *testing.T, path string) {
	t.Helper()
	res, body := a.send(t, "GET", path, "", "Origin: https://example.com")
	if res.StatusCode != 200 || body != "pet rex" || res.Header.Get("mapped") != "yes" || res.Header.Get("Access-Control-Allow-Origin") != "https://example.com" {
		t.Errorf("%s: %d %s %v", path, res.StatusCode, body, res.Header)
	}
	token := func(scopes ...string) string {
		return "Authorization: Bearer " + a.token(t, emulator.TokenRequest{UserPool: "us-east-1_Ab", ClientID: "app", Subject: "ada", Scopes: scopes})
	}
	for _, c := range []struct {
		path    string
		headers []string
		status  int
	}{
		{"/signed", nil, 403},
		{"/members", nil, 401},
		{"/members", []string{token("pets/write")}, 403},
		{"/members", []string{token("pets/read")}, 200},
	} {
		if res, body := a.send(t, "GET", c.path, "", c.headers...); res.StatusCode != c.status {
			t.Errorf("%s with %s: %d %s, want %d", c.path, c.headers, res.StatusCode, body, c.status)
		}
	}
}

func TestAnExportIsOfTheTypeThatItIs(t *testing.T) {
	s := start(t, emulator.Config{})
	a := s.createHTTPAPI(t, apigatewayv2.CreateApiInput{})
	for kind, want := range map[string]string{"JSON": "application/json", "YAML": "application/yaml"} {
		res, err := http.Get(s.url("/v2/apis/" + a.id + "/exports/OAS30?outputType=" + kind))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if got := res.Header.Get("Content-Type"); got != want || !strings.Contains(string(body), "3.0.1") {
			t.Errorf("%s: %s, %s", kind, got, body)
		}
	}
}
