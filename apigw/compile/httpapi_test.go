package compile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/compile"
)

// routes are what an HTTP API of a test has, by route key.
type routes map[string]types.Integration

// defineHTTP makes the definition of an HTTP API with a $default stage.
func defineHTTP(rs routes, change ...func(*compile.V2)) compile.V2 {
	def := compile.V2{
		AccountID: "111122223333", Region: "eu-west-1",
		API:   types.Api{ApiId: aws.String("api1234567"), Name: aws.String("test"), ProtocolType: types.ProtocolTypeHttp},
		Stage: types.Stage{StageName: aws.String("$default"), DeploymentId: aws.String("dep123")},
	}
	for n, key := range slices.Sorted(maps.Keys(rs)) {
		i, id := rs[key], fmt.Sprint("i", n)
		i.IntegrationId = &id
		def.Integrations = append(def.Integrations, i)
		def.Routes = append(def.Routes, types.Route{RouteKey: &key, RouteId: aws.String(fmt.Sprint("r", n)), Target: aws.String("integrations/" + id)})
	}
	for _, c := range change {
		c(&def)
	}
	return def
}

// buildHTTP compiles a definition without warnings.
func buildHTTP(t *testing.T, def compile.V2, invoke invoker) *apigw.Stage {
	t.Helper()
	var warnings bytes.Buffer
	stage, err := compile.BuildHTTP(def, compile.Deps{Invoker: invoke, Logger: slog.New(slog.NewTextHandler(&warnings, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if warnings.Len() > 0 {
		t.Fatal(warnings.String())
	}
	return stage
}

func serveHTTP(t *testing.T, def compile.V2, invoke invoker) *server {
	t.Helper()
	stage := buildHTTP(t, def, invoke)
	s := &server{t: t, url: publish(t, stage)}
	if stage.Name != "$default" {
		s.url += "/" + stage.Name
	}
	return s
}

const functionARN = "arn:aws:lambda:eu-west-1:111122223333:function:f"

// proxyOf is an integration with the function.
func proxyOf(version string) types.Integration {
	return types.Integration{
		IntegrationType: types.IntegrationTypeAwsProxy, IntegrationUri: aws.String(functionARN), PayloadFormatVersion: &version,
	}
}

// backendAt is an integration with an HTTP backend.
func backendAt(uri string) types.Integration {
	return types.Integration{IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"), IntegrationUri: &uri}
}

// returns is the function that returns the same for every event.
func returns(payload string) invoker {
	return invoker{functionARN: func(apigw.InvokeRequest) (string, bool) { return payload, false }}
}

// telling is the function that returns its event as the body.
func telling() invoker {
	return invoker{functionARN: func(call apigw.InvokeRequest) (string, bool) {
		body, _ := json.Marshal(string(call.Payload))
		return `{"statusCode":200,"body":` + string(body) + `}`, false
	}}
}

const internalError = `{"message":"Internal Server Error"}`

// HTTP API guide, "Lambda function response for format 2.0"; where a case differs from the guide it was
// recorded on AWS (aws/aws-lambda-dotnet, Tools/LambdaTestTool-v2, InvokeResponseExtensionsIntegrationTests).
func TestResponsesOfFormat2AreInferred(t *testing.T) {
	const text, json = "text/plain; charset=utf-8", "application/json"
	cases := []struct {
		name, payload string
		status        int
		kind, body    string
	}{
		{"text", `"Hello from Lambda!"`, 200, json, "Hello from Lambda!"},
		{"text with quotes", `"Special \"quoted\" text"`, 200, json, `Special "quoted" text`},
		{"empty text", `""`, 200, json, ""},
		{"an object", `{ "message": "Hello from Lambda!" }`, 200, json, `{ "message": "Hello from Lambda!" }`},
		{"a body alone is an object like any other", `{"body":"x"}`, 200, json, `{"body":"x"}`},
		{"a list", `[1, 2, 3]`, 200, json, `[1, 2, 3]`},
		{"a number", `42`, 200, json, `42`},
		{"true", `true`, 200, json, `true`},
		{"null", `null`, 200, json, `null`},
		{"not JSON", `{"name": "John Doe", "age":`, 200, json, `{"name": "John Doe", "age":`},
		{"a response", `{"statusCode":201,"body":"x"}`, 201, text, "x"},
		{"a type", `{"statusCode":200,"headers":{"content-type":"text/html"},"body":"<p>"}`, 200, "text/html", "<p>"},
		{"base64", `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, 200, text, "hi"},
		{"not base64", `{"statusCode":200,"body":"%","isBase64Encoded":true}`, 500, json, internalError},
		{"status is a fraction", `{"statusCode": 200.5, "body": "Hello", "headers": {"Content-Type": "text/plain"}}`, 500, json, internalError},
		{"status is no number", `{"statusCode":"ok"}`, 500, json, internalError},
		{"members nobody knows", `{"statusCode":200,"extra":1}`, 200, text, ""},
		{"no body", `{"statusCode":204}`, 204, text, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := serveHTTP(t, defineHTTP(routes{"GET /": proxyOf("2.0")}), returns(c.payload)).call("GET", "/", "")
			if got.status != c.status || got.header.Get("Content-Type") != c.kind || got.body != c.body {
				t.Errorf("%d %q %q, want %d %q %q", got.status, got.header.Get("Content-Type"), got.body, c.status, c.kind, c.body)
			}
		})
	}
}

// HTTP API guide, "Lambda function response for format 1.0"; recorded as above.
func TestResponsesOfFormat1NeedAStatus(t *testing.T) {
	cases := []struct {
		name, payload string
		status        int
		kind, body    string
	}{
		{"a response", `{"statusCode":200,"body":"x"}`, 200, "text/plain; charset=utf-8", "x"},
		{"no status", `{"body":"x"}`, 500, "application/json", internalError},
		{"text", `"x"`, 500, "application/json", internalError},
		{"null", `null`, 500, "application/json", internalError},
		{"not JSON", `Not a valid proxy response object`, 500, "application/json", internalError},
		{"a body that is no text", `{"statusCode":200,"body":{}}`, 500, "application/json", internalError},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := serveHTTP(t, defineHTTP(routes{"GET /": proxyOf("1.0")}), returns(c.payload)).call("GET", "/", "")
			if got.status != c.status || got.header.Get("Content-Type") != c.kind || got.body != c.body {
				t.Errorf("%d %q %q, want %d %q %q", got.status, got.header.Get("Content-Type"), got.body, c.status, c.kind, c.body)
			}
		})
	}
	t.Run("single values come before the others", func(t *testing.T) {
		payload := `{"statusCode":200,"headers":{"combined-header":"single"},"multiValueHeaders":{"combined-header":["multi1","multi2"]}}`
		got := serveHTTP(t, defineHTTP(routes{"GET /": proxyOf("1.0")}), returns(payload)).call("GET", "/", "")
		if diff := cmp.Diff([]string{"single", "multi1", "multi2"}, got.header.Values("Combined-Header")); diff != "" {
			t.Error(diff)
		}
	})
}

// HTTP API guide, "Payload format differences": each cookie becomes a set-cookie header.
func TestHeadersOfAFunctionsResponse(t *testing.T) {
	payload := `{"statusCode":200,"cookies":["a=1","b=2; Secure"],"headers":{"set-cookie":"c=3","x-own":"1","connection":"close","content-length":"99","www-authenticate":"Basic"},` +
		`"multiValueHeaders":{"x-many":["1"]}}`
	got := serveHTTP(t, defineHTTP(routes{"GET /": proxyOf("2.0")}), returns(payload)).call("GET", "/", "")
	cookies := got.header.Values("Set-Cookie")
	slices.Sort(cookies)
	if diff := cmp.Diff([]string{"a=1", "b=2; Secure", "c=3"}, cookies); diff != "" {
		t.Error(diff)
	}
	var names []string
	for name := range got.header {
		names = append(names, name)
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"Apigw-Requestid", "Content-Length", "Content-Type", "Date", "Set-Cookie", "Www-Authenticate", "X-Own"}, names); diff != "" {
		t.Error(diff)
	}
	if got.header.Get("Content-Length") != "0" {
		t.Error(got.header.Get("Content-Length"))
	}
}

// Facts: http-api §3, §4: who fails is answered 500.
func TestAFunctionThatFailsIsAnInternalError(t *testing.T) {
	failing := invoker{functionARN: func(apigw.InvokeRequest) (string, bool) { return `{"errorMessage":"x"}`, true }}
	for name, invoke := range map[string]invoker{"fails": failing, "is not there": {}} {
		t.Run(name, func(t *testing.T) {
			got := serveHTTP(t, defineHTTP(routes{"$default": proxyOf("2.0")}), invoke).call("GET", "/x", "")
			if got.status != 500 || got.body != internalError || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("%+v", got)
			}
		})
	}
}

// An event of AWS (aws/aws-lambda-java-libs#230), of a route and a path of our own.
func TestEventOfFormat2(t *testing.T) {
	s := serveHTTP(t, defineHTTP(routes{"POST /pets/{id}/{rest+}": proxyOf("2.0")}, func(d *compile.V2) {
		d.Stage.StageVariables = map[string]string{"b": "2", "a": "1"}
	}), telling())
	got := s.call("POST", "/pets/a%20b/c%20d/e?q=Hello%20World&tag=C%23&tag=.NET%20Core&a", `{"x":"é"}`,
		"Content-Type: application/json", "X-Two: 1", "X-Two: 2", "Cookie: c1=1; c2=2", "User-Agent: test/1", "Accept-Encoding: identity")
	var e map[string]any
	if err := json.Unmarshal([]byte(got.body), &e); err != nil {
		t.Fatal(err, got)
	}
	context := e["requestContext"].(map[string]any)
	host := context["domainName"].(string)
	headers := e["headers"].(map[string]any)
	want := fmt.Sprintf(`{"version":"2.0","routeKey":"POST /pets/{id}/{rest+}","rawPath":"/pets/a b/c d/e","rawQueryString":"q=Hello%%20World&tag=C%%23&tag=.NET%%20Core&a",`+
		`"cookies":["c1=1","c2=2"],"headers":{"accept-encoding":"identity","content-length":"10","content-type":"application/json","host":%q,"user-agent":"test/1",`+
		`"x-amzn-trace-id":%q,"x-forwarded-for":"127.0.0.1","x-forwarded-port":%q,"x-forwarded-proto":"http","x-two":"1,2"},`+
		`"queryStringParameters":{"a":"","q":"Hello World","tag":"C#,.NET Core"},`+
		`"requestContext":{"accountId":"111122223333","apiId":"api1234567","domainName":%q,"domainPrefix":"api1234567",`+
		`"http":{"method":"POST","path":"/pets/a b/c d/e","protocol":"HTTP/1.1","sourceIp":"127.0.0.1","userAgent":"test/1"},`+
		`"requestId":%q,"routeKey":"POST /pets/{id}/{rest+}","stage":"$default","time":%q,"timeEpoch":%.0f},`+
		`"body":"{\"x\":\"é\"}","pathParameters":{"id":"a b","rest":"c d/e"},"isBase64Encoded":false,"stageVariables":{"a":"1","b":"2"}}`,
		host, headers["x-amzn-trace-id"], headers["x-forwarded-port"], host, got.header.Get("Apigw-Requestid"), context["time"], context["timeEpoch"])
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Error(diff)
	}
}

// Recorded on AWS: ministackorg/ministack#766.
func TestOnlyBodiesOfAFewTypesAreText(t *testing.T) {
	s := serveHTTP(t, defineHTTP(routes{"POST /": proxyOf("2.0")}), telling())
	for kind, binary := range map[string]bool{
		"text/plain": false, "text/csv; charset=utf-8": false, "application/json": false, "application/xml": false, "application/javascript": false,
		"application/x-www-form-urlencoded": true, "application/vnd.api+json": true, "image/png": true, "": true,
	} {
		t.Run(kind, func(t *testing.T) {
			var e struct {
				Body            string
				IsBase64Encoded bool
			}
			got := s.call("POST", "/", "hi", "Content-Type: "+kind)
			if err := json.Unmarshal([]byte(got.body), &e); err != nil {
				t.Fatal(err)
			}
			want := "hi"
			if binary {
				want = "aGk="
			}
			if e.Body != want || e.IsBase64Encoded != binary {
				t.Errorf("%+v", e)
			}
		})
	}
}

// Members and order: HTTP API guide, "Payload format structure"; values recorded on AWS (the snapshots of
// aws/aws-lambda-dotnet, Tools/LambdaTestTool-v2).
func TestEventOfFormat1(t *testing.T) {
	s := serveHTTP(t, defineHTTP(routes{"ANY /reviews/{product}/{author}": proxyOf("1.0")}, func(d *compile.V2) {
		d.Stage.StageName = aws.String("dev")
	}), telling())
	got := s.call("GET", "/reviews/%E2%98%95%20Coffee/me?b=1&b=2", "", "X-Two: 1", "X-Two: 2", "User-Agent: test/1", "Cookie: a=1", "Accept-Encoding: identity")
	var e map[string]any
	if err := json.Unmarshal([]byte(got.body), &e); err != nil {
		t.Fatal(err, got)
	}
	context := e["requestContext"].(map[string]any)
	host, id := context["domainName"].(string), got.header.Get("Apigw-Requestid")
	headers := e["headers"].(map[string]any)
	trace, port := headers["X-Amzn-Trace-Id"], headers["X-Forwarded-Port"]
	want := fmt.Sprintf(`{"version":"1.0","resource":"/reviews/{product}/{author}","path":"/dev/reviews/%%E2%%98%%95%%20Coffee/me","httpMethod":"GET",`+
		`"headers":{"Accept-Encoding":"identity","Content-Length":"0","Cookie":"a=1","Host":%[1]q,"User-Agent":"test/1","X-Amzn-Trace-Id":%[2]q,`+
		`"X-Forwarded-For":"127.0.0.1","X-Forwarded-Port":%[3]q,"X-Forwarded-Proto":"http","X-Two":"2"},`+
		`"multiValueHeaders":{"Accept-Encoding":["identity"],"Content-Length":["0"],"Cookie":["a=1"],"Host":[%[1]q],"User-Agent":["test/1"],"X-Amzn-Trace-Id":[%[2]q],`+
		`"X-Forwarded-For":["127.0.0.1"],"X-Forwarded-Port":[%[3]q],"X-Forwarded-Proto":["http"],"X-Two":["1","2"]},`+
		`"queryStringParameters":{"b":"2"},"multiValueQueryStringParameters":{"b":["1","2"]},`+
		`"requestContext":{"accountId":"111122223333","apiId":"api1234567","domainName":%[1]q,"domainPrefix":"api1234567","extendedRequestId":%[4]q,"httpMethod":"GET",`+
		`"identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,`+
		`"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"127.0.0.1","user":null,"userAgent":"test/1","userArn":null},`+
		`"path":"/dev/reviews/☕ Coffee/me","protocol":"HTTP/1.1","requestId":%[4]q,"requestTime":%[5]q,"requestTimeEpoch":%.0[6]f,`+
		`"resourceId":"ANY /reviews/{product}/{author}","resourcePath":"/reviews/{product}/{author}","stage":"dev"},`+
		`"pathParameters":{"author":"me","product":"☕ Coffee"},"stageVariables":null,"body":null,"isBase64Encoded":false}`,
		host, trace, port, id, context["requestTime"], context["requestTimeEpoch"])
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Error(diff)
	}
}

// HTTP API guide, "Create HTTP proxy integrations"; "Important notes", HTTP APIs.
func TestHTTPProxyOfAnHTTPAPI(t *testing.T) {
	backend := echoBackend(t)
	s := serveHTTP(t, defineHTTP(routes{"ANY /{proxy+}": backendAt(backend + "/${stageVariables.v}/{proxy}?u=1")}, func(d *compile.V2) {
		d.Stage.StageVariables = map[string]string{"v": "to"}
	}), nil)
	got := s.call("PATCH", "/a//b%20c?q=3&q=4", "body", "X-In: mine", "X-Status: 418", "Content-Type: text/plain", "X-Forwarded-For: 192.0.2.1", "Via: 1.0 x")
	e := got.echoed(t)
	if got.status != 418 || e.Verb != "PATCH" || e.Path != "/to/a//b%20c" || e.Body != "body" || e.Header.Get("X-In") != "mine" || e.Query != "u=1&q=3&q=4" {
		t.Errorf("%d %+v", got.status, e)
	}
	if diff := cmp.Diff([]string{"one", "two"}, got.header.Values("X-Many")); diff != "" {
		t.Error(diff)
	}
	host := strings.TrimPrefix(s.url, "http://127.0.0.1")
	host = "api1234567.execute-api.localhost" + host[:strings.IndexByte(host, '/')]
	if want := "for=192.0.2.1, by=127.0.0.1;for=127.0.0.1;host=" + host + ";proto=http"; e.Header.Get("Forwarded") != want {
		t.Errorf("%s, want %s", e.Header.Get("Forwarded"), want)
	}
	if e.Header.Get("Via") != "1.0 x, HTTP/1.1 AmazonAPIGateway" || e.Header.Get("X-Amzn-Trace-Id") == "" {
		t.Errorf("%v", e.Header)
	}
	for name := range e.Header {
		if strings.HasPrefix(name, "X-Forwarded-") {
			t.Error(name)
		}
	}
	t.Run("no payload", func(t *testing.T) {
		e := s.call("GET", "/x", "").echoed(t)
		if e.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || e.Header.Get("Content-Length") != "0" {
			t.Errorf("%v", e.Header)
		}
	})
}

// Facts: http-api §3; that there is no Content-Type was seen (cortexlabs/cortex#1225).
func TestABackendThatDoesNotAnswerIsUnavailable(t *testing.T) {
	slow := backendAt(echoBackend(t) + "/slow")
	slow.TimeoutInMillis = aws.Int32(50)
	for name, i := range map[string]types.Integration{"slow": slow, "unreachable": backendAt("http://127.0.0.1:1/")} {
		t.Run(name, func(t *testing.T) {
			got := serveHTTP(t, defineHTTP(routes{"GET /": i}), nil).call("GET", "/", "")
			if got.status != 503 || got.body != `{"message":"Service Unavailable"}` {
				t.Errorf("%+v", got)
			}
		})
	}
}
