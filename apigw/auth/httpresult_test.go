package auth

import (
	"net/http"
	"strings"
	"testing"

	"postern/apigw"
	"postern/apigw/policy"
)

const anyPolicy = `"principalId":"p","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// The shapes are those of the HTTP API guide, "Control access to HTTP APIs with AWS Lambda authorizers": what is
// none of them is a 500.
func TestResultsOfHTTPAPIs(t *testing.T) {
	const any = `{"stringKey":"value","numberKey":1.50,"booleanKey":true,"arrayKey":["a", "b"],"mapKey":{"x":null},"nothing":null}`
	const anyText = `[{stringKey value} {numberKey 1.50} {booleanKey true} {arrayKey ["a", "b"]} {mapKey {"x":null}} {nothing null}]`
	const noFormatOf = "The response from the Lambda Authorizer function doesn't match the format that API Gateway expects. "
	for _, c := range []struct {
		name, payload string
		read          func(apigw.Invocation) (*Result, error)
		want          string
	}{
		{"simple: yes", `{"isAuthorized":true,"context":` + any + `}`, ReadSimple, "Allow  " + anyText + " " + any},
		{"simple: no", `{"isAuthorized":false}`, ReadSimple, "Deny  []"},
		{"simple: no context", `{"isAuthorized":true,"context":null,"principalId":"me"}`, ReadSimple, "Allow me []"},
		{"simple: more than that", `{"isAuthorized":true,"statusCode":200,"context":{}}`, ReadSimple, "Allow  [] {}"},
		{"simple: the last one counts", `{"isAuthorized":true,"isAuthorized":false}`, ReadSimple, "Deny  []"},
		{"simple: a policy", `{` + anyPolicy + `,"context":{"a":[1]}}`, ReadSimple, `Allow p [{a [1]}] {"a":[1]}`},
		{"simple: both", `{"isAuthorized":false,` + anyPolicy + `}`, ReadSimple, "Deny p []"},
		{"simple: text", `{"isAuthorized":"true"}`, ReadSimple, noFormatOf + "isAuthorized is no boolean"},
		{"simple: null", `{"isAuthorized":null}`, ReadSimple, noFormatOf + "isAuthorized is no boolean"},
		{"simple: neither", `{"authorized":true}`, ReadSimple, noFormatOf + "Simple response did not include 'isAuthorized'"},
		{"simple: nothing", `null`, ReadSimple, noFormatOf + "it is not an object"},
		{"simple: a boolean", `true`, ReadSimple, noFormatOf + "it is not an object"},
		{"simple: a context that is none", `{"isAuthorized":true,"context":[]}`, ReadSimple, noFormatOf + "it is not an object"},
		{"2.0", `{` + anyPolicy + `,"context":` + any + `,"usageIdentifierKey":"k"}`, ReadHTTP2, "Allow p " + anyText + " " + any},
		{"2.0: simple is not enough", `{"isAuthorized":true}`, ReadHTTP2, noFormatOf + "the authorizer's result has no principalId"},
		{"2.0: isAuthorized is no policy", `{"isAuthorized":true,"principalId":"p"}`, ReadHTTP2, noFormatOf + "the authorizer's result has no policyDocument that is an object"},
		{"2.0: it denies", `{"principalId":"p","policyDocument":{"Statement":[]}}`, ReadHTTP2, "Silent p []"},
		{"1.0", `{` + anyPolicy + `,"context":{"n":1.50,"b":true,"s":"é"}}`, ReadHTTP1, `Allow p [{n 1.50} {b true} {s é}] {"n":"1.50","b":"true","s":"é"}`},
		{"1.0: a list in the context", `{` + anyPolicy + `,"context":{"n":[1]}}`, ReadHTTP1, noFormatOf + "Can not deserialize instance of java.lang.String out of START_ARRAY token"},
		{"1.0: isAuthorized", `{"isAuthorized":true}`, ReadHTTP1, noFormatOf + "the authorizer's result has no principalId"},
		{"too long", `{"isAuthorized":true,"context":{"a":"` + strings.Repeat("x", maxResult) + `"}}`, ReadSimple, "the authorizer's result of 8232 bytes is larger than the quota of 8192"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shown(c.read(apigw.Invocation{Payload: []byte(c.payload)})); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			failing := apigw.Invocation{Payload: []byte(c.payload), FunctionError: "Unhandled"}
			if r, err := c.read(failing); err == nil {
				t.Errorf("a function that failed: %+v", r)
			}
		})
	}
}

func shown(r *Result, err error) string {
	if err != nil {
		return err.Error()
	}
	a, decision := r.Authorization, map[policy.Decision]string{policy.Allow: "Allow", policy.Deny: "Deny", policy.Silent: "Silent"}
	return strings.TrimRight(strings.Join([]string{
		decision[r.Decide(exchange("GET", "/pets/7", nil))], a.PrincipalID, fields(a.Context), string(a.ContextJSON), a.UsageIdentifierKey,
	}, " "), " ")
}

// Whatever a function returns, it is read or refused, and only a result that says so allows.
func FuzzReadSimple(f *testing.F) {
	for _, seed := range []string{
		`{"isAuthorized":true,"context":{"a":[1,{}],"b":null}}`, `{"isAuthorized":"true"}`, `{` + anyPolicy + `}`, `{"context":{"a":1}`, `[]`, ``, `{"isAuthorized":true}x`,
	} {
		f.Add([]byte(seed))
	}
	x := exchange("GET", "/", nil)
	f.Fuzz(func(t *testing.T, payload []byte) {
		r, err := ReadSimple(apigw.Invocation{Payload: payload})
		if err != nil {
			return
		}
		if r.Decide(x) == policy.Allow && !strings.Contains(string(payload), "true") && !strings.Contains(string(payload), "policyDocument") && !strings.Contains(string(payload), `\u`) {
			t.Errorf("%q allows", payload)
		}
	})
}

func TestIdentitySourcesOfHTTPAndWebSocketAPIs(t *testing.T) {
	x := withQuery(exchange("GET", "/pets/7", http.Header{"X-User": {"a", "b"}}), "q=1&Q=2")
	x.Method.RouteKey = "GET /pets/{id}"
	for selection, want := range map[string]string{
		"$request.header.x-user":        "a,b",
		"$request.querystring.q":        "1",
		"$request.querystring.Q":        "2",
		"$context.routeKey":             "GET /pets/{id}",
		"$context.identity.sourceIp":    "127.0.0.1",
		"$stageVariables.v":             "w",
		"route.request.header.X-User":   "a,b",
		"route.request.querystring.q":   "1",
		"context.stage":                 "prod",
		"stageVariables.v":              "w",
		"$request.body.user":            "refused",
		"$request.path.id":              "refused",
		"'static'":                      "refused",
		"$request.header.":              "refused",
		"$request.header.a,context.api": "refused",
		"":                              "refused",
	} {
		got := "refused"
		if sources, err := ParseSelections([]string{selection}); err == nil {
			got = sources[0].value(x)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", selection, got, want)
		}
	}
}
