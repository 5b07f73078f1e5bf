package compile_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// Facts: rest-dataplane §6, MOCK; §9, overrides and the printed $context.
func TestMockAnswersWhatItsTemplatesSay(t *testing.T) {
	const always = `{"statusCode": 200}`
	cases := []struct {
		name     string
		request  string
		response types.IntegrationResponse
		path     string
		status   int
		body     string
	}{
		{"nothing mapped is an empty body", always, types.IntegrationResponse{}, "", 200, ""},
		{"unquoted keys are tolerated", `{statusCode: 200}`, types.IntegrationResponse{}, "", 200, ""},
		{"numeric string", `{"statusCode": "200"}`, types.IntegrationResponse{}, "", 200, ""},
		{"computed request", `#set($n = 100)#set($n = $n + $n){"statusCode": $n}`, types.IntegrationResponse{}, "", 200, ""},
		{"no template", "", types.IntegrationResponse{}, "", 500, serverError},
		{"no statusCode", `{"status": 200}`, types.IntegrationResponse{}, "", 500, serverError},
		{"statusCode that is no number", `{"statusCode": "ok"}`, types.IntegrationResponse{}, "", 500, serverError},
		{"not an object", `200`, types.IntegrationResponse{}, "", 500, serverError},
		{"template that does not parse", `#if(`, types.IntegrationResponse{}, "", 500, serverError},
		{"response template", always, types.IntegrationResponse{ResponseTemplates: templates(`{"stage": "$context.stage"}`)}, "", 200, `{"stage": "prod"}`},
		{"response template that does not parse", always, types.IntegrationResponse{ResponseTemplates: templates(`#if(`)}, "", 500, serverError},
		{"the body of a mock is empty", always, types.IntegrationResponse{ResponseTemplates: templates(`$input.json('$')`)}, "", 200, "{}"},
		{"parameters of the request", always, types.IntegrationResponse{ResponseTemplates: templates(`$input.params('id') $input.params().querystring.q`)}, "?id=7&q=a%20b", 200, "7 a b"},
		{"request time is a number", always, types.IntegrationResponse{ResponseTemplates: templates(`#if($context.requestTimeEpoch > 1000)late#end`)}, "", 200, "late"},
		{"identity prints nothing as a whole", always, types.IntegrationResponse{ResponseTemplates: templates(`$context.identity $context.identity.sourceIp <$context.identity.user>`)}, "", 200, " 127.0.0.1 <>"},
		{"the request template overrides the status", `#set($context.responseOverride.status = 444){"statusCode": 200}`, types.IntegrationResponse{}, "", 444, ""},
		{"the response template overrides the status", always, types.IntegrationResponse{ResponseTemplates: templates(`#set($context.responseOverride.status = 201)x`)}, "", 201, "x"},
		{"overrides of the request reach the response", `#set($context.requestOverride.path.body = "kept"){"statusCode": 200}`,
			types.IntegrationResponse{ResponseTemplates: templates(`$context.requestOverride.path.body`)}, "", 200, "kept"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, define(methods{"GET /": mock(c.request, c.response)}), nil)
			got := s.call("GET", "/"+c.path, "")
			if got.status != c.status || got.body != c.body {
				t.Errorf("%d %q, want %d %q\n%s", got.status, got.body, c.status, c.body, s.warnings)
			}
			if got.header.Get("X-Amzn-Trace-Id") != "" {
				t.Error("a mock shows no trace id (facts: §4)")
			}
		})
	}
}

// Facts: rest-dataplane §9, responseOverride; §4, renamed headers.
func TestTemplatesOverrideHeaders(t *testing.T) {
	m := mock(`#set($context.responseOverride.header.X-A = "request"){"statusCode": 200}`, types.IntegrationResponse{
		ResponseParameters: map[string]string{"method.response.header.x-a": "'mapped'", "method.response.header.X-B": "'mapped'"},
		ResponseTemplates: templates(`#set($context.responseOverride.header["x-b"] = "response")` +
			`#set($context.responseOverride.header["content-length"] = "99")#set($context.responseOverride.header.Content-Type = "text/plain")four`),
	})
	got := serve(t, define(methods{"GET /": m}), nil).call("GET", "/", "")
	want := map[string]string{"X-A": "request", "X-B": "response", "Content-Length": "4", "X-Amzn-Remapped-Content-Length": "99", "Content-Type": "text/plain"}
	for name, value := range want {
		if values := got.header.Values(name); len(values) != 1 || values[0] != value {
			t.Errorf("%s: %q, want %q", name, values, value)
		}
	}
	if got.body != "four" {
		t.Error(got.body)
	}
}

// Facts: rest-dataplane §6, MOCK: the number picks the integration response.
func TestMockPicksTheResponseOfItsStatus(t *testing.T) {
	m := mock(`{"statusCode": $input.params('code')}`, types.IntegrationResponse{
		SelectionPattern: aws.String(`2\d{2}`), ResponseTemplates: templates("two"),
	})
	m.MethodIntegration.IntegrationResponses["404"] = types.IntegrationResponse{SelectionPattern: aws.String("404"), ResponseTemplates: templates("four")}
	m.MethodResponses["404"] = types.MethodResponse{}
	m.MethodIntegration.IntegrationResponses["500"] = types.IntegrationResponse{ResponseTemplates: templates("default")}
	m.MethodResponses["500"] = types.MethodResponse{}
	m.MethodIntegration.IntegrationResponses["302"] = types.IntegrationResponse{SelectionPattern: aws.String(`3(?!03)\d+`)}
	m.MethodIntegration.IntegrationResponses["409"] = types.IntegrationResponse{SelectionPattern: aws.String("40"), ResponseTemplates: templates("prefix")}
	m.MethodResponses["409"] = types.MethodResponse{}
	s := serve(t, define(methods{"GET /": m}), nil)
	cases := []struct {
		name, code string
		status     int
		body       string
	}{
		{"pattern", "201", 200, "two"},
		{"literal", "404", 404, "four"},
		{"the whole text has to match", "2011", 500, "default"},
		{"a prefix is no match", "409", 500, "default"},
		{"no pattern matches", "418", 500, "default"},
		{"look-ahead", "303", 500, "default"},
		{"no method response", "304", 500, serverError},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := s.call("GET", "/?code="+c.code, ""); got.status != c.status || got.body != c.body {
				t.Errorf("%d %q, want %d %q", got.status, got.body, c.status, c.body)
			}
		})
	}
}

// Facts: rest-dataplane §15: a bad or a missing choice is a 500.
func TestIntegrationResponseHasToBeThere(t *testing.T) {
	cases := []struct {
		name   string
		change func(*types.Method)
	}{
		{"none", func(m *types.Method) { m.MethodIntegration.IntegrationResponses = nil }},
		{"none matches and no default", func(m *types.Method) {
			m.MethodIntegration.IntegrationResponses["200"] = types.IntegrationResponse{SelectionPattern: aws.String("5..")}
		}},
		{"pattern that is none", func(m *types.Method) {
			m.MethodIntegration.IntegrationResponses["200"] = types.IntegrationResponse{SelectionPattern: aws.String("2(")}
		}},
		{"no method response", func(m *types.Method) { m.MethodResponses = nil }},
		{"mapping that is none", func(m *types.Method) {
			m.MethodIntegration.IntegrationResponses["200"] = types.IntegrationResponse{
				ResponseParameters: map[string]string{"method.response.header.X": "integration.nonsense"}}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := mock(`{"statusCode": 200}`, types.IntegrationResponse{})
			c.change(&m)
			s := serve(t, define(methods{"GET /": m}), nil)
			if got := s.call("GET", "/", ""); got.status != 500 || got.body != serverError {
				t.Errorf("%d %q", got.status, got.body)
			}
		})
	}
}

// Facts: rest-dataplane §7.
func TestRequestTemplateIsChosenByContentType(t *testing.T) {
	jsonOnly := map[string]string{"application/json": `{"statusCode": 200}`}
	cases := []struct {
		name        string
		templates   map[string]string
		passthrough string
		contentType string
		status      int
	}{
		{"match", jsonOnly, "NEVER", "application/json", 200},
		{"match with parameters", jsonOnly, "NEVER", "application/json; charset=utf-8", 200},
		{"absent is application/json", jsonOnly, "NEVER", "", 200},
		{"no match passes", jsonOnly, "WHEN_NO_MATCH", "text/plain", 201},
		{"no match passes by default", jsonOnly, "", "text/plain", 201},
		{"no match with templates", jsonOnly, "WHEN_NO_TEMPLATES", "text/plain", 415},
		{"no match, never", jsonOnly, "NEVER", "text/plain", 415},
		{"no templates pass", nil, "WHEN_NO_MATCH", "application/json", 201},
		{"no templates pass too", nil, "WHEN_NO_TEMPLATES", "application/json", 201},
		{"no templates, never", nil, "NEVER", "application/json", 415},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := mock("", types.IntegrationResponse{SelectionPattern: aws.String("200")})
			m.MethodIntegration.IntegrationResponses["201"] = types.IntegrationResponse{}
			m.MethodResponses["201"] = types.MethodResponse{}
			m.MethodIntegration.RequestTemplates = c.templates
			if c.passthrough != "" {
				m.MethodIntegration.PassthroughBehavior = &c.passthrough
			}
			s := serve(t, define(methods{"POST /": m}), nil)
			var headers []string
			if c.contentType != "" {
				headers = []string{"Content-Type: " + c.contentType}
			}
			got := s.call("POST", "/", `{"statusCode": 201}`, headers...)
			if got.status != c.status {
				t.Errorf("%d %s, want %d", got.status, got.body, c.status)
			}
			if c.status == 415 && got.body != `{"message": "Unsupported Media Type"}` {
				t.Error(got.body)
			}
		})
	}
}

// Facts: rest-dataplane §7, response; §6, MOCK: "Content-Type = key of chosen response template".
func TestResponseTemplateIsChosenByAccept(t *testing.T) {
	s := serve(t, define(methods{
		"GET /": mock(`{"statusCode": 200}`, types.IntegrationResponse{ResponseTemplates: map[string]string{
			"application/xml": "<x/>", "application/json": "{}", "text/plain": "x",
		}}),
		"GET /xml":  mock(`{"statusCode": 200}`, types.IntegrationResponse{ResponseTemplates: map[string]string{"application/xml": "<x/>"}}),
		"GET /none": mock(`{"statusCode": 200}`, types.IntegrationResponse{}),
	}), nil)
	cases := []struct{ name, path, accept, contentType, body string }{
		{"match", "/", "text/plain", "text/plain", "x"},
		{"first type of several", "/", "application/xml, text/plain", "application/xml", "<x/>"},
		{"no match is application/json", "/", "image/png", "application/json", "{}"},
		{"absent is application/json", "/", "", "application/json", "{}"},
		{"else the first", "/xml", "application/json", "application/xml", "<x/>"},
		{"no template", "/none", "text/plain", "application/json", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := s.call("GET", c.path, "", "Accept: "+c.accept)
			if got.body != c.body || got.header.Get("Content-Type") != c.contentType {
				t.Errorf("%s %q", got.header.Get("Content-Type"), got.body)
			}
		})
	}
}
