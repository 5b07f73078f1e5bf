package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"postern/emulator"
)

// test calls a method of a resource as it is now.
func (m *mockAPI) test(t *testing.T, in *apigateway.TestInvokeMethodInput) *apigateway.TestInvokeMethodOutput {
	t.Helper()
	in.RestApiId = m.id
	if in.ResourceId == nil {
		in.ResourceId = m.root
	}
	if in.HttpMethod == nil {
		in.HttpMethod = aws.String("GET")
	}
	out, err := m.gw.TestInvokeMethod(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	uuid      = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
	javaDate  = regexp.MustCompile(`(?m)^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4} : `)
	traceID   = regexp.MustCompile(`Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;Parent=[0-9a-f]{16};Sampled=0)?`)
	latencyMS = regexp.MustCompile(`latency: \d+ ms`)
	amzDate   = regexp.MustCompile(`X-Amz-Date=\w+`)
	httpDate  = regexp.MustCompile(`\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`)
)

// masked is a log without what differs from run to run.
func masked(log string) string {
	for _, m := range []struct {
		of *regexp.Regexp
		by string
	}{{javaDate, "{date} : "}, {uuid, "{id}"}, {traceID, "{trace}"}, {latencyMS, "latency: {n} ms"}, {amzDate, "X-Amz-Date={date}"}, {httpDate, "{date}"}} {
		log = m.of.ReplaceAllString(log, m.by)
	}
	return log
}

// The log of a MOCK as it was recorded on AWS: facts/rest-dataplane.md, section 17.
func TestInvokeMethodOfAMock(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, `$input.params('q') $stageVariables.v $context.stage $context.identity.sourceIp $context.domainName $context.path`)
	out := m.test(t, &apigateway.TestInvokeMethodInput{
		PathWithQueryString: aws.String("/?q=1"), Headers: map[string]string{"x-Key": "k"}, StageVariables: map[string]string{"v": "w"},
	})
	const body = `1 w test-invoke-stage test-invoke-source-ip testPrefix.testDomainName /`
	want := `Execution log for request {id}
{date} : Starting execution for request: {id}
{date} : HTTP Method: GET, Resource Path: /
{date} : Method request path: {}
{date} : Method request query string: {q=1}
{date} : Method request headers: {x-Key=k}
{date} : Method request body before transformations: ` + `
{date} : Method response body after transformations: ` + body + `
{date} : Method response headers: {Content-Type=application/json}
{date} : Successfully completed execution
{date} : Method completed with status: 200
`
	if diff := cmp.Diff(want, masked(*out.Log)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if out.Status != 200 || *out.Body != body || out.Headers["Content-Type"] != "application/json" || len(out.MultiValueHeaders["Content-Type"]) != 1 {
		t.Errorf("%d %s %v %v", out.Status, *out.Body, out.Headers, out.MultiValueHeaders)
	}
	if res, _ := fetch(t, m.invokeURL("/")); res.StatusCode == 200 {
		t.Error("what was only tested is deployed")
	}
}

func TestInvokeMethodFindsPathParameters(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "")
	pet, err := m.gw.CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: m.id, ParentId: m.root, PathPart: aws.String("{petId}")})
	if err != nil {
		t.Fatal(err)
	}
	m.root = pet.Id
	if _, err := m.gw.PutMethod(t.Context(), &apigateway.PutMethodInput{RestApiId: m.id, ResourceId: m.root, HttpMethod: aws.String("GET"),
		AuthorizationType: aws.String("AWS_IAM"), ApiKeyRequired: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.gw.PutMethodResponse(t.Context(), &apigateway.PutMethodResponseInput{RestApiId: m.id, ResourceId: m.root, HttpMethod: aws.String("GET"), StatusCode: aws.String("200")}); err != nil {
		t.Fatal(err)
	}
	m.integrate(t, &apigateway.PutIntegrationInput{Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}})
	m.answer(t, `[$input.params('petId')]`)
	for path, want := range map[string]string{"/7": "[7]", "/other/path": "[]", "": "[{petId}]"} {
		in := &apigateway.TestInvokeMethodInput{}
		if path != "" {
			in.PathWithQueryString = &path
		}
		if out := m.test(t, in); *out.Body != want {
			t.Errorf("path %q: %s, want %s", path, *out.Body, want)
		}
	}
}

// The failure as it was recorded on AWS.
func TestInvokeMethodOfABadAddress(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "")
	m.integrate(t, &apigateway.PutIntegrationInput{Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), Uri: aws.String("http://${stageVariables.none}/")})
	out := m.test(t, &apigateway.TestInvokeMethodInput{})
	const end = "{date} : Execution failed due to configuration error: Invalid endpoint address\n{date} : Method completed with status: 500\n"
	if !strings.HasSuffix(masked(*out.Log), end) {
		t.Errorf("log ends\n%s", *out.Log)
	}
	if diff := cmp.Diff(map[string]string{"x-amzn-ErrorType": "InternalServerErrorException"}, out.Headers); out.Status != 500 || *out.Body != `{"message": "Internal server error"}` || diff != "" {
		t.Errorf("%d %s %s", out.Status, *out.Body, diff)
	}
}

func TestInvokeMethodOfAnHTTPProxy(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.Header.Get("User-Agent"))
		w.WriteHeader(202)
	}))
	defer backend.Close()
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "")
	m.integrate(t, &apigateway.PutIntegrationInput{Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), Uri: &backend.URL})
	out := m.test(t, &apigateway.TestInvokeMethodInput{})
	if out.Status != 202 || out.Headers["X-Seen"] != "AmazonAPIGateway_"+*m.id || !strings.Contains(masked(*out.Log), "Received response. Status: 202, Integration latency: {n} ms\n") {
		t.Errorf("%d %v\n%s", out.Status, out.Headers, *out.Log)
	}
}

func TestInvokeMethodOfAFunction(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	arn := s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("f"), Runtime: lambdatypes.RuntimePython312, Handler: aws.String("handler.handle"),
		Code: &lambdatypes.FunctionCode{ZipFile: packed(t, map[string][]byte{"handler.py": []byte(`
import json
def handle(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
`)})},
	})
	m := s.createMock(t, "")
	m.integrate(t, &apigateway.PutIntegrationInput{Type: types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"),
		Uri: aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + arn + "/invocations")})

	refused := m.test(t, &apigateway.TestInvokeMethodInput{})
	if refused.Status != 500 || !strings.Contains(*refused.Log, "Execution failed due to configuration error: Invalid permissions on Lambda function\n") {
		t.Errorf("without permission: %d\n%s", refused.Status, *refused.Log)
	}
	if _, err := lambda.NewFromConfig(s.aws()).AddPermission(t.Context(), &lambda.AddPermissionInput{
		FunctionName: aws.String("f"), StatementId: aws.String("s"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com"),
		SourceArn: aws.String("arn:aws:execute-api:us-east-1:000000000000:" + *m.id + "/*/GET/"),
	}); err != nil {
		t.Fatal(err)
	}
	out := m.test(t, &apigateway.TestInvokeMethodInput{Headers: map[string]string{"day": "Wednesday"}})
	var event struct {
		Headers        map[string]string
		RequestContext map[string]any
	}
	if err := json.Unmarshal([]byte(*out.Body), &event); err != nil {
		t.Fatalf("%d %s\n%s", out.Status, *out.Body, *out.Log)
	}
	if diff := cmp.Diff(map[string]string{"day": "Wednesday"}, event.Headers); diff != "" {
		t.Error(diff)
	}
	c := event.RequestContext
	identity, _ := c["identity"].(map[string]any)
	for name, want := range map[string]any{"stage": "test-invoke-stage", "path": "/", "domainName": "testPrefix.testDomainName", "domainPrefix": "testPrefix", "deploymentId": nil} {
		if c[name] != want {
			t.Errorf("%s = %v, want %v", name, c[name], want)
		}
	}
	for name, want := range map[string]any{"sourceIp": "test-invoke-source-ip", "apiKey": "test-invoke-api-key", "apiKeyId": "test-invoke-api-key-id",
		"accountId": "000000000000", "accessKey": "test", "userArn": "arn:aws:iam::000000000000:root", "user": "000000000000"} {
		if identity[name] != want {
			t.Errorf("identity.%s = %v, want %v", name, identity[name], want)
		}
	}
	if agent, _ := identity["userAgent"].(string); !strings.Contains(agent, "aws-sdk-go") {
		t.Errorf("userAgent %q", agent)
	}
	for _, want := range []string{
		"Endpoint request headers: {x-amzn-lambda-integration-tag={id}, Authorization=******************************, X-Amz-Date={date}, x-amzn-apigateway-api-id=" + *m.id + ", Accept=application/json, User-Agent=AmazonAPIGateway_" + *m.id + "}\n",
		"Connection=keep-alive, x-amzn-RequestId={id}, x-amzn-Remapped-Content-Length=0, X-Amz-Executed-Version=$LATEST, X-Amzn-Trace-Id={trace}}\n",
		"Method response headers: {X-Amzn-Trace-Id={trace}}\n",
	} {
		if !strings.Contains(masked(*out.Log), want) {
			t.Errorf("the log lacks %s\n%s", want, masked(*out.Log))
		}
	}
}
