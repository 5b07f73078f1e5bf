package compile_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"postern/apigw/compile"
	"postern/apigw/httpapi"
)

// HTTP API guide, "Transform API requests and responses", read 2026-11. What the guide leaves open is
// marked.
func TestRequestParametersOfAnHTTPAPI(t *testing.T) {
	backend := echoBackend(t)
	const call = "/pets/a%20b?q=1&q=2&Q=3"
	cases := []struct {
		name       string
		parameters map[string]string
		header     string // "name=values"; "name": absent
		path       string // "" as without a mapping
		query      string // the same
	}{
		{"append to a header", map[string]string{"append:header.x-in": "more"}, "X-In=mine|more", "", ""},
		{"append a new one", map[string]string{"append:header.header1": "$context.requestId"}, "Header1=*", "", ""},
		{"overwrite", map[string]string{"overwrite:header.X-In": "$request.querystring.q"}, "X-In=1,2", "", ""},
		{"remove", map[string]string{"remove:header.x-in": "''"}, "X-In", "", ""},
		{"rename", map[string]string{"append:header.header2": "$request.header.x-in", "remove:header.x-in": "''"}, "Header2=mine", "", ""},
		{"remove, then append: the order is ours", map[string]string{"append:header.x-in": "$request.header.x-in!", "remove:header.x-in": ""}, "X-In=mine!", "", ""},
		{"a value that is not there", map[string]string{"overwrite:header.x-in": "$request.header.none"}, "X-In=mine", "", ""},
		{"several references", map[string]string{"append:header.all": "${stageVariables.color}-${request.path.id}-$request.body.a.b"}, "All=red-a b-deep", "", ""},
		{"append to the query", map[string]string{"append:querystring.q": "$request.path"}, "", "", "q=1&q=2&q=%2Fpets%2Fa%2520b&Q=3"},
		{"overwrite of the query", map[string]string{"overwrite:querystring.q": "x", "append:querystring.n": "&"}, "", "", "q=x&Q=3&n=%26"},
		{"remove from the query", map[string]string{"remove:querystring.q": "''"}, "", "", "Q=3"},
		{"static path", map[string]string{"overwrite:path": "/other"}, "", "/other", ""},
		{"path of the request", map[string]string{"overwrite:path": "$request.path"}, "", "/pets/a%20b", ""},
		{"path with what no path can hold", map[string]string{"overwrite:path": "/a?b#c%d"}, "", "/a%3Fb%23c%25d", ""},
		{"path with two slashes", map[string]string{"overwrite:path": "//other.example/$request.path.id"}, "", "//other.example/a%20b", ""},
		{"path with decoded parts", map[string]string{"overwrite:path": "/x/${request.path.id}"}, "", "/x/a%20b", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			i := backendAt(backend + "/to")
			i.RequestParameters = c.parameters
			s := serveHTTP(t, defineHTTP(routes{"POST /pets/{id}": i}, func(d *compile.V2) {
				d.Stage.StageVariables = map[string]string{"color": "red"}
			}), nil)
			got := s.call("POST", call, `{"a":{"b":"deep"}}`, "X-In: mine", "Content-Type: application/json")
			e := got.echoed(t)
			name, want, _ := strings.Cut(c.header, "=")
			if want == "*" {
				want = got.header.Get("Apigw-Requestid")
			}
			if values := strings.Join(e.Header.Values(name), "|"); values != want {
				t.Errorf("%s: %q, want %q", name, values, want)
			}
			if c.path == "" {
				c.path = "/to"
			}
			if c.query == "" {
				c.query = "q=1&q=2&Q=3"
			}
			if e.Path != c.path || e.Query != c.query {
				t.Errorf("%s?%s, want %s?%s", e.Path, e.Query, c.path, c.query)
			}
		})
	}
}

// The guide does not tell integrations apart: functions see the mapped request too.
func TestRequestParametersReachTheEvent(t *testing.T) {
	i := proxyOf("2.0")
	i.RequestParameters = map[string]string{"overwrite:path": "$request.path", "append:header.x-in": "2", "remove:header.x-out": "''", "overwrite:querystring.q": "new value"}
	s := serveHTTP(t, defineHTTP(routes{"GET /pets/{id}": i}, func(d *compile.V2) { d.Stage.StageName = aws.String("dev") }), telling())
	got := s.call("GET", "/pets/a%20b?q=1", "", "X-In: 1", "X-Out: 1")
	var e struct {
		RawPath, RawQueryString        string
		Headers, QueryStringParameters map[string]string
	}
	if err := json.Unmarshal([]byte(got.body), &e); err != nil {
		t.Fatal(err)
	}
	if _, there := e.Headers["x-out"]; e.RawPath != "/pets/a b" || e.RawQueryString != "q=new+value" || e.Headers["x-in"] != "1,2" || there || e.QueryStringParameters["q"] != "new value" {
		t.Errorf("%+v", e)
	}
}

// HTTP API guide, "Transform API responses".
func TestResponseParametersOfAnHTTPAPI(t *testing.T) {
	backend := echoBackend(t)
	parameters := map[string]map[string]string{
		"500": {"append:header.header1": "$context.requestId", "overwrite:statuscode": "403"},
		"404": {"append:header.error": "$stageVariables.environmentId", "remove:header.x-backend": "''"},
		"200": {"overwrite:header.x-many": "$response.header.x-many", "append:header.verb": "$response.body.Verb"},
	}
	i := backendAt(backend)
	i.ResponseParameters = parameters
	s := serveHTTP(t, defineHTTP(routes{"GET /": i}, func(d *compile.V2) {
		d.Stage.StageVariables = map[string]string{"environmentId": "test"}
	}), nil)
	got := s.call("GET", "/", "", "X-Status: 500")
	if got.status != 403 || got.header.Get("Header1") != got.header.Get("Apigw-Requestid") || got.header.Get("X-Backend") != "here" {
		t.Errorf("%+v", got)
	}
	got = s.call("GET", "/", "", "X-Status: 404")
	if got.status != 404 || got.header.Get("Error") != "test" || got.header.Get("X-Backend") != "" {
		t.Errorf("%+v", got)
	}
	got = s.call("GET", "/", "")
	if diff := cmp.Diff([]string{"one,two"}, got.header.Values("X-Many")); diff != "" || got.header.Get("Verb") != "GET" {
		t.Errorf("%s %+v", diff, got)
	}
	got = s.call("GET", "/", "", "X-Status: 201")
	if len(got.header.Values("X-Many")) != 2 {
		t.Errorf("a status without parameters: %+v", got)
	}
	t.Run("of a function", func(t *testing.T) {
		i := proxyOf("2.0")
		i.ResponseParameters = map[string]map[string]string{"404": {"overwrite:statuscode": "200", "overwrite:header.content-type": "text/x", "append:header.was": "$response.body.a"}}
		got := serveHTTP(t, defineHTTP(routes{"GET /": i}), returns(`{"statusCode":404,"body":"{\"a\":1}"}`)).call("GET", "/", "")
		if got.status != 200 || got.header.Get("Content-Type") != "text/x" || got.header.Get("Was") != "1" || got.body != `{"a":1}` {
			t.Errorf("%+v", got)
		}
	})
	t.Run("not of errors of the gateway", func(t *testing.T) {
		i := backendAt("http://127.0.0.1:1/")
		i.ResponseParameters = map[string]map[string]string{"503": {"overwrite:statuscode": "200"}}
		if got := serveHTTP(t, defineHTTP(routes{"GET /": i}), nil).call("GET", "/", ""); got.status != 503 {
			t.Errorf("%+v", got)
		}
	})
}

// Texts: hashicorp/terraform-provider-aws#17997 and facts, http-api §5.
func TestParametersThatCannotBeMapped(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"append:overwrite.static", "x", "Invalid Request Actioned Parameter destination specified: append:overwrite.static"},
		{"header.x", "x", "Invalid Request Actioned Parameter destination specified: header.x"},
		{"append:path", "x", "Invalid Request Actioned Parameter destination specified: append:path"},
		{"append:header.", "x", "Invalid Request Actioned Parameter destination specified: append:header."},
		{"overwrite:statuscode", "200", "Invalid Request Actioned Parameter destination specified: overwrite:statuscode"},
		{"append:header.X-Forwarded-For", "x", "Operations on header x-forwarded-for are restricted"},
		{"append:header.x-amz-date", "x", "Operations on header x-amz-date are restricted"},
		{"append:header.apigw-requestid", "x", "Operations on header apigw-requestid are restricted"},
		{"append:header.x", "$request.cookie.a", "$request.cookie.a"},
	} {
		t.Run(c.key, func(t *testing.T) {
			_, err := httpapi.ParseRequestMapping(map[string]string{c.key: c.value})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	_, err := httpapi.ParseResponseMapping(map[string]map[string]string{"200": {"append:querystring.x": "y"}, "abc": {}})
	if err == nil || !strings.Contains(err.Error(), "Invalid Response Actioned Parameter destination specified: append:querystring.x") || !strings.Contains(err.Error(), `"abc"`) {
		t.Error(err)
	}
}
