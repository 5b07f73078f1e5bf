package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"postern/emulator"
)

// An httpAPI is an HTTP API of a test, with a $default stage that deploys by itself.
type httpAPI struct {
	*server
	id string
	gw *apigatewayv2.Client
}

// createHTTPAPI makes an API; routes are added later.
func (s *server) createHTTPAPI(t *testing.T, in apigatewayv2.CreateApiInput) *httpAPI {
	t.Helper()
	gw := apigatewayv2.NewFromConfig(s.aws())
	in.Name, in.ProtocolType = aws.String(t.Name()), types.ProtocolTypeHttp
	api, err := gw.CreateApi(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	a := &httpAPI{s, *api.ApiId, gw}
	a.createStage(t, "$default", nil)
	return a
}

func (a *httpAPI) createStage(t *testing.T, name string, variables map[string]string) {
	t.Helper()
	_, err := a.gw.CreateStage(t.Context(), &apigatewayv2.CreateStageInput{ApiId: &a.id, StageName: &name, AutoDeploy: aws.Bool(true), StageVariables: variables})
	if err != nil {
		t.Fatal(err)
	}
}

// route makes a route with an integration of its own.
func (a *httpAPI) route(t *testing.T, key string, in apigatewayv2.CreateIntegrationInput) {
	t.Helper()
	in.ApiId = &a.id
	i, err := a.gw.CreateIntegration(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.gw.CreateRoute(t.Context(), &apigatewayv2.CreateRouteInput{ApiId: &a.id, RouteKey: &key, Target: aws.String("integrations/" + *i.IntegrationId)})
	if err != nil {
		t.Fatal(err)
	}
}

// functionAt is an integration with a function.
func functionAt(uri, version string) apigatewayv2.CreateIntegrationInput {
	return apigatewayv2.CreateIntegrationInput{IntegrationType: types.IntegrationTypeAwsProxy, IntegrationUri: &uri, PayloadFormatVersion: &version}
}

// permit lets API Gateway call a function for what a source ARN is like.
func (s *server) permit(t *testing.T, function, statement, source string) {
	t.Helper()
	_, err := lambda.NewFromConfig(s.aws()).AddPermission(t.Context(), &lambda.AddPermissionInput{
		FunctionName: &function, StatementId: &statement, Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("apigateway.amazonaws.com"), SourceArn: &source,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *server) forbid(t *testing.T, function, statement string) {
	t.Helper()
	_, err := lambda.NewFromConfig(s.aws()).RemovePermission(t.Context(), &lambda.RemovePermissionInput{FunctionName: &function, StatementId: &statement})
	if err != nil {
		t.Fatal(err)
	}
}

// send makes a request for the API; headers are "Name: value".
func (a *httpAPI) send(t *testing.T, verb, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	return a.sendTo(t, a.id+".execute-api.us-east-1.localhost", verb, path, body, headers...)
}

// sendTo is send by a host's name.
func (a *httpAPI) sendTo(t *testing.T, host, verb, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), verb, a.url(path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	return do(t, req)
}

const tell = `import json
def handle(event, context):
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "cookies": ["a=1", "b=2"], "body": json.dumps(event)}
`

// The main job of an HTTP API: functions and a backend behind routes of every kind, by both formats.
func TestAnHTTPAPIServesFunctionsAndBackends(t *testing.T) {
	needProgram(t, "python3")
	t.Parallel()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s via=%s", r.Method, r.URL.RequestURI(), r.Header.Get("Via"))
	}))
	t.Cleanup(backend.Close)
	s := start(t, emulator.Config{Lambda: processes(t)})
	function := s.createPythonFunction(t, "tell", tell)
	a := s.createHTTPAPI(t, apigatewayv2.CreateApiInput{CorsConfiguration: &types.Cors{AllowOrigins: []string{"https://a.example"}, AllowMethods: []string{"GET"}}})
	s.permit(t, function, "all", "arn:aws:execute-api:us-east-1:000000000000:"+a.id+"/*")
	a.route(t, "GET /pets/{id}", functionAt(function, "2.0"))
	a.route(t, "ANY /old/{proxy+}", functionAt("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"+function+"/invocations", "1.0"))
	a.route(t, "ANY /to/{proxy+}", apigatewayv2.CreateIntegrationInput{
		IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"), IntegrationUri: aws.String(backend.URL + "/at/{proxy}"),
		PayloadFormatVersion: aws.String("1.0"), RequestParameters: map[string]string{"append:querystring.from": "$context.apiId"},
	})

	res, body := a.send(t, "GET", "/pets/a%20b?q=1", "", "Origin: https://a.example")
	var e struct {
		Version, RouteKey, RawPath string
		PathParameters             map[string]string
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err, body)
	}
	if e.Version != "2.0" || e.RouteKey != "GET /pets/{id}" || e.RawPath != "/pets/a b" || e.PathParameters["id"] != "a b" {
		t.Errorf("%+v", e)
	}
	if res.StatusCode != 200 || len(res.Cookies()) != 2 || res.Header.Get("Access-Control-Allow-Origin") != "https://a.example" || res.Header.Get("Apigw-Requestid") == "" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	if _, body := a.send(t, "POST", "/old/x/y", "hi", "Content-Type: text/plain"); !strings.Contains(body, `"version": "1.0"`) || !strings.Contains(body, `"resourceId": "ANY /old/{proxy+}"`) {
		t.Error(body)
	}
	if _, body := a.send(t, "PUT", "/to/x/y?q=1", "hi"); body != "PUT /at/x/y?q=1&from="+a.id+" via=HTTP/1.1 AmazonAPIGateway" {
		t.Error(body)
	}
	if res, body := a.send(t, "POST", "/pets/1", ""); res.StatusCode != 404 || body != `{"message":"Not Found"}` {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if res, _ := a.send(t, "OPTIONS", "/pets/1", "", "Origin: https://a.example", "Access-Control-Request-Method: GET"); res.StatusCode != 204 || res.Header.Get("Access-Control-Allow-Methods") != "GET" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	a.route(t, "$default", functionAt(function, "2.0"))
	if _, body := a.send(t, "POST", "/pets/1", ""); !strings.Contains(body, `"routeKey": "$default"`) {
		t.Error(body)
	}
}

// What consoles, tools and guides put into the policies of functions. Sources: aws/serverless-application-model
// samtranslator/model/eventsources/push.py (HttpApi) and its #1860; aws-cdk aws-apigatewayv2-integrations
// lambda.ts; terraform-aws-modules/terraform-aws-apigateway-v2#41; the HTTP API guide's quick create.
func TestPermissionsOfTheUsualToolsLetHTTPAPIsCallFunctions(t *testing.T) {
	needProgram(t, "python3")
	t.Parallel()
	s := start(t, emulator.Config{Lambda: processes(t)})
	function := s.createPythonFunction(t, "f", "def handle(event, context):\n    return event['routeKey']\n")
	a := s.createHTTPAPI(t, apigatewayv2.CreateApiInput{})
	for _, key := range []string{"GET /pets/{id}", "ANY /any", "POST /greedy/{proxy+}", "$default"} {
		a.route(t, key, functionAt(function, "2.0"))
	}
	arn := "arn:aws:execute-api:us-east-1:000000000000:" + a.id
	calls := map[string][2]string{
		"GET /pets/{id}": {"GET", "/pets/1"}, "ANY /any": {"PUT", "/any"}, "POST /greedy/{proxy+}": {"POST", "/greedy/a/b"}, "$default": {"GET", "/else"},
	}
	for n, c := range []struct {
		source string
		routes string // that may call then, separated by "|"
	}{
		{arn + "/*", "GET /pets/{id}|ANY /any|POST /greedy/{proxy+}|$default"},
		{arn + "/*/*", "GET /pets/{id}|ANY /any|POST /greedy/{proxy+}|$default"},
		{arn + "/*/*/*", "GET /pets/{id}|ANY /any|POST /greedy/{proxy+}"},
		{arn + "/*/$default", "$default"},
		{arn + "/$default/$default", "$default"},
		{arn + "/*/*/$default", ""},
		{arn + "/*/GET/pets/*", "GET /pets/{id}"},
		{arn + "/*/*/pets/{id}", "GET /pets/{id}"},
		{arn + "/$default/GET/pets/{id}", "GET /pets/{id}"},
		{arn + "/*/*/any", "ANY /any"},
		{arn + "/*/POST/greedy/*", "POST /greedy/{proxy+}"},
		{arn + "/*/*/greedy/{proxy+}", "POST /greedy/{proxy+}"},
		{arn + "/dev/*", ""},
	} {
		t.Run(strings.TrimPrefix(c.source, arn), func(t *testing.T) {
			statement := fmt.Sprint("s", n)
			s.permit(t, function, statement, c.source)
			defer s.forbid(t, function, statement)
			for key, call := range calls {
				want := `500 {"message":"Internal Server Error"}`
				if strings.Contains("|"+c.routes+"|", "|"+key+"|") {
					want = "200 " + key
				}
				res, body := a.send(t, call[0], call[1], "")
				if got := fmt.Sprint(res.StatusCode, " ", body); got != want {
					t.Errorf("%s: %s, want %s", key, got, want)
				}
			}
		})
	}
}

// HTTP API guide, "Use stage variables": a function and its alias by stage; and what is served is served
// after a restart.
func TestStagesOfAnHTTPAPI(t *testing.T) {
	needProgram(t, "python3")
	t.Parallel()
	dir := t.TempDir()
	var id string
	check := func(t *testing.T, s *server) {
		t.Helper()
		for path, want := range map[string]string{
			"/pets":      "200 $default /pets $LATEST",
			"/dev/pets":  "200 dev /dev/pets 1",
			"/test/pets": `500 {"message":"Internal Server Error"}`,
			"/other":     `404 {"message":"Not Found"}`,
			"/dev":       `404 {"message":"Not Found"}`,
		} {
			a := &httpAPI{server: s, id: id}
			res, body := a.send(t, "GET", path, "")
			if got := fmt.Sprint(res.StatusCode, " ", body); got != want {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
	}
	t.Run("deployed", func(t *testing.T) {
		s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
		function := s.createPythonFunction(t, "f", "def handle(event, context):\n    return event['requestContext']['stage'] + ' ' + event['rawPath'] + ' ' + context.function_version\n")
		client := lambda.NewFromConfig(s.aws())
		if _, err := client.PublishVersion(t.Context(), &lambda.PublishVersionInput{FunctionName: &function}); err != nil {
			t.Fatal(err)
		}
		for alias, version := range map[string]string{"live": "1", "next": "$LATEST"} {
			if _, err := client.CreateAlias(t.Context(), &lambda.CreateAliasInput{FunctionName: &function, Name: &alias, FunctionVersion: &version}); err != nil {
				t.Fatal(err)
			}
		}
		a := s.createHTTPAPI(t, apigatewayv2.CreateApiInput{})
		id = a.id
		source := "arn:aws:execute-api:us-east-1:000000000000:" + id + "/*"
		s.permit(t, function+":next", "all", source)
		s.permit(t, function+":live", "all", source)
		a.createStage(t, "dev", map[string]string{"alias": "live"})
		a.createStage(t, "test", map[string]string{"alias": "gone"})
		if _, err := a.gw.UpdateStage(t.Context(), &apigatewayv2.UpdateStageInput{ApiId: &id, StageName: aws.String("$default"), StageVariables: map[string]string{"alias": "next"}}); err != nil {
			t.Fatal(err)
		}
		a.route(t, "GET /pets", functionAt(function+":${stageVariables.alias}", "2.0"))
		check(t, s)
	})
	t.Run("after a restart", func(t *testing.T) { check(t, start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})) })
	t.Run("a named stage alone", func(t *testing.T) {
		s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
		a := &httpAPI{s, id, apigatewayv2.NewFromConfig(s.aws())}
		if _, err := a.gw.DeleteStage(t.Context(), &apigatewayv2.DeleteStageInput{ApiId: &id, StageName: aws.String("$default")}); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{"/pets": `404 {"message":"Not Found"}`, "/dev/pets": "200 dev /dev/pets 1"} {
			res, body := a.send(t, "GET", path, "")
			if got := fmt.Sprint(res.StatusCode, " ", body); got != want {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
	})
}

// HTTP API guide, "Payload format differences" and "API mappings": the mapping with the longest key serves, its key is
// in path of format 1.0 alone, and the stage has no name in the URL but in rawPath.
func TestAnHTTPAPIAtACustomDomain(t *testing.T) {
	needProgram(t, "python3")
	t.Parallel()
	b := newDomainBench(t, emulator.Config{}, "here")
	b.v2Domain(t, "shop.example.com", types.RoutingModeApiMappingOnly)
	function := b.createPythonFunction(t, "f", "def handle(event, context):\n    c = event['requestContext']\n"+
		"    return {'statusCode': 200, 'body': ' '.join([event.get('rawPath') or event['path'], c['domainName'], c['domainPrefix'], c['stage']])}\n")
	a := b.createHTTPAPI(t, apigatewayv2.CreateApiInput{DisableExecuteApiEndpoint: aws.Bool(true)})
	b.permit(t, function, "all", "arn:aws:execute-api:us-east-1:000000000000:"+a.id+"/*")
	a.createStage(t, "dev", nil)
	a.route(t, "GET /pets", functionAt(function, "2.0"))
	a.route(t, "GET /old", functionAt(function, "1.0"))
	b.v2Map(t, "shop.example.com", "", &a.id, "$default")
	b.v2Map(t, "shop.example.com", "orders/v1", &a.id, "dev")
	for path, want := range map[string]string{
		"/pets":           "200 /pets shop.example.com shop $default",
		"/old":            "200 /old shop.example.com shop $default",
		"/orders/v1/pets": "200 /dev/pets shop.example.com shop dev",
		"/orders/v1/old":  "200 /orders/v1/old shop.example.com shop dev",
		"/orders/pets":    `404 {"message":"Not Found"}`,
	} {
		res, body := a.sendTo(t, "shop.example.com", "GET", path, "")
		if got := fmt.Sprint(res.StatusCode, " ", body); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if res, body := a.send(t, "GET", "/pets", ""); res.StatusCode != 403 || body != `{"message":"Forbidden"}` {
		t.Errorf("at the disabled endpoint: %d %s", res.StatusCode, body)
	}
}
