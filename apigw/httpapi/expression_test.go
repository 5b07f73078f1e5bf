package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"postern/apigw"
	"postern/apigw/httpapi"
)

func exchange(body string) *apigw.Exchange {
	x := &apigw.Exchange{
		Stage:  &apigw.Stage{APIID: "api123", Name: "dev", Variables: map[string]string{"color": "red"}},
		Method: &apigw.Method{PathParams: []string{"id"}},
	}
	x.Request.Verb, x.Request.Path, x.Request.StagePath = "GET", "/pets/a%20b", "/dev/pets/a%20b"
	x.Request.PathValues = []string{"a%20b"}
	x.Request.RawQuery = "q=1&q=2&Q=big"
	x.Request.Body = []byte(body)
	x.Request.SetHeaders(http.Header{"User-Agent": {"curl"}, "X-Many": {"one", "two"}}, nil)
	x.Endpoint.Response = apigw.EndpointResponse{Body: []byte(`{"id":7}`), Header: apigw.Header{{Name: "X-From", Value: "a"}, {Name: "x-from", Value: "b"}}}
	return x
}

// Sources: HTTP API guide, "Transform API requests and responses" and "Create AWS service integrations",
// read 2026-11.
func TestRequestExpressions(t *testing.T) {
	const body = `{"a":{"b":"text"},"l":[{"n":1},2],"o-k":true,"none":null,"empty":""}`
	for _, c := range []struct{ source, want string }{ // want "-": nothing
		{"$request.header.x-many", "one,two"},
		{"${request.header.User-Agent}", "curl"},
		{"$request.header.none", "-"},
		{"$request.querystring.q", "1,2"},
		{"$request.querystring.Q", "big"},
		{"$request.path", "/pets/a%20b"},
		{"$request.path.id", "a b"},
		{"$request.path.other", "-"},
		{"$request.body", body},
		{"$request.body.a.b", "text"},
		{"$request.body.a", `{"b":"text"}`},
		{"$request.body.l[0].n", "1"},
		{"$request.body.o-k", "true"},
		{"$request.body.none", "-"},
		{"$request.body.empty", ""},
		{"$request.body.a.c", "-"},
		{"$context.apiId", "api123"},
		{"$context.authorizer.claims.sub", "-"},
		{"$stageVariables.color", "red"},
		{"$stageVariables.none", "-"},
		{"static text", "static text"},
		{"", ""},
		{"5$ or $5", "5$ or $5"},
		{"$request.header.user-agent-$context.stage.", "curl-dev."},
		{"/v1/${request.path.id}/${context.apiId}", "/v1/a b/api123"},
		{"${stageVariables.color}${request.header.none}", "-"},
		{`{"UA":{"StringValue":"${request.header.user-agent}"}}`, `{"UA":{"StringValue":"curl"}}`},
	} {
		t.Run(c.source, func(t *testing.T) {
			e, err := httpapi.ParseRequest(c.source)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := e.Resolve(exchange(body))
			if !ok {
				got = "-"
			}
			if got != c.want || e.String() != c.source || e.Static() != !strings.Contains(strings.NewReplacer("$ ", "", "$5", "").Replace(c.source), "$") {
				t.Errorf("%q (static: %v), want %q", got, e.Static(), c.want)
			}
		})
	}
}

func TestABodyThatIsTooLongHasNoPaths(t *testing.T) {
	x := exchange(`{"a":"b","pad":"` + strings.Repeat("x", 100<<10) + `"}`)
	path, _ := httpapi.ParseRequest("$request.body.a")
	if v, ok := path.Resolve(x); ok {
		t.Error(v)
	}
	whole, _ := httpapi.ParseRequest("$request.body")
	if _, ok := whole.Resolve(x); !ok {
		t.Error("the whole body is not cut off")
	}
}

func TestResponseExpressions(t *testing.T) {
	for source, want := range map[string]string{
		"$response.header.x-from": "a,b", "$response.body.id": "7", "$response.body": `{"id":7}`, "$context.stage": "dev", "403": "403",
		"<${response.body.id}>": "<7>",
	} {
		e, err := httpapi.ParseResponse(source)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := e.Resolve(exchange("")); !ok || got != want {
			t.Errorf("%s: %q", source, got)
		}
	}
}

func TestExpressionsThatAreNone(t *testing.T) {
	for _, s := range []string{"$request.cookie.a", "$request", "$request.header", "$foo.bar", "${request.header.a", "$response.header.a", "$context", "a ${} b", "$request.body..a", "${request.body.l[?(@.n>1)]}"} {
		if _, err := httpapi.ParseRequest(s); err == nil {
			t.Errorf("%s is taken", s)
		}
	}
	for _, s := range []string{"$request.header.a", "$response.path", "$response"} {
		if _, err := httpapi.ParseResponse(s); err == nil {
			t.Errorf("%s is taken", s)
		}
	}
}
