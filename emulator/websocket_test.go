package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"postern/apigw/websocket/wstest"
	"postern/emulator"
)

// A socketAPI is a WebSocket API of a test.
type socketAPI struct {
	*server
	t  *testing.T
	gw *apigatewayv2.Client
	id *string
}

// createSocketAPI creates an API that selects routes by $request.body.action.
func (s *server) createSocketAPI(t *testing.T) *socketAPI {
	t.Helper()
	a := &socketAPI{server: s, t: t, gw: apigatewayv2.NewFromConfig(s.aws())}
	out, err := a.gw.CreateApi(t.Context(), &apigatewayv2.CreateApiInput{
		Name: aws.String(t.Name()), ProtocolType: types.ProtocolTypeWebsocket, RouteSelectionExpression: aws.String("$request.body.action"),
	})
	if err != nil {
		t.Fatal(err)
	}
	a.id = out.ApiId
	return a
}

// route creates a route with an integration of its own.
func (a *socketAPI) route(key string, i *apigatewayv2.CreateIntegrationInput, change ...func(*apigatewayv2.CreateRouteInput)) (routeID, integrationID *string) {
	a.t.Helper()
	i.ApiId = a.id
	integration, err := a.gw.CreateIntegration(a.t.Context(), i)
	if err != nil {
		a.t.Fatal(err)
	}
	in := &apigatewayv2.CreateRouteInput{ApiId: a.id, RouteKey: &key, Target: aws.String("integrations/" + *integration.IntegrationId)}
	for _, c := range change {
		c(in)
	}
	route, err := a.gw.CreateRoute(a.t.Context(), in)
	if err != nil {
		a.t.Fatal(err)
	}
	return route.RouteId, integration.IntegrationId
}

// twoWay is a route with a response.
func (a *socketAPI) twoWay(key string, i *apigatewayv2.CreateIntegrationInput, change ...func(*apigatewayv2.CreateRouteInput)) (integrationID *string) {
	a.t.Helper()
	route, integration := a.route(key, i, append(change, func(in *apigatewayv2.CreateRouteInput) {
		in.RouteResponseSelectionExpression = aws.String("$default")
	})...)
	if _, err := a.gw.CreateRouteResponse(a.t.Context(), &apigatewayv2.CreateRouteResponseInput{
		ApiId: a.id, RouteId: route, RouteResponseKey: aws.String("$default"),
	}); err != nil {
		a.t.Fatal(err)
	}
	return integration
}

// deploy deploys the API to its stage prod.
func (a *socketAPI) deploy(change ...func(*apigatewayv2.CreateStageInput)) {
	a.t.Helper()
	d, err := a.gw.CreateDeployment(a.t.Context(), &apigatewayv2.CreateDeploymentInput{ApiId: a.id})
	if err != nil {
		a.t.Fatal(err)
	}
	in := &apigatewayv2.CreateStageInput{ApiId: a.id, StageName: aws.String("prod"), DeploymentId: d.DeploymentId}
	for _, c := range change {
		c(in)
	}
	if _, err := a.gw.CreateStage(a.t.Context(), in); err != nil {
		a.t.Fatal(err)
	}
}

// proxyTo is a proxy integration with a function.
func proxyTo(functionARN string) *apigatewayv2.CreateIntegrationInput {
	return &apigatewayv2.CreateIntegrationInput{
		IntegrationType: types.IntegrationTypeAwsProxy, IntegrationMethod: aws.String("POST"),
		IntegrationUri: aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + functionARN + "/invocations"),
	}
}

func (a *socketAPI) host() string {
	return *a.id + ".execute-api.localhost:" + a.addr[strings.LastIndexByte(a.addr, ':')+1:]
}

// connect opens a connection to the stage.
func (a *socketAPI) connect(query string, header ...string) *wstest.Client {
	a.t.Helper()
	c, res := wstest.Dial(a.t, a.addr, a.host()+"/prod"+query, header...)
	if c == nil {
		body, _ := io.ReadAll(res.Body)
		a.t.Fatalf("%s %s", res.Status, body)
	}
	return c
}

// refused asks for a connection and returns the answer, which must not be 101.
func (a *socketAPI) refused(path string, header ...string) (status int, body string) {
	a.t.Helper()
	c, res := wstest.Dial(a.t, a.addr, a.host()+path, header...)
	if c != nil {
		a.t.Fatal("the connection was opened")
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// connections is the SDK's client for the stage's connections.
func (a *socketAPI) connections(change ...func(*apigatewaymanagementapi.Options)) *apigatewaymanagementapi.Client {
	c := a.aws()
	c.BaseEndpoint = aws.String(a.url("/_aws/execute-api/" + *a.id + "/prod"))
	return apigatewaymanagementapi.NewFromConfig(c, change...)
}

// socketEvents is a function that tells the test of every event, and does what messages ask for.
const socketEvents = `
import json, os, urllib.request

def handle(event, context):
    told = urllib.request.Request(os.environ["RECORDER"], data=json.dumps(event).encode())
    urllib.request.urlopen(told, timeout=10).read()
    query = event.get("queryStringParameters") or {}
    if "status" in query:
        return {"statusCode": int(query["status"]), "body": "of the function"}
    if "fail" in query:
        raise ValueError("as asked")
    if "protocol" in query:
        return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": query["protocol"], "X-Other": "x"}}
    message = json.loads(event["body"]) if event.get("body", "").startswith("{") else {}
    if message.get("do") == "fail":
        raise ValueError("as asked")
    if message.get("do") == "nothing":
        return None
    return {"statusCode": message.get("status", 200), "body": "answer to " + event.get("body", "nothing")}
`

// recorder makes a function of socketEvents, and gives the events that it gets.
func (s *server) recorder(t *testing.T) (functionARN string, events chan socketEvent) {
	t.Helper()
	events = make(chan socketEvent, 100)
	front := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e := socketEvent{raw: string(body)}
		if err := json.Unmarshal(body, &e); err != nil {
			t.Error(err)
		}
		events <- e
	}))
	t.Cleanup(front.Close)
	functionARN = s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("events"), Runtime: lambdatypes.RuntimePython312, Handler: aws.String("handler.handle"), Timeout: aws.Int32(10),
		Environment: &lambdatypes.Environment{Variables: map[string]string{"RECORDER": front.URL}},
		Code:        &lambdatypes.FunctionCode{ZipFile: packed(t, map[string][]byte{"handler.py": []byte(socketEvents)})},
	})
	return functionARN, events
}

// A socketEvent is what a function got.
type socketEvent struct {
	Headers               map[string]string
	QueryStringParameters map[string]string
	StageVariables        map[string]string
	Body                  string
	RequestContext        struct {
		RouteKey, EventType, ConnectionID, MessageID, RequestID, ExtendedRequestID, DomainName, Stage, APIID string

		MessageDirection, DisconnectReason string
		DisconnectStatusCode               int
		ConnectedAt                        int64
		Identity                           struct{ SourceIP, UserAgent string }
		Authorizer                         map[string]any
	}
	raw string
}

func TestWebSocketEvents(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: true})
	a := s.createSocketAPI(t)
	f, events := s.recorder(t)
	for _, key := range []string{"$connect", "$disconnect", "$default", "one"} {
		a.route(key, proxyTo(f))
	}
	a.twoWay("two", proxyTo(f))
	a.deploy(func(in *apigatewayv2.CreateStageInput) { in.StageVariables = map[string]string{"colour": "green"} })

	c := a.connect("?token=a%20b", "User-Agent: a test", "Origin: https://example.com")
	connect := <-events
	q := connect.RequestContext
	if q.RouteKey != "$connect" || q.EventType != "CONNECT" || q.MessageDirection != "IN" || q.Stage != "prod" || q.APIID != *a.id ||
		q.DomainName != a.host() || q.RequestID != q.ExtendedRequestID || len(q.ConnectionID) != 16 || q.ConnectedAt == 0 ||
		q.Identity.UserAgent != "a test" || q.Identity.SourceIP != "127.0.0.1" {
		t.Errorf("connect: %s", connect.raw)
	}
	h := connect.Headers
	if connect.QueryStringParameters["token"] != "a b" || h["Origin"] != "https://example.com" || h["Sec-WebSocket-Version"] != "13" ||
		h["Sec-WebSocket-Key"] == "" || h["Upgrade"] != "" || connect.StageVariables["colour"] != "green" || strings.Contains(connect.raw, `"body"`) {
		t.Errorf("connect: %s", connect.raw)
	}

	c.Send(wstest.Fin|wstest.Text, `{"action": "two", "x": "é"}`)
	message := <-events
	m := message.RequestContext
	if m.RouteKey != "two" || m.EventType != "MESSAGE" || m.ConnectionID != q.ConnectionID || m.ConnectedAt != q.ConnectedAt || m.MessageID == "" ||
		m.RequestID == q.RequestID || m.Identity != q.Identity || message.Body != `{"action": "two", "x": "é"}` || message.Headers != nil {
		t.Errorf("message: %s", message.raw)
	}
	c.Wants(wstest.Text, `answer to {"action": "two", "x": "é"}`)
	for _, text := range []string{"hi", `{"action":"none"}`, `{"action":"$connect"}`, `[1]`, `{"action":{"a":1}}`, ``} {
		c.Send(wstest.Fin|wstest.Text, text)
		if e := <-events; e.RequestContext.RouteKey != "$default" || e.Body != text {
			t.Errorf("%s: %s", text, e.raw)
		}
	}
	c.Send(wstest.Fin|wstest.Text, `{"action":"one","status":500}`) // which nobody is told
	<-events
	c.Send(wstest.Fin|wstest.Text, `{"action":"one","do":"fail"}`)
	id := (<-events).RequestContext.RequestID
	c.Wants(wstest.Text, `{"message": "Internal server error", "connectionId":"`+q.ConnectionID+`", "requestId":"`+id+`"}`)
	c.Send(wstest.Fin|wstest.Text, `{"action":"two","do":"nothing"}`)
	id = (<-events).RequestContext.RequestID
	c.Wants(wstest.Text, `{"message": "Internal server error", "connectionId":"`+q.ConnectionID+`", "requestId":"`+id+`"}`)

	c.Send(wstest.Fin|wstest.Close, wstest.CloseBody(1001, "away"))
	end := <-events
	d := end.RequestContext
	if d.RouteKey != "$disconnect" || d.EventType != "DISCONNECT" || d.DisconnectStatusCode != 1001 || d.DisconnectReason != "away" ||
		d.ConnectionID != q.ConnectionID || end.Headers["Host"] != a.host() || end.Headers["X-Forwarded-For"] != "127.0.0.1" {
		t.Errorf("disconnect: %s", end.raw)
	}
}

// What $connect says, and what the client gets. (Status and body of refusals: facts/websocket.md §3.)
func TestWebSocketConnect(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: true})
	a := s.createSocketAPI(t)
	f, events := s.recorder(t)
	a.route("$connect", proxyTo(f))
	a.deploy()
	for _, c := range []struct {
		path   string
		status int
		body   string // with the ids of the event
	}{
		{"/prod?status=401", 401, `{"message": "Unauthorized", "connectionId":"%s", "requestId":"%s"}`},
		{"/prod?status=301", 301, `{"message": "Moved Permanently", "connectionId":"%s", "requestId":"%s"}`},
		{"/prod?status=501", 501, `{"message": "Not Implemented", "connectionId":"%s", "requestId":"%s"}`},
		{"/prod?fail=1", 502, `{"message": "Internal server error", "connectionId":"%s", "requestId":"%s"}`},
	} {
		status, body := a.refused(c.path)
		q := (<-events).RequestContext
		if want := fmt.Sprintf(c.body, q.ConnectionID, q.RequestID); status != c.status || body != want {
			t.Errorf("%s: %d %s, want %d %s", c.path, status, body, c.status, want)
		}
	}
	for _, c := range []struct {
		path   string
		header []string
		status int
		body   string
	}{
		{"/dev", nil, 403, `{"message":"Forbidden"}`},
		{"/prod/below", nil, 403, `{"message":"Forbidden"}`},
		{"/prod", []string{"Upgrade: other"}, 403, `{"message":"Missing Authentication Token"}`},
		{"/prod", []string{"Sec-WebSocket-Version: 8"}, 426, `{"message":"Upgrade Required"}`},
		{"/prod", []string{"Sec-WebSocket-Key: short"}, 400, `{"message":"Bad Request"}`},
	} {
		if status, body := a.refused(c.path, c.header...); status != c.status || body != c.body {
			t.Errorf("%s %s: %d %s, want %d %s", c.path, c.header, status, body, c.status, c.body)
		}
	}
	for _, c := range []struct{ path, want string }{
		{"?protocol=b", "b"}, {"?protocol=other", ""}, {"", ""},
	} {
		client, res := wstest.Dial(t, a.addr, a.host()+"/prod"+c.path, "Sec-WebSocket-Protocol: a, b")
		if client == nil || res.Header.Get("Sec-WebSocket-Protocol") != c.want || res.Header.Get("X-Other") != "" {
			t.Errorf("%s: %s %v", c.path, res.Status, res.Header)
		}
	}
	for _, url := range []string{s.addr + "/_aws/execute-api/" + *a.id + "/prod", strings.ToUpper(*a.id) + ".execute-api.us-east-1.amazonaws.com/prod/"} {
		if client, res := wstest.Dial(t, a.addr, url); client == nil {
			t.Errorf("%s: %s", url, res.Status)
		}
	}
}

func TestAWebSocketAPIWithoutRoutesForIt(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	a := s.createSocketAPI(t)
	a.route("one", mockOf(`{"statusCode": 200}`))
	a.deploy()
	c := a.connect("") // without $connect everybody may
	c.Send(wstest.Fin|wstest.Text, "hi")
	_, got := c.Read()
	var frame struct{ Message, ConnectionID, RequestID string }
	if err := json.Unmarshal([]byte(got), &frame); err != nil {
		t.Fatal(err, got)
	}
	if want := `{"message": "Forbidden", "connectionId":"` + frame.ConnectionID + `", "requestId":"` + frame.RequestID + `"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// mockOf is a mock integration with a request template.
func mockOf(template string) *apigatewayv2.CreateIntegrationInput {
	return &apigatewayv2.CreateIntegrationInput{
		IntegrationType: types.IntegrationTypeMock, RequestTemplates: map[string]string{"$default": template}, TemplateSelectionExpression: aws.String(`\$default`),
	}
}

func TestManageConnections(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: true})
	a := s.createSocketAPI(t)
	f, events := s.recorder(t)
	a.route("$connect", proxyTo(f))
	a.route("$disconnect", proxyTo(f))
	a.deploy()
	c := a.connect("", "User-Agent: a test")
	id := (<-events).RequestContext.ConnectionID
	api, ctx := a.connections(), t.Context()

	for _, data := range []string{"hello", "", strings.Repeat("x", 128<<10)} {
		if _, err := api.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
		c.Wants(wstest.Text, data)
	}
	got, err := api.GetConnection(ctx, &apigatewaymanagementapi.GetConnectionInput{ConnectionId: &id})
	if err != nil {
		t.Fatal(err)
	}
	if got.Identity == nil || *got.Identity.SourceIp != "127.0.0.1" || *got.Identity.UserAgent != "a test" || got.ConnectedAt == nil || got.LastActiveAt.Before(*got.ConnectedAt) {
		t.Errorf("%+v %+v", got, got.Identity)
	}
	_, err = api.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: make([]byte, 128<<10+1)})
	wantsError(t, err, "PayloadTooLargeException", 413)
	_, err = api.GetConnection(ctx, &apigatewaymanagementapi.GetConnectionInput{ConnectionId: aws.String("xyz")})
	wantsError(t, err, "BadRequestException", 400)
	_, err = api.GetConnection(ctx, &apigatewaymanagementapi.GetConnectionInput{ConnectionId: aws.String("Qyi07eCbtjMCJKw=")})
	wantsError(t, err, "GoneException", 410)

	if _, err := api.DeleteConnection(ctx, &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &id}); err != nil {
		t.Fatal(err)
	}
	c.Wants(wstest.Close, wstest.CloseBody(1000, "Connection Closed Normally"))
	c.WantsEnd()
	c.Conn.Close()
	if d := (<-events).RequestContext; d.DisconnectStatusCode != 1000 || d.DisconnectReason != "Connection Closed Normally" || d.ConnectionID != id {
		t.Errorf("disconnect: %+v", d)
	}
	_, err = api.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: []byte("x")})
	wantsError(t, err, "GoneException", 410)
	if status, body := get(t, a.url("/_aws/execute-api/"+*a.id+"/prod/%40connections/"+id)); status != 403 || body != `{"message":"Missing Authentication Token"}` {
		t.Errorf("unsigned: %d %s", status, body)
	}
}

// wantsError checks the code and the status of an SDK's error.
func wantsError(t *testing.T, err error, code string, status int) {
	t.Helper()
	var coded smithy.APIError
	var answered *smithyhttp.ResponseError
	if !errors.As(err, &coded) || !errors.As(err, &answered) || coded.ErrorCode() != code || answered.HTTPStatusCode() != status {
		t.Errorf("%v, want %s %d", err, code, status)
	}
}

// Handlers as they are written for AWS: they call back where the event says.
var callbacks = map[string]struct {
	runtime lambdatypes.Runtime
	file    string
	source  string
}{
	"boto3": {lambdatypes.RuntimePython312, "handler.py", `
import boto3

def handle(event, context):
    c = event["requestContext"]
    api = boto3.client("apigatewaymanagementapi", endpoint_url="https://" + c["domainName"] + "/" + c["stage"])
    api.post_to_connection(ConnectionId=c["connectionId"], Data=event["body"].upper())
    try:
        api.post_to_connection(ConnectionId="Qyi07eCbtjMCJKw=", Data=b"x")
    except api.exceptions.GoneException as e:
        api.post_to_connection(ConnectionId=c["connectionId"], Data=str(e))
    return {"statusCode": 200}
`},
	"fetch": {lambdatypes.RuntimeNodejs22x, "handler.mjs", `
export const handle = async ({ requestContext: c, body }) => {
  const url = 'https://' + c.domainName + '/' + c.stage + '/@connections/' + encodeURIComponent(c.connectionId);
  const answer = await fetch(url, { method: 'POST', body: body.toUpperCase(), headers: { Authorization: 'AWS4-HMAC-SHA256 ...' } });
  await fetch(url, { method: 'POST', body: 'status ' + answer.status, headers: { Authorization: 'AWS4-HMAC-SHA256 ...' } });
  return { statusCode: 200 };
};
`},
}

func TestFunctionsCallBackWhereTheEventSays(t *testing.T) {
	needProgram(t, "python3")
	needProgram(t, "node")
	second := map[string]string{
		"boto3": "An error occurred (GoneException) when calling the PostToConnection operation: ", "fetch": "status 200",
	}
	for kind, runner := range runners {
		t.Run(kind, func(t *testing.T) {
			s := start(t, emulator.Config{Lambda: runner(t), RelaxedPermissions: true})
			for name, f := range callbacks {
				if name == "boto3" && kind != "process" {
					continue // which the images of tests do not have
				}
				t.Run(name, func(t *testing.T) {
					arn := s.createFunction(t, &lambda.CreateFunctionInput{
						FunctionName: &name, Runtime: f.runtime, Handler: aws.String("handler.handle"), Timeout: aws.Int32(20),
						Code: &lambdatypes.FunctionCode{ZipFile: packed(t, map[string][]byte{f.file: []byte(f.source)})},
					})
					s.invoke(t, name, `{}`) // so that it is warm before there is an API
					a := s.createSocketAPI(t)
					a.route("$default", proxyTo(arn))
					a.deploy()
					c := a.connect("")
					c.Send(wstest.Fin|wstest.Text, "hello")
					c.Wants(wstest.Text, "HELLO")
					c.Wants(wstest.Text, second[name])
				})
			}
		})
	}
}

// A message's way through the SDK's own definitions, without any function: a mock behind a response.
// response lets an integration answer what a template says.
func (a *socketAPI) response(integration *string, template string) {
	a.t.Helper()
	if _, err := a.gw.CreateIntegrationResponse(a.t.Context(), &apigatewayv2.CreateIntegrationResponseInput{
		ApiId: a.id, IntegrationId: integration, IntegrationResponseKey: aws.String("$default"), TemplateSelectionExpression: aws.String(`\$default`),
		ResponseTemplates: map[string]string{"$default": template},
	}); err != nil {
		a.t.Fatal(err)
	}
}

func TestAWebSocketMockAnswersByItsTemplate(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	a := s.createSocketAPI(t)
	integration := a.twoWay("$default", mockOf(`{"statusCode": 200}`))
	a.response(integration, `"$context.routeKey of $context.connectionId"`)
	a.deploy()
	c := a.connect("")
	c.Send(wstest.Fin|wstest.Text, "x")
	if _, got := c.Read(); !strings.HasPrefix(got, `"$default of `) || len(got) != len(`"$default of "`)+16 {
		t.Errorf("%s", got)
	}
}

func TestWebSocketLogs(t *testing.T) {
	config := emulator.Config{Lambda: processes(t), DataDir: t.TempDir()}
	s := start(t, config)
	(&mockAPI{gw: apigateway.NewFromConfig(s.aws())}).allowLogs(t)
	a := s.createSocketAPI(t)
	a.route("$default", mockOf(`{"statusCode": 200}`))
	a.deploy(func(in *apigatewayv2.CreateStageInput) {
		in.DefaultRouteSettings = &types.RouteSettings{LoggingLevel: types.LoggingLevelInfo, DataTraceEnabled: aws.Bool(true)}
		in.AccessLogSettings = &types.AccessLogSettings{
			DestinationArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:/ws/access"),
			Format:         aws.String("$context.eventType $context.routeKey $context.status $context.error.message $context.connectionId $context.requestId"),
		}
	})
	c := a.connect("")
	c.Send(wstest.Fin|wstest.Text, `{"x":1}`)
	c.Send(wstest.Fin|wstest.Close, wstest.CloseBody(1000, ""))
	c.Wants(wstest.Close, wstest.CloseBody(1000, ""))
	c.Conn.Close()
	if err := s.Close(); err != nil { // when all is served and written
		t.Fatal(err)
	}
	s = start(t, config)
	access := s.events(t, "/ws/access")
	want := []string{"CONNECT - 200 - ", "MESSAGE $default 200 - ", "DISCONNECT - 200 - "}
	if len(access) != len(want) {
		t.Fatalf("access log: %q", access)
	}
	for i, line := range access {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("access log line %q, want %s…", line, want[i])
		}
	}
	execution := strings.Join(s.events(t, "/aws/apigateway/"+*a.id+"/prod"), "\n")
	for _, want := range []string{"WebSocket Request Route: [$default]\n", `Method request body before transformations: {"x":1}`, "Method completed with status: 200"} {
		if !strings.Contains(execution, want) {
			t.Errorf("%q is not in\n%s", want, execution)
		}
	}
}

func TestDeletedAPIsAndStagesEndConnections(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	for name, remove := range map[string]func(*socketAPI) error{
		"the API": func(a *socketAPI) error {
			_, err := a.gw.DeleteApi(t.Context(), &apigatewayv2.DeleteApiInput{ApiId: a.id})
			return err
		},
		"the stage": func(a *socketAPI) error {
			_, err := a.gw.DeleteStage(t.Context(), &apigatewayv2.DeleteStageInput{ApiId: a.id, StageName: aws.String("prod")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.createSocketAPI(t)
			a.route("$default", mockOf(`{"statusCode": 200}`))
			a.deploy()
			c := a.connect("")
			if err := remove(a); err != nil {
				t.Fatal(err)
			}
			c.Wants(wstest.Close, wstest.CloseBody(1001, "Going away"))
			c.WantsEnd()
		})
	}
}

func TestIdleWebSocketsAreClosed(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: true, SocketIdle: 500 * time.Millisecond})
	a := s.createSocketAPI(t)
	f, events := s.recorder(t)
	a.route("$disconnect", proxyTo(f))
	a.deploy()
	c := a.connect("")
	c.Wants(wstest.Close, wstest.CloseBody(1001, "Going away"))
	c.WantsEnd()
	c.Conn.Close()
	if d := (<-events).RequestContext; d.DisconnectStatusCode != 1001 || d.DisconnectReason != "Going away" {
		t.Errorf("%+v", d)
	}
}

// At a stop clients hear of it, and the route $disconnect runs.
func TestAStopClosesWebSockets(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: true})
	a := s.createSocketAPI(t)
	f, events := s.recorder(t)
	a.route("$disconnect", proxyTo(f))
	a.deploy()
	c := a.connect("")
	go func() {
		c.Wants(wstest.Close, wstest.CloseBody(1001, "Going away"))
		c.Conn.Close()
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if d := (<-events).RequestContext; d.DisconnectStatusCode != 1001 {
		t.Errorf("%+v", d)
	}
}

// A function that nobody has permitted is Forbidden for messages, an error of the server at $connect.
// (facts/websocket.md §12)
func TestWebSocketPermissions(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	a := s.createSocketAPI(t)
	f := s.createPythonFunction(t, "f", "def handle(event, context):\n    return {'statusCode': 200, 'body': event['requestContext']['routeKey']}\n")
	a.twoWay("one", proxyTo(f))
	a.twoWay("two", proxyTo(f))
	a.deploy()
	if _, err := lambda.NewFromConfig(s.aws()).AddPermission(t.Context(), &lambda.AddPermissionInput{
		FunctionName: aws.String("f"), StatementId: aws.String("s"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com"),
		SourceArn: aws.String("arn:aws:execute-api:us-east-1:000000000000:" + *a.id + "/*/one"),
	}); err != nil {
		t.Fatal(err)
	}
	c := a.connect("")
	c.Send(wstest.Fin|wstest.Text, `{"action":"one"}`)
	c.Wants(wstest.Text, "one")
	c.Send(wstest.Fin|wstest.Text, `{"action":"two"}`)
	if _, got := c.Read(); !strings.HasPrefix(got, `{"message": "Forbidden", "connectionId":"`) {
		t.Error(got)
	}
}

func TestTheWebSocketExampleLetsClientsChat(t *testing.T) {
	needProgram(t, "aws")
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	cmd := exec.CommandContext(t.Context(), filepath.Join(root(t), "examples/websocket-chat/run.sh"), "http://"+s.addr)
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, url, ok := strings.Cut(strings.TrimSpace(string(out)), "#ws://")
	if !ok {
		t.Fatalf("no page:\n%s", out)
	}
	connect := func(name string) *wstest.Client {
		c, res := wstest.Dial(t, s.addr, url+"?name="+name)
		if c == nil {
			t.Fatal(res.Status)
		}
		return c
	}
	ada, bob := connect("Ada"), connect("Bob")
	ada.Wants(wstest.Text, `{"text": "Bob is here"}`)
	bob.Send(wstest.Fin|wstest.Text, `{"action":"say","text":"hello"}`)
	for _, c := range []*wstest.Client{ada, bob} {
		c.Wants(wstest.Text, `{"from": "Bob", "text": "hello"}`)
	}
	bob.Conn.Close()
	ada.Wants(wstest.Text, `{"text": "Bob has left"}`)
}

// Where signatures are verified, those about connections are too, and the caller's policies count.
func TestManageConnectionsWhereSignaturesAreVerified(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t), VerifySignatures: true, AccessKeys: map[string]string{"test": "test"}})
	a := s.createSocketAPI(t)
	a.route("$default", mockOf(`{}`))
	a.deploy()
	c := a.connect("")
	c.Send(wstest.Fin|wstest.Text, "x") // the mock fails, and the frame tells the id
	_, frame := c.Read()
	var told struct{ ConnectionID string }
	if err := json.Unmarshal([]byte(frame), &told); err != nil || told.ConnectionID == "" {
		t.Fatal(frame, err)
	}
	user := createUser(t, s.aws(), "ada", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:ManageConnections",
		"Resource":"arn:aws:execute-api:us-east-1:000000000000:`+*a.id+`/prod/POST/@connections/*"}]}`)
	for _, p := range []struct {
		name   string
		keys   aws.Credentials
		verb   string
		code   string
		status int
	}{
		{"the account", aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, "GET", "", 200},
		{"a wrong secret", aws.Credentials{AccessKeyID: "test", SecretAccessKey: "other"}, "GET", "InvalidSignatureException", 403},
		{"an unknown key", aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}, "GET", "UnrecognizedClientException", 403},
		{"a user who may", user, "POST", "", 200},
		{"a user who may something else", user, "GET", "AccessDeniedException", 403},
	} {
		t.Run(p.name, func(t *testing.T) {
			api := a.connections(func(o *apigatewaymanagementapi.Options) {
				o.Credentials = credentials.StaticCredentialsProvider{Value: p.keys}
			})
			var err error
			if p.verb == "GET" {
				_, err = api.GetConnection(t.Context(), &apigatewaymanagementapi.GetConnectionInput{ConnectionId: &told.ConnectionID})
			} else {
				_, err = api.PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &told.ConnectionID, Data: []byte("hi")})
			}
			switch {
			case p.code != "":
				wantsError(t, err, p.code, p.status)
			case err != nil:
				t.Error(err)
			}
		})
	}
	c.Wants(wstest.Text, "hi")
}
