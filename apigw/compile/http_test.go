package compile_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"
)

func httpMethod(kind types.IntegrationType, uri string, change func(*types.Integration)) types.Method {
	i := types.Integration{Type: kind, HttpMethod: aws.String("POST"), Uri: aws.String(uri)}
	m := types.Method{MethodIntegration: &i}
	m.MethodResponses, i.IntegrationResponses = ok(types.IntegrationResponse{})
	if change != nil {
		change(&i)
	}
	return m
}

// Facts: rest-dataplane §15, request; §4: what is not mapped does not go along.
func TestRequestMappingsReachTheBackend(t *testing.T) {
	backend := echoBackend(t)
	cases := []struct {
		source, header string // "" header: absent
	}{
		{"method.request.path.id", "a b"},
		{"method.request.querystring.q", "2"},
		{"method.request.multivaluequerystring.q", "1|2"},
		{"method.request.querystring.none", ""},
		{"method.request.header.x-in", "last"},
		{"method.request.multivalueheader.X-In", "first|last"},
		{"method.request.header.Connection", ""},
		{"method.request.body", `{"a":{"b":"text","n":1.50,"l":[1,2]}}`},
		{"method.request.body.a.b", "text"},
		{"method.request.body.a.n", "1.5"},
		{"method.request.body.a.l[1]", "2"},
		{"method.request.body.a.l", "[1,2]"},
		{"method.request.body.a.missing", ""},
		{"stageVariables.color", "red"},
		{"stageVariables.none", ""},
		{"context.stage", "prod"},
		{"context.httpMethod", "PUT"},
		{"context.identity.sourceIp", "127.0.0.1"},
		{"context.resourcePath", "/pets/{id}"},
		{"context.nonsense", ""},
		{"'fixed text'", "fixed text"},
		{"''", ""},
	}
	for _, c := range cases {
		t.Run(c.source, func(t *testing.T) {
			def := define(methods{"PUT /pets/{id}": httpMethod(types.IntegrationTypeHttp, backend+"/to", func(i *types.Integration) {
				i.RequestParameters = map[string]string{"integration.request.header.X-Out": c.source}
			})})
			def.Stage.Variables = map[string]string{"color": "red"}
			s := serve(t, def, nil)
			got := s.call("PUT", "/pets/a%20b?q=1&q=2", `{"a":{"b":"text","n":1.50,"l":[1,2]}}`,
				"X-In: first", "X-In: last", "Content-Type: text/plain").echoed(t)
			joined := ""
			for i, v := range got.Header["X-Out"] {
				if i > 0 {
					joined += "|"
				}
				joined += v
			}
			if joined != c.header {
				t.Errorf("%q, want %q", joined, c.header)
			}
			if got.Header["X-In"] != nil || got.Query != "" || got.Verb != "POST" {
				t.Errorf("unmapped parts went along: %+v", got)
			}
		})
	}
}

// Facts: rest-dataplane §6, HTTP rows; §15, stage variables in URIs.
func TestURIOfTheBackendIsFilled(t *testing.T) {
	backend := echoBackend(t)
	cases := []struct {
		name, uri   string
		parameters  map[string]string
		path, query string
		wantPath    string
		wantQuery   string
	}{
		{"stage variable", "/v/${stageVariables.color}?c=${stageVariables.color}", nil, "/pets/7", "", "/v/red", "c=red"},
		{"path to path stays encoded", "/to/{p}", map[string]string{"path.p": "method.request.path.id"}, "/pets/a%20b%2Fc+d", "", "/to/a%20b%2Fc+d", ""},
		{"query to path is encoded", "/to/{p}/end", map[string]string{"path.p": "method.request.querystring.q"}, "/pets/7", "q=a%20b/c%3F", "/to/a%20b/c%3F/end", ""},
		{"static text", "/to/{p}", map[string]string{"path.p": "'x'"}, "/pets/7", "", "/to/x", ""},
		{"query", "/to?own=1", map[string]string{"querystring.a": "method.request.path.id", "querystring.none": "method.request.querystring.none"}, "/pets/7", "", "/to", "own=1&a=7"},
		{"several values", "/to", map[string]string{"querystring.a": "method.request.multivaluequerystring.q"}, "/pets/7", "q=1&q=2", "/to", "a=1&a=2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			def := define(methods{"GET /pets/{id}": httpMethod(types.IntegrationTypeHttp, backend+c.uri, func(i *types.Integration) {
				i.RequestParameters = map[string]string{}
				for target, source := range c.parameters {
					i.RequestParameters["integration.request."+target] = source
				}
			})})
			def.Stage.Variables = map[string]string{"color": "red"}
			s := serve(t, def, nil)
			got := s.call("GET", c.path+"?"+c.query, "").echoed(t)
			if got.Path != c.wantPath || got.Query != c.wantQuery {
				t.Errorf("%s?%s, want %s?%s", got.Path, got.Query, c.wantPath, c.wantQuery)
			}
		})
	}
	t.Run("a variable that is not set breaks the host", func(t *testing.T) {
		s := serve(t, define(methods{"GET /": httpMethod(types.IntegrationTypeHttp, "http://${stageVariables.host}/", nil)}), nil)
		got := s.call("GET", "/", "")
		if got.status != 500 || got.body != serverError || got.header.Get("x-amzn-ErrorType") != "InternalServerErrorException" {
			t.Errorf("%+v", got)
		}
	})
}

// Facts: rest-dataplane §9, writable $context; §6, "empty body through HTTP".
func TestRequestTemplateMakesTheBackendsRequest(t *testing.T) {
	backend := echoBackend(t)
	cases := []struct{ name, template, body, want string }{
		{"body", `{"n": "$input.path('$.name')", "p": "$input.params('id')"}`, `{"name": "Ada"}`, `{"n": "Ada", "p": "a b"}`},
		{"empty body is an empty object", `$input.body`, "", "{}"},
		{"empty template is an empty object", ``, "x", "{}"},
		{"override of a header", `#set($context.requestOverride.header.X-Out = "over")b`, "", "b header=over"},
		{"override of the path", `#set($context.requestOverride.path.p = "else where")b`, "", "b path=/to/else%20where"},
		{"override of the query", `#set($context.requestOverride.querystring.q = "over")b`, "", "b query=q=over"},
		{"new query parameter", `#set($context.requestOverride.querystring.more = "1")b`, "", "b query=q=mapped&more=1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, define(methods{"POST /{id}": httpMethod(types.IntegrationTypeHttp, backend+"/to/{p}", func(i *types.Integration) {
				i.RequestTemplates = templates(c.template)
				i.RequestParameters = map[string]string{"integration.request.header.X-Out": "'mapped'", "integration.request.path.p": "'mapped'",
					"integration.request.querystring.q": "'mapped'"}
			})}), nil)
			e := s.call("POST", "/a%20b", c.body).echoed(t)
			got := e.Body
			if v := e.Header.Get("X-Out"); v != "mapped" {
				got += " header=" + v
			}
			if e.Path != "/to/mapped" {
				got += " path=" + e.Path
			}
			if e.Query != "q=mapped" {
				got += " query=" + e.Query
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Facts: rest-dataplane §15, response; §4, renamed headers.
func TestResponseMappingsReachTheClient(t *testing.T) {
	backend := echoBackend(t)
	cases := []struct {
		target, source string
		header         string
		want           []string
	}{
		{"X-Out", "integration.response.header.x-backend", "X-Out", []string{"here"}},
		{"X-Out", "integration.response.header.X-Many", "X-Out", []string{"two"}},
		{"X-Out", "integration.response.multivalueheader.X-Many", "X-Out", []string{"one", "two"}},
		{"X-Out", "integration.response.header.none", "X-Out", nil},
		{"X-Out", "integration.response.body.Verb", "X-Out", []string{"POST"}},
		{"X-Out", "integration.response.body.none", "X-Out", nil},
		{"X-Out", "stageVariables.color", "X-Out", []string{"red"}},
		{"X-Out", "context.apiId", "X-Out", []string{"api1234567"}},
		{"X-Out", "'*'", "X-Out", []string{"*"}},
		{"Content-Type", "'text/html'", "Content-Type", []string{"text/html"}},
		{"Server", "'mine'", "X-Amzn-Remapped-Server", []string{"mine"}},
		{"Transfer-Encoding", "'gzip'", "X-Amzn-Remapped-Transfer-Encoding", nil},
	}
	for _, c := range cases {
		t.Run(c.target+" from "+c.source, func(t *testing.T) {
			def := define(methods{"GET /": httpMethod(types.IntegrationTypeHttp, backend, func(i *types.Integration) {
				i.IntegrationResponses["200"] = types.IntegrationResponse{ResponseParameters: map[string]string{"method.response.header." + c.target: c.source}}
			})})
			def.Stage.Variables = map[string]string{"color": "red"}
			got := serve(t, def, nil).call("GET", "/", "")
			if diff := cmp.Diff(c.want, got.header.Values(c.header)); diff != "" {
				t.Error(diff)
			}
			if got.header.Get("X-Backend") != "" {
				t.Error("a header that is not mapped reached the client")
			}
			if got.header.Get("X-Amzn-Trace-Id") == "" {
				t.Error("no trace id")
			}
		})
	}
}

// Facts: rest-dataplane §15: HTTP responses are selected by their status.
func TestStatusOfTheBackendSelectsTheResponse(t *testing.T) {
	backend := echoBackend(t)
	m := httpMethod(types.IntegrationTypeHttp, backend, func(i *types.Integration) {
		i.RequestParameters = map[string]string{"integration.request.header.X-Status": "method.request.querystring.s"}
		i.IntegrationResponses["404"] = types.IntegrationResponse{SelectionPattern: aws.String(`4\d{2}`), ResponseTemplates: templates(`{"was": $input.json('$.Verb')}`)}
	})
	m.MethodResponses["404"] = types.MethodResponse{}
	s := serve(t, define(methods{"GET /": m}), nil)
	if got := s.call("GET", "/?s=418", ""); got.status != 404 || got.body != `{"was": "POST"}` {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.call("GET", "/?s=503", ""); got.status != 200 {
		t.Errorf("the default response's status is used whatever the backend's: %d", got.status)
	}
}

// Facts: rest-dataplane §6, HTTP_PROXY.
func TestHTTPProxyMapsParametersOnly(t *testing.T) {
	backend := echoBackend(t)
	s := serve(t, define(methods{"ANY /{proxy+}": httpMethod(types.IntegrationTypeHttpProxy, backend+"/to/{proxy}?u=1", func(i *types.Integration) {
		i.HttpMethod = aws.String("ANY")
		i.RequestParameters = map[string]string{"integration.request.path.proxy": "method.request.path.proxy",
			"integration.request.header.X-In": "'mapped'", "integration.request.querystring.m": "'2'"}
		i.RequestTemplates = templates("never")
		i.IntegrationResponses = nil
	})}), nil)
	got := s.call("PATCH", "/a//b%20c?q=3", "body", "X-In: mine", "X-Status: 418", "Content-Type: application/json")
	e := got.echoed(t)
	if got.status != 418 || e.Verb != "PATCH" || e.Path != "/to/a//b%20c" || e.Body != "body" || e.Header.Get("X-In") != "mapped" {
		t.Errorf("%d %+v", got.status, e)
	}
	if e.Query != "u=1&m=2&q=3" {
		t.Error(e.Query)
	}
	if got.header.Get("X-Backend") != "here" {
		t.Errorf("%v", got.header)
	}
}
