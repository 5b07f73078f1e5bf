package compile_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/compile"
)

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

// An endless is a function that does not come back.
type endless struct{}

func (endless) Invoke(ctx context.Context, _ apigw.InvokeRequest) (apigw.Invocation, error) {
	<-ctx.Done()
	return apigw.Invocation{}, ctx.Err()
}

// serverless.com, "HTTP API": "successful lambda invocations reported with 503".
func TestAFunctionThatTakesTooLongIsUnavailable(t *testing.T) {
	i := proxyOf("2.0")
	i.TimeoutInMillis = aws.Int32(50)
	stage, err := compile.BuildHTTP(defineHTTP(routes{"GET /": i}), compile.Deps{Invoker: endless{}})
	if err != nil {
		t.Fatal(err)
	}
	got := (&server{t: t, url: publish(t, stage)}).call("GET", "/", "")
	if got.status != 503 || got.body != `{"message":"Service Unavailable"}` {
		t.Errorf("%+v", got)
	}
}

// Quotas of Lambda: 6 MB for the event of a synchronous call.
func TestAnEventThatIsTooLargeForLambda(t *testing.T) {
	s := serveHTTP(t, defineHTTP(routes{"POST /": proxyOf("2.0")}), returns("1"))
	if got := s.call("POST", "/", strings.Repeat("x", 5<<20)); got.status != 413 || got.body != `{"message":"Request Entity Too Large"}` {
		t.Errorf("as base64: %d %s", got.status, got.body)
	}
	if got := s.call("POST", "/", strings.Repeat("x", 5<<20), "Content-Type: text/plain"); got.status != 200 {
		t.Errorf("as text: %d %s", got.status, got.body)
	}
}
