package compile_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/apigw/compile"
	"postern/apigw/gateway"
	"postern/apigw/websocket/wstest"
)

// A socketRoute is a route of a WebSocket API of a test, with what belongs to it.
type socketRoute struct {
	key         string
	route       types.Route
	integration *types.Integration
	responses   []types.IntegrationResponse
	oneWay      bool
}

// defineSocket makes the definition of a WebSocket API that selects routes by $request.body.action.
func defineSocket(routes ...socketRoute) compile.V2 {
	def := compile.V2{
		AccountID: "111122223333", Region: "eu-west-1",
		API: types.Api{
			ApiId: aws.String("api1234567"), Name: aws.String("test"), ProtocolType: types.ProtocolTypeWebsocket,
			RouteSelectionExpression: aws.String("$request.body.action"),
		},
		Stage:                types.Stage{StageName: aws.String("prod"), DeploymentId: aws.String("dep123"), StageVariables: map[string]string{"colour": "green"}},
		IntegrationResponses: map[string][]types.IntegrationResponse{}, RouteResponses: map[string][]types.RouteResponse{},
		Models: []types.Model{{Name: aws.String("Numbered"), Schema: aws.String(`{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}}`)}},
	}
	for n, r := range routes {
		r.route.RouteKey, r.route.RouteId = &r.key, aws.String(fmt.Sprint("r", n))
		if r.integration != nil {
			id := fmt.Sprint("i", n)
			i := *r.integration
			i.IntegrationId = &id
			r.route.Target = aws.String("integrations/" + id)
			def.Integrations = append(def.Integrations, i)
			def.IntegrationResponses[id] = r.responses
		}
		if !r.oneWay {
			def.RouteResponses[*r.route.RouteId] = []types.RouteResponse{{RouteResponseKey: aws.String("$default")}}
		}
		def.Routes = append(def.Routes, r.route)
	}
	return def
}

// A socketServer serves one definition of a WebSocket API.
type socketServer struct {
	t        *testing.T
	addr     string
	warnings *bytes.Buffer
	gateway  *gateway.Gateway
}

func serveSocket(t *testing.T, def compile.V2, d compile.Deps, o gateway.Options) *socketServer {
	t.Helper()
	o.Load = func(context.Context, string, string) (*apigw.Stage, error) { return nil, apigw.ErrAPINotFound }
	s := &socketServer{t: t, warnings: &bytes.Buffer{}, gateway: gateway.New(o)}
	d.Logger = slog.New(slog.NewTextHandler(s.warnings, nil))
	stage, err := compile.BuildWebSocket(def, d)
	if err != nil {
		t.Fatal(err)
	}
	s.gateway.Publish(stage)
	front := httptest.NewServer(s.gateway)
	t.Cleanup(func() {
		s.gateway.Close(context.Background())
		front.Close()
	})
	s.addr = front.Listener.Addr().String()
	return s
}

func (s *socketServer) dial(query string, header ...string) (*wstest.Client, int, string) {
	s.t.Helper()
	c, res := wstest.Dial(s.t, s.addr, "api1234567.execute-api.localhost/prod"+query, header...)
	if c != nil {
		return c, res.StatusCode, ""
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return nil, res.StatusCode, string(body)
}

func (s *socketServer) connect(header ...string) *wstest.Client {
	s.t.Helper()
	c, status, body := s.dial("", header...)
	if c == nil {
		s.t.Fatalf("%d %s", status, body)
	}
	return c
}

// ask sends a message and returns what comes back.
func ask(c *wstest.Client, message string) string {
	c.Send(wstest.Fin|wstest.Text, message)
	_, got := c.Read()
	return got
}

// withoutIDs is a frame with its ids left out, which differ each time.
func withoutIDs(frame string) string {
	before, rest, ok := strings.Cut(frame, `"connectionId":"`)
	if !ok || len(rest) != 16+len(`", "requestId":"`)+16+len(`"}`) {
		return frame
	}
	return before + `"connectionId":"…", "requestId":"…"}`
}

func failure(message string) string {
	return `{"message": "` + message + `", "connectionId":"…", "requestId":"…"}`
}

// socketMock is a mock whose request template, chosen by \$default, asks for a status.
func socketMock(template string) *types.Integration {
	return &types.Integration{
		IntegrationType: types.IntegrationTypeMock, TemplateSelectionExpression: aws.String(`\$default`),
		RequestTemplates: map[string]string{"$default": template},
	}
}

// mapped is an integration response whose template is chosen by \$default.
func mapped(key, template string) types.IntegrationResponse {
	return types.IntegrationResponse{
		IntegrationResponseKey: &key, TemplateSelectionExpression: aws.String(`\$default`), ResponseTemplates: map[string]string{"$default": template},
	}
}

func socketFunction(kind types.IntegrationType, name string) *types.Integration {
	return &types.Integration{
		IntegrationType: kind,
		IntegrationUri:  aws.String("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:" + name + "/invocations"),
	}
}

// socketFunctions are functions of tests by their ARNs.
func socketFunctions() invoker {
	arn := "arn:aws:lambda:eu-west-1:111122223333:function:"
	return invoker{
		arn + "echo": func(call apigw.InvokeRequest) (string, bool) { return string(call.Payload), false },
		arn + "fail": func(call apigw.InvokeRequest) (string, bool) {
			return `{"errorMessage":"` + strings.Trim(string(call.Payload), `"`) + `"}`, true
		},
	}
}

// Which frame answers which message.
func TestWebSocketIntegrations(t *testing.T) {
	backend := echoBackend(t)
	withHeaders := &types.Integration{
		IntegrationType: types.IntegrationTypeHttp, IntegrationMethod: aws.String("PUT"), IntegrationUri: aws.String(backend + "/${stageVariables.colour}"),
		RequestParameters: map[string]string{
			"integration.request.header.X-Route":       "context.routeKey",
			"integration.request.header.X-Status":      "route.request.body.status",
			"integration.request.querystring.type":     "context.eventType",
			"integration.request.querystring.constant": "'a b'",
		},
	}
	echo := socketFunction(types.IntegrationTypeAws, "echo")
	echo.RequestTemplates = map[string]string{"$default": `{"n": $input.json('$.n')}`, "text": `"$util.escapeJavaScript($input.path('$.n'))"`}
	echo.TemplateSelectionExpression = aws.String("${request.body.kind}")
	never := socketFunction(types.IntegrationTypeAws, "echo")
	never.PassthroughBehavior = types.PassthroughBehaviorNever
	binary := socketFunction(types.IntegrationTypeAws, "echo")
	binary.ContentHandlingStrategy = types.ContentHandlingStrategyConvertToBinary
	toText := mapped("$default", `$input.body`)
	toText.ContentHandlingStrategy = types.ContentHandlingStrategyConvertToText
	fail := socketFunction(types.IntegrationTypeAws, "fail")
	fail.RequestTemplates = map[string]string{"$default": `"$input.path('$.why')"`}
	byHeader := *withHeaders
	byHeader.IntegrationResponseSelectionExpression = aws.String("$integration.response.header.X-Backend")

	proxy := &types.Integration{IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("POST"), IntegrationUri: aws.String(backend + "/proxy")}
	nobody := &types.Integration{IntegrationType: types.IntegrationTypeHttpProxy, IntegrationUri: aws.String("http://127.0.0.1:1/")}
	slow := &types.Integration{IntegrationType: types.IntegrationTypeHttpProxy, IntegrationUri: aws.String(backend + "/slow"), TimeoutInMillis: aws.Int32(50)}
	missing := socketFunction(types.IntegrationTypeAwsProxy, "missing")

	s := serveSocket(t, defineSocket(
		socketRoute{key: "mock", integration: socketMock(`{"statusCode": $input.json('$.status')}`), responses: []types.IntegrationResponse{
			mapped(`/2\d\d/`, `{"route":"$context.routeKey","type":"$context.eventType","stage":"$context.stage","direction":"$context.messageDirection","colour":"$stageVariables.colour"}`),
			mapped("404", "not found"), mapped("$default", "else"),
		}},
		socketRoute{key: "mockonly", integration: socketMock(`{"statusCode": 200}`), responses: []types.IntegrationResponse{mapped("404", "not found")}},
		socketRoute{key: "mockbad", integration: socketMock(`{}`)},
		socketRoute{key: "oneway", integration: socketMock(`{"statusCode": 200}`), responses: []types.IntegrationResponse{mapped("$default", "x")}, oneWay: true},
		socketRoute{key: "http", integration: withHeaders, responses: []types.IntegrationResponse{mapped("$default", `$input.json('$')`), mapped("/4../", "refused")}},
		socketRoute{key: "byheader", integration: &byHeader, responses: []types.IntegrationResponse{mapped("here", "of the backend"), mapped("$default", "else")}},
		socketRoute{key: "proxy", integration: proxy},
		socketRoute{key: "nobody", integration: nobody},
		socketRoute{key: "slow", integration: slow},
		socketRoute{key: "missing", integration: missing},
		socketRoute{key: "lambda", integration: echo, responses: []types.IntegrationResponse{mapped("$default", `of $input.body`)}},
		socketRoute{key: "unmapped", integration: socketFunction(types.IntegrationTypeAws, "echo")},
		socketRoute{key: "never", integration: never},
		socketRoute{key: "binary", integration: binary, responses: []types.IntegrationResponse{toText}},
		socketRoute{key: "fail", integration: fail, responses: []types.IntegrationResponse{mapped("/.*known.*/", "known: $input.path('$.errorMessage')"), mapped("$default", "fine")}},
		socketRoute{key: "checked", integration: socketFunction(types.IntegrationTypeAws, "echo"), route: types.Route{
			ModelSelectionExpression: aws.String("$request.body.kind"), RequestModels: map[string]string{"numbered": "Numbered"},
		}},
		socketRoute{key: "nothing"},
	), compile.Deps{Invoker: socketFunctions()}, gateway.Options{})
	c := s.connect()
	for _, m := range []struct{ name, message, want string }{
		{"a status that a pattern matches", `{"action":"mock","status":201}`, `{"route":"mock","type":"MESSAGE","stage":"prod","direction":"IN","colour":"green"}`},
		{"a status that is a key", `{"action":"mock","status":404}`, "not found"},
		{"a status that only the default is for", `{"action":"mock","status":500}`, "else"},
		{"a status that nothing is for", `{"action":"mockonly"}`, failure("Internal server error")},
		{"a mock without a status", `{"action":"mockbad"}`, failure("Internal server error")},
		{"an HTTP backend's error", `{"action":"http","status":404}`, "refused"},
		{"a header selects", `{"action":"byheader"}`, "of the backend"},
		{"nobody listens", `{"action":"nobody"}`, failure("Network error communicating with endpoint")},
		{"a backend that is too slow", `{"action":"slow"}`, failure("Endpoint request timed out")},
		{"a function that is not there", `{"action":"missing"}`, failure("Internal server error")},
		{"the default template", `{"action":"lambda","n":7}`, `of {"n": 7}`},
		{"a template that is selected", `{"action":"lambda","n":"it's","kind":"text"}`, `of "it\'s"`},
		{"no response at all", `{"action":"unmapped"}`, `{"action":"unmapped"}`},
		{"no template and no passthrough", `{"action":"never"}`, failure("Unsupported Media Type")},
		{"an error that a pattern matches", `{"action":"fail","why":"a known one"}`, "known: a known one"},
		{"an error that none matches", `{"action":"fail","why":"another"}`, "fine"},
		{"a model that fits", `{"action":"checked","kind":"numbered","n":1}`, `{"action":"checked","kind":"numbered","n":1}`},
		{"a model that does not fit", `{"action":"checked","kind":"numbered","n":"x"}`, failure("Invalid request body")},
		{"no model is selected", `{"action":"checked"}`, failure("Invalid request body")},
		{"no route", `{"action":"other"}`, failure("Forbidden")},
	} {
		t.Run(m.name, func(t *testing.T) {
			if got := withoutIDs(ask(c, m.message)); got != m.want {
				t.Errorf("%s, want %s", got, m.want)
			}
		})
	}
	// Routes that answer nothing: the next answer is that to the next message.
	c.Send(wstest.Fin|wstest.Text, `{"action":"oneway"}`)
	c.Send(wstest.Fin|wstest.Text, `{"action":"nothing"}`)
	c.Send(wstest.Fin|wstest.Text, base64.StdEncoding.EncodeToString([]byte("no JSON")))
	if _, got := c.Read(); withoutIDs(got) != failure("Forbidden") {
		t.Errorf("no JSON: %s", got)
	}

	e := answer{200, nil, ask(c, `{"action":"http","status":200}`)}.echoed(t)
	if e.Verb != "PUT" || e.Path != "/green" || e.Query != "constant=a+b&type=MESSAGE" || e.Header.Get("X-Route") != "http" || e.Body != `{"action":"http","status":200}` {
		t.Errorf("HTTP: %+v", e)
	}
	e = answer{200, nil, ask(c, `{"action":"proxy"}`)}.echoed(t)
	if e.Verb != "POST" || e.Path != "/proxy" || e.Body != `{"action":"proxy"}` || e.Header.Get("Upgrade") != "" {
		t.Errorf("HTTP_PROXY: %+v", e)
	}
}

// A message may be base64 for a backend that takes bytes, whose bytes come back as base64. (API Gateway
// developer guide, "Binary media types for WebSocket APIs".)
func TestWebSocketContentHandling(t *testing.T) {
	i := socketFunction(types.IntegrationTypeAws, "echo")
	i.ContentHandlingStrategy = types.ContentHandlingStrategyConvertToBinary
	r := types.IntegrationResponse{IntegrationResponseKey: aws.String("$default"), ContentHandlingStrategy: types.ContentHandlingStrategyConvertToText}
	seen := make(chan string, 1)
	functions := invoker{"arn:aws:lambda:eu-west-1:111122223333:function:echo": func(call apigw.InvokeRequest) (string, bool) {
		seen <- string(call.Payload)
		return string(call.Payload), false
	}}
	s := serveSocket(t, defineSocket(socketRoute{key: "$default", integration: i, responses: []types.IntegrationResponse{r}}), compile.Deps{Invoker: functions}, gateway.Options{})
	if got := ask(s.connect(), "AP8B"); got != "AP8B" {
		t.Errorf("the client got %s", got)
	}
	if got := <-seen; got != "\x00\xff\x01" {
		t.Errorf("the function got %q", got)
	}
}

// What is missing of $connect's parameters is told as for REST APIs.
func TestWebSocketConnectParameters(t *testing.T) {
	s := serveSocket(t, defineSocket(socketRoute{key: "$connect", integration: socketMock(`{"statusCode": $input.params('status')}`), route: types.Route{
		RequestParameters: map[string]types.ParameterConstraints{
			"route.request.querystring.status": {Required: aws.Bool(true)}, "route.request.header.X-Other": {Required: aws.Bool(false)},
		},
	}}), compile.Deps{}, gateway.Options{})
	for _, c := range []struct {
		query  string
		status int
		body   string
	}{
		{"", 400, failure("Missing required request parameters: [status]")},
		{"?status=403", 403, failure("Forbidden")},
		{"?status=200", 101, ""},
	} {
		if _, status, body := s.dial(c.query); status != c.status || withoutIDs(body) != c.body {
			t.Errorf("%s: %d %s, want %d %s", c.query, status, body, c.status, c.body)
		}
	}
}

func TestWebSocketRouteThrottling(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	def := defineSocket(socketRoute{key: "$default", integration: socketMock(`{"statusCode": 200}`), responses: []types.IntegrationResponse{mapped("$default", "passed")}})
	def.Stage.DefaultRouteSettings = &types.RouteSettings{ThrottlingBurstLimit: aws.Int32(2), ThrottlingRateLimit: aws.Float64(1)}
	s := serveSocket(t, def, compile.Deps{Now: func() time.Time { return now }}, gateway.Options{})
	c := s.connect()
	for _, want := range []string{"passed", "passed", failure("Too Many Requests")} {
		if got := withoutIDs(ask(c, "x")); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestConnectionsEndWithTheirStage(t *testing.T) {
	s := serveSocket(t, defineSocket(socketRoute{key: "one", integration: socketMock(`{"statusCode": 200}`)}), compile.Deps{}, gateway.Options{})
	c := s.connect()
	s.gateway.Unpublish("other", "")
	s.gateway.Unpublish("api1234567", "prod")
	c.Wants(wstest.Close, wstest.CloseBody(1001, "Going away"))
	c.WantsEnd()
}

// Routes are those of the stage as it is deployed when a message comes.
func TestADeploymentReachesOpenConnections(t *testing.T) {
	mockOf := func(text string) socketRoute {
		return socketRoute{key: "$default", integration: socketMock(`{"statusCode": 200}`), responses: []types.IntegrationResponse{mapped("$default", text)}}
	}
	s := serveSocket(t, defineSocket(mockOf("first")), compile.Deps{}, gateway.Options{})
	c := s.connect()
	if got := ask(c, "x"); got != "first" {
		t.Error(got)
	}
	stage, err := compile.BuildWebSocket(defineSocket(mockOf("second")), compile.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	s.gateway.Publish(stage)
	if got := ask(c, "x"); got != "second" {
		t.Error(got)
	}
}
