package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator"
)

// An authorizer that does what the token asks, and counts how often it was asked.
const pythonAuthorizer = `
count = 0

def handle(event, context):
    global count
    count += 1
    token = event.get("authorizationToken") or event["headers"].get("token") or event["queryStringParameters"].get("token")
    if token == "unauthorized":
        raise Exception("Unauthorized")
    if token == "throw":
        raise Exception("no such luck")
    if token == "text":
        return "allow"
    if token == "nested":
        return answer("Allow", "*", {"a": [1]})
    if token == "deny":
        return answer("Deny", "*", {"why": "because"})
    if token == "elsewhere":
        return answer("Allow", event["methodArn"] + "/not/here", {})
    if token == "gets":
        return answer("Allow", "arn:aws:execute-api:*:*:*/*/GET/*", {"count": count})
    return answer("Allow", "*", {"count": count, "yes": True, "ratio": 1.5, "arn": event["methodArn"], "type": event["type"]})

def answer(effect, resource, context):
    return {"principalId": "me", "context": context, "usageIdentifierKey": "key-of-the-caller-20-long",
            "policyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}]}}
`

const echoAuthorizer = `
import json
def handle(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"].get("authorizer"))}
`

// A guarded is an API whose only method is behind an authorizer.
type guarded struct {
	*server
	api, root, resource, authorizer string
	gw                              *apigateway.Client
}

func invocation(arn string) *string {
	return aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + arn + "/invocations")
}

// guard deploys ANY /{proxy+}, which answers what the authorizer said, behind an authorizer.
func guard(t *testing.T, s *server, in apigateway.CreateAuthorizerInput, variables map[string]string) *guarded {
	t.Helper()
	ctx, g := t.Context(), &guarded{server: s, gw: apigateway.NewFromConfig(s.aws())}
	backend := s.createPythonFunction(t, "backend", echoAuthorizer)
	api, err := g.gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("guarded")})
	if err != nil {
		t.Fatal(err)
	}
	g.api, g.root = *api.Id, *api.RootResourceId
	in.RestApiId = api.Id
	a, err := g.gw.CreateAuthorizer(ctx, &in)
	if err != nil {
		t.Fatal(err)
	}
	g.authorizer = *a.Id
	for name, source := range map[string]string{"auth": "/authorizers/" + *a.Id, "backend": "/*"} {
		_, err := lambda.NewFromConfig(s.aws()).AddPermission(ctx, &lambda.AddPermissionInput{
			FunctionName: &name, StatementId: aws.String("gateway"), Action: aws.String("lambda:InvokeFunction"),
			Principal: aws.String("apigateway.amazonaws.com"), SourceArn: aws.String("arn:aws:execute-api:us-east-1:000000000000:" + *api.Id + source)})
		if err != nil {
			t.Fatal(err)
		}
	}
	res, err := g.gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: api.RootResourceId, PathPart: aws.String("{proxy+}")})
	if err != nil {
		t.Fatal(err)
	}
	g.resource = *res.Id
	_, err = g.gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: res.Id, HttpMethod: aws.String("ANY"), AuthorizationType: aws.String("CUSTOM"), AuthorizerId: a.Id})
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: res.Id, HttpMethod: aws.String("ANY"),
		Type: gwtypes.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"), Uri: invocation(backend)})
	if err != nil {
		t.Fatal(err)
	}
	g.deploy(t, variables)
	return g
}

func (g *guarded) deploy(t *testing.T, variables map[string]string) {
	t.Helper()
	_, err := g.gw.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &g.api, StageName: aws.String("test"), Variables: variables})
	if err != nil {
		t.Fatal(err)
	}
}

// call answers "status error-type body".
func (g *guarded) call(t *testing.T, verb, path string, headers ...string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), verb, g.url("/_aws/execute-api/"+g.api+"/test"+path), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(fmt.Sprint(res.StatusCode, " ", res.Header.Get("x-amzn-ErrorType"), " ", string(body))), " ")
}

func TestATokenAuthorizerDecides(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	g := guard(t, s, apigateway.CreateAuthorizerInput{
		Name: aws.String("a"), Type: gwtypes.AuthorizerTypeToken, IdentitySource: aws.String("method.request.header.Token"),
		IdentityValidationExpression: aws.String("[a-z]+"), AuthorizerUri: invocation(s.createPythonFunction(t, "auth", pythonAuthorizer)),
		AuthorizerResultTtlInSeconds: aws.Int32(0),
	}, nil)
	const broken = "500 AuthorizerConfigurationException {\"message\":null}"
	for _, c := range []struct{ token, want string }{
		{"", `401 UnauthorizedException {"message":"Unauthorized"}`},
		{"Upper", `401 UnauthorizedException {"message":"Unauthorized"}`},
		{"unauthorized", `401 UnauthorizedException {"message":"Unauthorized"}`},
		{"throw", broken},
		{"text", broken},
		{"nested", broken},
		{"deny", `403 AccessDeniedException {"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`},
		{"elsewhere", `403 AccessDeniedException {"Message":"User is not authorized to access this resource"}`},
	} {
		if got := g.call(t, "GET", "/a/b", "Token: "+c.token); got != c.want {
			t.Errorf("%s: %s", c.token, got)
		}
	}
	got := g.call(t, "GET", "/a/b", "token: yes")
	var context map[string]any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(got, "200 ")), &context); err != nil {
		t.Fatal(got, err)
	}
	for key, want := range map[string]any{
		"principalId": "me", "yes": "true", "ratio": "1.5", "count": "7", "type": "TOKEN",
		"arn": "arn:aws:execute-api:us-east-1:000000000000:" + g.api + "/test/GET/a/b",
	} {
		if context[key] != want {
			t.Errorf("%s is %v in %s", key, context[key], got)
		}
	}
	if _, ok := context["integrationLatency"].(float64); !ok {
		t.Errorf("no latency in %s", got)
	}
}

func TestACachedResultIsEvaluatedForEachMethod(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	s.createPythonFunction(t, "auth", pythonAuthorizer)
	variables := map[string]string{"name": "auth"}
	g := guard(t, s, apigateway.CreateAuthorizerInput{
		Name: aws.String("a"), Type: gwtypes.AuthorizerTypeToken, IdentitySource: aws.String("method.request.header.token"),
		AuthorizerUri: invocation("arn:aws:lambda:us-east-1:000000000000:function:${stageVariables.name}"),
	}, variables)
	counted := func(verb, path, token, want string) {
		t.Helper()
		if got := g.call(t, verb, path, "token: "+token); !strings.Contains(got, want) {
			t.Errorf("%s %s: %s, want %s", verb, path, got, want)
		}
	}
	counted("GET", "/a", "gets", `"count": "1"`)
	counted("GET", "/b", "gets", `"count": "1"`)
	counted("POST", "/b", "gets", "403 AccessDeniedException")
	counted("GET", "/b", "other", `"count": "2"`)
	counted("GET", "/b", "gets", `"count": "1", "principalId": "me", "integrationLatency": 0`)
	_, err := g.gw.FlushStageAuthorizersCache(t.Context(), &apigateway.FlushStageAuthorizersCacheInput{RestApiId: &g.api, StageName: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	counted("GET", "/a", "gets", `"count": "3"`)
	counted("GET", "/a", "unauthorized", "401")
	counted("GET", "/a", "unauthorized", "401")
	counted("GET", "/a", "more", `"count": "6"`) // a refusal is not remembered
	g.deploy(t, variables)
	counted("GET", "/a", "gets", `"count": "7"`)
	g.deploy(t, map[string]string{"name": "nobody"})
	counted("GET", "/a", "gets", "500 AuthorizerConfigurationException")
}

const nodeAuthorizer = `
exports.handle = async (event) => {
  if (event.headers.Who === 'nobody') throw new Error('Unauthorized')
  return {
    principalId: event.queryStringParameters.q, policyDocument: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: event.methodArn } },
    context: { keys: Object.keys(event).join(), param: event.pathParameters.proxy, variable: event.stageVariables.v, many: event.multiValueHeaders.Who.join('+'), stage: event.requestContext.stage },
  }
}
`

func TestARequestAuthorizerSeesTheRequest(t *testing.T) {
	needProgram(t, "node")
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	arn := s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("auth"), Runtime: lambdatypes.RuntimeNodejs22x, Handler: aws.String("index.handle"),
		Code: &lambdatypes.FunctionCode{ZipFile: packed(t, map[string][]byte{"index.js": []byte(nodeAuthorizer)})},
	})
	g := guard(t, s, apigateway.CreateAuthorizerInput{
		Name: aws.String("a"), Type: gwtypes.AuthorizerTypeRequest, AuthorizerUri: invocation(arn), AuthorizerResultTtlInSeconds: aws.Int32(60),
		IdentitySource: aws.String("method.request.header.Who, method.request.querystring.q,stageVariables.v , context.identity.sourceIp"),
	}, map[string]string{"v": "w"})
	want := `200 {"keys": "type,methodArn,resource,path,httpMethod,headers,multiValueHeaders,queryStringParameters,multiValueQueryStringParameters,pathParameters,stageVariables,requestContext", ` +
		`"param": "x/y", "variable": "w", "many": "I", "stage": "test", "principalId": "p", "integrationLatency": `
	if got := g.call(t, "GET", "/x/y?q=p", "Who: I"); !strings.HasPrefix(got, want) {
		t.Errorf("%s\nwant %s", got, want)
	}
	const unauthorized = `401 UnauthorizedException {"message":"Unauthorized"}`
	for _, got := range []string{g.call(t, "GET", "/x", "Who: I"), g.call(t, "GET", "/x?q=", "Who: I"), g.call(t, "GET", "/x?q=p"), g.call(t, "GET", "/x?q=p", "Who: nobody")} {
		if got != unauthorized {
			t.Error(got)
		}
	}
	if got := g.call(t, "GET", "/z?q=p", "Who: I"); !strings.HasPrefix(got, "403 ") {
		t.Errorf("what was allowed for another path: %s", got)
	}
}

func TestWhatTheAuthorizerSaysReachesMappingsAndGatewayResponses(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	g := guard(t, s, apigateway.CreateAuthorizerInput{
		Name: aws.String("a"), Type: gwtypes.AuthorizerTypeToken, IdentitySource: aws.String("method.request.header.token"),
		AuthorizerUri: invocation(s.createPythonFunction(t, "auth", pythonAuthorizer)),
	}, nil)
	ctx := t.Context()
	_, err := g.gw.PutGatewayResponse(ctx, &apigateway.PutGatewayResponseInput{RestApiId: &g.api, ResponseType: gwtypes.GatewayResponseTypeAccessDenied,
		ResponseTemplates:  map[string]string{"application/json": `{"why":"$context.authorizer.why","who":"$context.authorizer.principalId","message":$context.error.messageString}`},
		ResponseParameters: map[string]string{"gatewayresponse.header.x-why": "context.authorizer.why"}})
	if err != nil {
		t.Fatal(err)
	}
	get, root := aws.String("GET"), &g.root
	steps := []func() error{
		func() error {
			_, err := g.gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: &g.api, ResourceId: root, HttpMethod: get, AuthorizationType: aws.String("CUSTOM"), AuthorizerId: &g.authorizer})
			return err
		},
		func() error {
			_, err := g.gw.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: &g.api, ResourceId: root, HttpMethod: get, StatusCode: aws.String("200"),
				ResponseParameters: map[string]bool{"method.response.header.x-who": true}})
			return err
		},
		func() error {
			_, err := g.gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: &g.api, ResourceId: root, HttpMethod: get, Type: gwtypes.IntegrationTypeMock,
				RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}})
			return err
		},
		func() error {
			_, err := g.gw.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: &g.api, ResourceId: root, HttpMethod: get, StatusCode: aws.String("200"),
				ResponseParameters: map[string]string{"method.response.header.x-who": "context.authorizer.principalId"},
				ResponseTemplates:  map[string]string{"application/json": "$context.authorizer.principalId $context.authorizer.yes $context.authorizer['ratio'] $context.authorizer.none."}})
			return err
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	g.deploy(t, nil)
	if got := g.call(t, "GET", "/", "token: allow"); got != "200 me true 1.5 ." {
		t.Error(got)
	}
	want := `403 AccessDeniedException {"why":"because","who":"me","message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`
	if got := g.call(t, "GET", "/", "token: deny"); got != want {
		t.Error(got)
	}
}

func TestTheAuthorizerCanNameTheAPIKey(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	g := guard(t, s, apigateway.CreateAuthorizerInput{
		Name: aws.String("a"), Type: gwtypes.AuthorizerTypeToken, IdentitySource: aws.String("method.request.header.token"),
		AuthorizerUri: invocation(s.createPythonFunction(t, "auth", pythonAuthorizer)),
	}, nil)
	ctx := t.Context()
	_, err := g.gw.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: &g.api, PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/apiKeySource"), Value: aws.String("AUTHORIZER")}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.gw.UpdateMethod(ctx, &apigateway.UpdateMethodInput{RestApiId: &g.api, ResourceId: &g.resource, HttpMethod: aws.String("ANY"), PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/apiKeyRequired"), Value: aws.String("true")}}})
	if err != nil {
		t.Fatal(err)
	}
	g.deploy(t, nil)
	if got := g.call(t, "GET", "/a", "token: allow", "x-api-key: key-of-the-caller-20-long"); got != forbidden {
		t.Errorf("a key in no plan: %s", got)
	}
	plan, err := g.gw.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("p"), ApiStages: []gwtypes.ApiStage{{ApiId: &g.api, Stage: aws.String("test")}}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := g.gw.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("k"), Value: aws.String("key-of-the-caller-20-long"), Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = g.gw.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id, KeyType: aws.String("API_KEY")}); err != nil {
		t.Fatal(err)
	}
	if got := g.call(t, "GET", "/a", "token: allow"); !strings.HasPrefix(got, "200 ") {
		t.Errorf("the authorizer's key: %s", got)
	}
}

func TestTheExecutionLogTellsOfTheAuthorizer(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	g := guard(t, s, apigateway.CreateAuthorizerInput{
		Name: aws.String("a"), Type: gwtypes.AuthorizerTypeToken, IdentitySource: aws.String("method.request.header.token"),
		AuthorizerUri: invocation(s.createPythonFunction(t, "auth", pythonAuthorizer)),
	}, nil)
	patch := func(operations ...gwtypes.PatchOperation) {
		t.Helper()
		if _, err := g.gw.UpdateStage(t.Context(), &apigateway.UpdateStageInput{RestApiId: &g.api, StageName: aws.String("test"), PatchOperations: operations}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := g.gw.UpdateAccount(t.Context(), &apigateway.UpdateAccountInput{PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/cloudwatchRoleArn"), Value: aws.String("arn:aws:iam::000000000000:role/logs")}}})
	if err != nil {
		t.Fatal(err)
	}
	patch(gwtypes.PatchOperation{Op: gwtypes.OpReplace, Path: aws.String("/*/*/logging/loglevel"), Value: aws.String("INFO")},
		gwtypes.PatchOperation{Op: gwtypes.OpReplace, Path: aws.String("/*/*/logging/dataTrace"), Value: aws.String("true")})
	for _, token := range []string{"long-and-secret", "long-and-secret", "deny", "throw", "unauthorized", ""} {
		g.call(t, "GET", "/a", "token: "+token)
	}
	log := strings.Join(s.events(t, "API-Gateway-Execution-Logs_"+g.api+"/test"), "\n")
	for line, times := range map[string]int{
		") Starting authorizer: " + g.authorizer + " for request: ": 6,
		") Incoming identity: *********secret\n":                    2,
		") Endpoint request URI: https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:auth/invocations\n": 4,
		"X-Amz-Source-Arn=arn:aws:execute-api:us-east-1:000000000000:" + g.api + "/authorizers/" + g.authorizer + ", ":                                          4,
		`) Endpoint request body after transformations: {"type":"TOKEN","authorizationToken":"long-and-secret","methodArn":"arn:aws:execute-api:`:               1,
		`) Authorizer result body before parsing: {"principalId": "me", `:                                                                                       2,
		") Using valid authorizer policy for principal: me\n":                                                                                                   3,
		") Successfully completed authorizer execution\n":                                                                                                       3,
		") The client is not authorized to perform this operation.":                                                                                             1,
		`) Execution failed due to configuration error: Invalid JSON in response: Unrecognized field "errorMessage" , not marked as ignorable`:                  1,
		") AuthorizerConfigurationException":                                                                                                                    1,
		") Unauthorized request: ":                                                                                                                              2,
	} {
		if got := strings.Count(log, line); got != times {
			t.Errorf("%d times, not %d: %s", got, times, line)
		}
	}
	if t.Failed() {
		t.Log(log)
	}
}

func TestAnAuthorizerIsTestedBeforeItIsDeployed(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	g := guard(t, s, apigateway.CreateAuthorizerInput{
		Name: aws.String("a"), Type: gwtypes.AuthorizerTypeToken, IdentitySource: aws.String("method.request.header.token"),
		AuthorizerUri: invocation(s.createPythonFunction(t, "auth", pythonAuthorizer)),
	}, nil)
	ask := func(token string) *apigateway.TestInvokeAuthorizerOutput {
		t.Helper()
		out, err := g.gw.TestInvokeAuthorizer(t.Context(), &apigateway.TestInvokeAuthorizerInput{RestApiId: &g.api, AuthorizerId: &g.authorizer, Headers: map[string]string{"token": token}})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	arn := "arn:aws:execute-api:us-east-1:000000000000:" + g.api + "/ESTestInvoke-stage/GET/"
	for count := range 2 { // nothing is remembered
		out := ask("long-and-secret")
		if out.ClientStatus != 0 || aws.ToString(out.PrincipalId) != "me" || !strings.HasPrefix(aws.ToString(out.Policy), `{"Version": "2012-10-17", "Statement": [`) ||
			out.Authorization["arn"][0] != arn || out.Authorization["count"][0] != fmt.Sprint(count+1) {
			t.Errorf("%+v", out)
		}
		lines := strings.Split(aws.ToString(out.Log), "\n")
		if len(lines) < 9 || !strings.HasPrefix(lines[0], "Execution log for request ") || !strings.HasSuffix(lines[2], " : Incoming identity: *********secret") ||
			!strings.HasSuffix(lines[len(lines)-2], " UTC "+fmt.Sprint(time.Now().UTC().Year())+" : Successfully completed authorizer execution") {
			t.Error(aws.ToString(out.Log))
		}
	}
	for token, want := range map[string]int32{"": 401, "unauthorized": 401, "throw": 500, "deny": 0} {
		if out := ask(token); out.ClientStatus != want || (want == 0) != (out.Policy != nil) {
			t.Errorf("%s: %d\n%s", token, out.ClientStatus, aws.ToString(out.Log))
		}
	}
}
