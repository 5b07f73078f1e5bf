package compile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/compile"
	"postern/apigw/jwt"
	"postern/apigw/limit"
	"postern/apigw/policy"
)

const (
	forbidden      = `{"message":"Forbidden"}`
	unauthorized   = `{"message":"Unauthorized"}`
	authorizerARN  = "arn:aws:lambda:eu-west-1:111122223333:function:authorizer"
	authorizerURI  = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/" + authorizerARN + "/invocations"
	allowsAnything = `"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}`
)

// asking makes every route of a definition ask for an authorization of a type, of the authorizer "aut".
func asking(kind types.AuthorizationType, a *types.Authorizer) func(*compile.V2) {
	return func(def *compile.V2) {
		for i := range def.Routes {
			def.Routes[i].AuthorizationType = kind
			if a != nil {
				def.Routes[i].AuthorizerId = aws.String("aut")
			}
		}
		if a != nil {
			a.AuthorizerId = aws.String("aut")
			def.Authorizers = append(def.Authorizers, *a)
		}
	}
}

// requestAuthorizer is one of type REQUEST with these identity sources.
func requestAuthorizer(version string, simple bool, sources ...string) *types.Authorizer {
	return &types.Authorizer{
		AuthorizerType: types.AuthorizerTypeRequest, AuthorizerUri: aws.String(authorizerURI), IdentitySource: sources,
		AuthorizerPayloadFormatVersion: &version, EnableSimpleResponses: &simple,
	}
}

// withAuthorizer adds the authorizer's function to others.
func withAuthorizer(others invoker, says func(apigw.InvokeRequest) (string, bool)) invoker {
	all := invoker{authorizerARN: says}
	for arn, f := range others {
		all[arn] = f
	}
	return all
}

func says(payload string) func(apigw.InvokeRequest) (string, bool) {
	return func(apigw.InvokeRequest) (string, bool) { return payload, false }
}

// What claims to be guarded is closed, not open.
func TestGuardsOfHTTPAPIsThatCannotBeHadLetNobodyPass(t *testing.T) {
	tokens := func(change func(*types.Authorizer)) *types.Authorizer {
		a := &types.Authorizer{
			AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.header.Authorization"},
			JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://issuer.example"), Audience: []string{"app"}},
		}
		change(a)
		return a
	}
	request := func(change func(*types.Authorizer)) *types.Authorizer {
		a := requestAuthorizer("2.0", true, "$request.header.a")
		change(a)
		return a
	}
	for _, c := range []struct {
		name string
		kind types.AuthorizationType
		a    *types.Authorizer
		why  string
	}{
		{"unknown type", "MAGIC", nil, `unknown authorization type`},
		{"nobody verifies signatures", types.AuthorizationTypeAwsIam, nil, "there is nobody to verify signatures"},
		{"no authorizer", types.AuthorizationTypeCustom, nil, "the API has no authorizer"},
		{"no token authorizer", types.AuthorizationTypeJwt, nil, "the API has no authorizer"},
		{"a function for tokens", types.AuthorizationTypeJwt, request(func(*types.Authorizer) {}), "the route asks for one of type JWT"},
		{"tokens for a function", types.AuthorizationTypeCustom, tokens(func(*types.Authorizer) {}), "the route asks for one of type REQUEST"},
		{"no issuer", types.AuthorizationTypeJwt, tokens(func(a *types.Authorizer) { a.JwtConfiguration = nil }), "it has no issuer"},
		{"two sources of a token", types.AuthorizationTypeJwt, tokens(func(a *types.Authorizer) { a.IdentitySource = []string{"$request.header.a", "$request.header.b"} }), "is not one header or query string parameter"},
		{"a source that is none", types.AuthorizationTypeCustom, request(func(a *types.Authorizer) { a.IdentitySource = []string{"$request.body.x"} }), "identity source"},
		{"no format", types.AuthorizationTypeCustom, request(func(a *types.Authorizer) { a.AuthorizerPayloadFormatVersion = nil }), "payload format version"},
		{"simple responses of format 1.0", types.AuthorizationTypeCustom, requestAuthorizer("1.0", true), "payload format version"},
		{"no function", types.AuthorizationTypeCustom, request(func(a *types.Authorizer) { a.AuthorizerUri = aws.String("https://example.com") }), "authorizer aut"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var warnings bytes.Buffer
			def := defineHTTP(routes{"GET /": proxyOf("2.0")}, asking(c.kind, c.a))
			stage, err := compile.BuildHTTP(def, compile.Deps{Invoker: returns(`"open"`), Tokens: jwt.New(jwt.Options{Now: time.Now}), Logger: slog.New(slog.NewTextHandler(&warnings, nil))})
			if err != nil {
				t.Fatal(err)
			}
			s := &server{t: t, url: publish(t, stage)}
			if got := s.call("GET", "/", "", "a: x", "Authorization: x"); got.status != 500 || got.body != internalError {
				t.Errorf("%d %s", got.status, got.body)
			}
			if got := warnings.String(); !strings.Contains(got, "every request is rejected") || !strings.Contains(got, c.why) {
				t.Errorf("warnings: %s\nwant %s", got, c.why)
			}
		})
	}
}

// HTTP API guide, "Control access to HTTP APIs with AWS Lambda authorizers"; statuses: facts/http-api.md §7, and
// localstack's tests against AWS of missing sources and denials.
func TestAnswersOfLambdaAuthorizers(t *testing.T) {
	called := false
	for _, c := range []struct {
		name, version string
		simple        bool
		result        string
		failed        bool
		header        string
		status        int
		body          string
	}{
		{"isAuthorized", "2.0", true, `{"isAuthorized":true}`, false, "a: x", 200, "in"},
		{"not authorized", "2.0", true, `{"isAuthorized":false}`, false, "a: x", 403, forbidden},
		{"a policy that allows", "2.0", false, `{` + allowsAnything + `}`, false, "a: x", 200, "in"},
		{"a policy that says nothing", "2.0", false, `{"principalId":"me","policyDocument":{"Statement":[]}}`, false, "a: x", 403, forbidden},
		{"a policy that denies", "1.0", false, strings.Replace(`{`+allowsAnything+`}`, "Allow", "Deny", 1), false, "a: x", 403, forbidden},
		{"a policy about another route", "1.0", false, strings.Replace(`{`+allowsAnything+`}`, `"*"`, `"arn:aws:execute-api:*:*:*/*/POST/*"`, 1), false, "a: x", 403, forbidden},
		{"a policy about the route", "1.0", false, strings.Replace(`{`+allowsAnything+`}`, `"*"`, `"arn:aws:execute-api:eu-west-1:111122223333:api1234567/$default/GET/pets/*"`, 1), false, "a: x", 200, "in"},
		{"no identity", "2.0", true, `{"isAuthorized":true}`, false, "b: x", 401, unauthorized},
		{"an empty identity", "2.0", true, `{"isAuthorized":true}`, false, "a: ", 401, unauthorized},
		{"what is no result", "2.0", true, `{"ok":true}`, false, "a: x", 500, internalError},
		{"isAuthorized without simple responses", "2.0", false, `{"isAuthorized":true}`, false, "a: x", 500, internalError},
		{"a function that fails", "2.0", true, `{"errorMessage":"no"}`, true, "a: x", 500, internalError},
		{"a function that says Unauthorized", "2.0", true, `{"errorMessage":"Unauthorized"}`, true, "a: x", 500, internalError},
		{"a function that fails and allows", "2.0", true, `{"errorMessage":"no","isAuthorized":true}`, true, "a: x", 500, internalError},
	} {
		t.Run(c.name, func(t *testing.T) {
			called = false
			def := defineHTTP(routes{"GET /pets/{id}": proxyOf("2.0")}, asking(types.AuthorizationTypeCustom, requestAuthorizer(c.version, c.simple, "$request.header.a")))
			s := serveHTTP(t, def, withAuthorizer(returns(`{"statusCode":200,"body":"in"}`), func(apigw.InvokeRequest) (string, bool) {
				called = true
				return c.result, c.failed
			}))
			got := s.call("GET", "/pets/7", "", c.header)
			if got.status != c.status || got.body != c.body || got.header["Www-Authenticate"] != nil {
				t.Errorf("%d %s %v, want %d %s", got.status, got.body, got.header, c.status, c.body)
			}
			if called != (c.status != 401) {
				t.Errorf("called: %t", called)
			}
		})
	}
	t.Run("a function that may not be called", func(t *testing.T) {
		def := defineHTTP(routes{"GET /": proxyOf("2.0")}, asking(types.AuthorizationTypeCustom, requestAuthorizer("2.0", true)))
		s := serveHTTP(t, def, returns(`"in"`))
		if got := s.call("GET", "/", ""); got.status != 500 || got.body != internalError {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}

// Events that AWS was seen to send: curl's of umccr/htsget-aws, a browser's in nhs-england-tools; members of
// format 1.0 by localstack's tests against AWS.
func TestEventsOfLambdaAuthorizers(t *testing.T) {
	var got apigw.InvokeRequest
	ask := func(t *testing.T, version, path string, change func(*compile.V2), headers ...string) map[string]any {
		t.Helper()
		def := defineHTTP(routes{"GET /pets/{id}": proxyOf("2.0"), "$default": proxyOf("2.0")}, change)
		result := `{` + allowsAnything + `}`
		asking(types.AuthorizationTypeCustom, requestAuthorizer(version, false, "$request.header.a", "$request.querystring.q"))(&def)
		def.Authorizers[0].AuthorizerCredentialsArn = aws.String("arn:aws:iam::111122223333:role/r")
		s := serveHTTP(t, def, withAuthorizer(returns(`"in"`), func(call apigw.InvokeRequest) (string, bool) {
			got = call
			return result, false
		}))
		if a := s.call("GET", path, "", headers...); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		var event map[string]any
		if err := json.Unmarshal(got.Payload, &event); err != nil {
			t.Fatalf("%s: %v", got.Payload, err)
		}
		return event
	}
	named := func(def *compile.V2) {
		def.Stage.StageName, def.Stage.StageVariables = aws.String("dev"), map[string]string{"v": "w"}
	}
	members := func(event map[string]any, names ...string) map[string]any {
		some := map[string]any{}
		for _, n := range names {
			if v, ok := event[n]; ok {
				some[n] = v
			}
		}
		return some
	}
	t.Run("2.0", func(t *testing.T) {
		event := ask(t, "2.0", "/pets/7?q=1&q=2", named, "a: x", "a: y", "Cookie: c=d")
		want := map[string]any{
			"version": "2.0", "type": "REQUEST", "routeArn": "arn:aws:execute-api:eu-west-1:111122223333:api1234567/dev/GET/pets/7",
			"identitySource": []any{"x,y", "1,2"}, "routeKey": "GET /pets/{id}", "rawPath": "/dev/pets/7", "rawQueryString": "q=1&q=2", "cookies": []any{"c=d"},
			"queryStringParameters": map[string]any{"q": "1,2"}, "pathParameters": map[string]any{"id": "7"}, "stageVariables": map[string]any{"v": "w"},
		}
		delete(event, "headers")
		context := event["requestContext"].(map[string]any)
		delete(event, "requestContext")
		if diff := cmp.Diff(want, event); diff != "" {
			t.Error(diff)
		}
		if context["authorizer"] != nil || context["routeKey"] != "GET /pets/{id}" || context["stage"] != "dev" {
			t.Errorf("%v", context)
		}
		wantCall := apigw.InvokeRequest{
			FunctionARN: authorizerARN, Payload: got.Payload, Principal: "apigateway.amazonaws.com", SourceAccount: "111122223333",
			SourceARN: "arn:aws:execute-api:eu-west-1:111122223333:api1234567/authorizers/aut", RoleARN: "arn:aws:iam::111122223333:role/r", TraceID: got.TraceID,
		}
		if diff := cmp.Diff(wantCall, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("2.0 of the routes $default", func(t *testing.T) {
		event := ask(t, "2.0", "/any/where?q=1", func(*compile.V2) {}, "a: x")
		want := map[string]any{"routeArn": "arn:aws:execute-api:eu-west-1:111122223333:api1234567/$default/GET/any/where", "routeKey": "$default", "rawPath": "/any/where"}
		if diff := cmp.Diff(want, members(event, "routeArn", "routeKey", "rawPath", "cookies", "pathParameters", "stageVariables", "body", "isBase64Encoded")); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("1.0", func(t *testing.T) {
		event := ask(t, "1.0", "/pets/7?q=1&q=2", named, "a: x")
		want := map[string]any{
			"version": "1.0", "type": "REQUEST", "methodArn": "arn:aws:execute-api:eu-west-1:111122223333:api1234567/dev/GET/pets/7",
			"identitySource": "x,1,2", "authorizationToken": "x,1,2", "resource": "/pets/{id}", "path": "/dev/pets/7", "httpMethod": "GET",
			"queryStringParameters": map[string]any{"q": "2"}, "multiValueQueryStringParameters": map[string]any{"q": []any{"1", "2"}},
			"pathParameters": map[string]any{"id": "7"}, "stageVariables": map[string]any{"v": "w"},
		}
		context := event["requestContext"].(map[string]any)
		for _, n := range []string{"headers", "multiValueHeaders", "requestContext"} {
			if event[n] == nil {
				t.Errorf("no %s", n)
			}
			delete(event, n)
		}
		if diff := cmp.Diff(want, event); diff != "" {
			t.Error(diff)
		}
		if context["authorizer"] != nil || context["resourcePath"] != "/pets/{id}" || context["identity"] == nil {
			t.Errorf("%v", context)
		}
	})
	t.Run("1.0 without much", func(t *testing.T) {
		event := ask(t, "1.0", "/else?q=1", func(*compile.V2) {}, "a: x")
		want := map[string]any{"pathParameters": map[string]any{}, "stageVariables": map[string]any{}}
		if diff := cmp.Diff(want, members(event, "pathParameters", "stageVariables", "body")); diff != "" {
			t.Error(diff)
		}
	})
}

// What an authorizer says reaches functions and access logs: with its types in format 2.0, as text in 1.0.
func TestContextOfLambdaAuthorizers(t *testing.T) {
	const context = `{"s":"x","n":1.50,"b":true,"l":["a"],"o":{"k":null}}`
	for _, c := range []struct{ name, from, to, result, want string }{
		{"2.0", "2.0", "2.0", `{"isAuthorized":true,"context":` + context + `}`, `{"lambda":` + context + `}`},
		{"2.0 without a context", "2.0", "2.0", `{"isAuthorized":true}`, `{"lambda":null}`},
		{"2.0 to 1.0", "2.0", "1.0", `{"isAuthorized":true,"context":` + context + `}`, `{"s":"x","n":"1.50","b":"true","l":"[\"a\"]","o":"{\"k\":null}","principalId":""}`},
		{"1.0", "1.0", "1.0", `{` + allowsAnything + `,"context":{"n":1.50,"b":true}}`, `{"n":"1.50","b":"true","principalId":"me"}`},
		{"a principal of its own", "1.0", "1.0", `{` + allowsAnything + `,"context":{"principalId":"eve"}}`, `{"principalId":"me"}`},
		{"1.0 to 2.0", "1.0", "2.0", `{` + allowsAnything + `,"context":{"n":1.50,"b":true}}`, `{"lambda":{"n":"1.50","b":"true"}}`},
		{"1.0 to 2.0 without a context", "1.0", "2.0", `{` + allowsAnything + `}`, `{"lambda":null}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := defineHTTP(routes{"GET /": proxyOf(c.to)}, asking(types.AuthorizationTypeCustom, requestAuthorizer(c.from, c.from == "2.0")))
			got := serveHTTP(t, def, withAuthorizer(telling(), says(c.result))).call("GET", "/", "")
			var event struct {
				RequestContext struct{ Authorizer json.RawMessage }
			}
			if err := json.Unmarshal([]byte(got.body), &event); err != nil {
				t.Fatalf("%s: %v", got.body, err)
			}
			if got := string(event.RequestContext.Authorizer); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// The routes of an authorizer share what it remembers, unless $context.routeKey is among its sources (HTTP API
// guide, "Caching authorizer responses").
func TestCacheOfLambdaAuthorizers(t *testing.T) {
	for _, c := range []struct {
		name    string
		ttl     int32
		sources []string
		want    string // calls after one of /a, another, one of /b, another identity, and a flush
	}{
		{"shared by routes", 60, []string{"$request.header.a"}, "1 1 1 2 3"},
		{"by route", 60, []string{"$request.header.a", "$context.routeKey"}, "1 1 2 3 4"},
		{"not at all", 0, []string{"$request.header.a"}, "1 2 3 4 5"},
		{"without a source", 60, nil, "1 2 3 4 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := requestAuthorizer("2.0", true, c.sources...)
			a.AuthorizerResultTtlInSeconds = &c.ttl
			n := 0
			def := defineHTTP(routes{"GET /a": proxyOf("2.0"), "GET /b": proxyOf("2.0")}, asking(types.AuthorizationTypeCustom, a))
			stage := buildHTTP(t, def, withAuthorizer(returns(`"in"`), func(apigw.InvokeRequest) (string, bool) {
				n++
				return `{"isAuthorized":true}`, false
			}))
			s := &server{t: t, url: publish(t, stage)}
			var counts []string
			call := func(path, header string) {
				t.Helper()
				if got := s.call("GET", path, "", header); got.status != 200 {
					t.Errorf("%d %s", got.status, got.body)
				}
				counts = append(counts, fmt.Sprint(n))
			}
			call("/a", "a: x")
			call("/a", "a: x")
			call("/b", "a: x")
			call("/a", "a: y")
			stage.FlushAuthorizers()
			call("/a", "a: x")
			if got := strings.Join(counts, " "); got != c.want {
				t.Errorf("calls %s, want %s", got, c.want)
			}
		})
	}
}

// A signer is the one who signs with their name in the header X-Signer; its policy is in X-Policy.
type signer struct{}

func (signer) Authenticate(_ context.Context, x *apigw.Exchange) (auth.Caller, error) {
	name, _ := x.Request.HeaderValue("X-Signer")
	if name == "" {
		return nil, &apigw.Rejection{Type: apigw.MissingAuthenticationToken}
	}
	x.Identity = apigw.Identity{
		AccountID: "111122223333", AccessKey: "AKIA", Caller: "AIDA", User: "AIDA", UserARN: "arn:aws:iam::111122223333:user/" + name,
	}
	if name == "stranger" {
		x.Identity.AccountID = "999999999999"
	}
	text, _ := x.Request.HeaderValue("X-Policy")
	p, err := policy.ParseIdentity([]byte(text))
	return decider{p}, err
}

type decider struct{ *policy.Document }

func (d decider) Decide(r *policy.Request) policy.Decision { return d.Evaluate(r) }

// Every problem with a signature is the same 403 (facts/sigv4.md §7, and localstack's tests against AWS). HTTP
// APIs have no resource policies, so that callers of other accounts have to assume a role.
func TestAWSIAM(t *testing.T) {
	allow := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:eu-west-1:111122223333:api1234567/$default/GET/pets/*"}]}`
	for _, c := range []struct {
		name, who, policy string
		status            int
		want              string
	}{
		{"nobody", "", allow, 403, forbidden},
		{"who may", "ada", allow, 200, `{"iam":{"accessKey":"AKIA","accountId":"111122223333","callerId":"AIDA","cognitoIdentity":null,"principalOrgId":null,"userArn":"arn:aws:iam::111122223333:user/ada","userId":"AIDA"}}`},
		{"who may something else", "ada", strings.Replace(allow, "GET", "POST", 1), 403, forbidden},
		{"whom a policy denies", "ada", strings.Replace(allow, `[`, `[{"Effect":"Deny","Action":"*","Resource":"*"},`, 1), 403, forbidden},
		{"who is of another account", "stranger", allow, 403, forbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage, err := compile.BuildHTTP(defineHTTP(routes{"GET /pets/{id}": proxyOf("2.0")}, asking(types.AuthorizationTypeAwsIam, nil)),
				compile.Deps{Invoker: telling(), Authenticator: signer{}})
			if err != nil {
				t.Fatal(err)
			}
			s := &server{t: t, url: publish(t, stage)}
			got := s.call("GET", "/pets/7", "", "X-Signer: "+c.who, "X-Policy: "+c.policy)
			var event struct {
				RequestContext struct{ Authorizer json.RawMessage }
			}
			if got.status == 200 {
				if err := json.Unmarshal([]byte(got.body), &event); err != nil {
					t.Fatal(err)
				}
				got.body = string(event.RequestContext.Authorizer)
			}
			if got.status != c.status || got.body != c.want {
				t.Errorf("%d %s\nwant %d %s", got.status, got.body, c.status, c.want)
			}
		})
	}
}

// HTTP API guide, "Throttle requests to your HTTP APIs": limits of the stage's routes, then the account's.
func TestThrottlesOfHTTPAPIs(t *testing.T) {
	setting := func(rate float64, burst int32) types.RouteSettings {
		return types.RouteSettings{ThrottlingRateLimit: &rate, ThrottlingBurstLimit: &burst}
	}
	pointer := func(s types.RouteSettings) *types.RouteSettings { return &s }
	for _, c := range []struct {
		name    string
		normal  *types.RouteSettings
		own     map[string]types.RouteSettings
		account limit.Rate
		passA   int // of 4 requests to /a, then as many to /b
		passB   int
	}{
		{"nothing is set", nil, nil, limit.Rate{}, 4, 4},
		{"metrics alone", pointer(types.RouteSettings{DetailedMetricsEnabled: aws.Bool(true)}), nil, limit.Rate{}, 4, 4},
		{"for every route", pointer(setting(1, 2)), nil, limit.Rate{}, 2, 2},
		{"for one", nil, map[string]types.RouteSettings{"GET /a": setting(1, 3)}, limit.Rate{}, 3, 4},
		{"one otherwise", pointer(setting(1, 1)), map[string]types.RouteSettings{"GET /a": setting(1, 3)}, limit.Rate{}, 3, 1},
		{"what one leaves out", pointer(setting(1, 2)), map[string]types.RouteSettings{"GET /a": {DetailedMetricsEnabled: aws.Bool(true)}}, limit.Rate{}, 2, 2},
		{"0 blocks", nil, map[string]types.RouteSettings{"GET /a": setting(0, 0)}, limit.Rate{}, 0, 4},
		{"a rate of 0 blocks", nil, map[string]types.RouteSettings{"GET /a": {ThrottlingRateLimit: aws.Float64(0)}}, limit.Rate{PerSecond: -1, Burst: -1}, 0, 4},
		{"the account's", pointer(setting(100, 100)), nil, limit.Rate{PerSecond: 1, Burst: 5}, 4, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := defineHTTP(routes{"GET /a": proxyOf("2.0"), "GET /b": proxyOf("2.0")})
			def.Stage.DefaultRouteSettings, def.Stage.RouteSettings = c.normal, c.own
			now := time.Now()
			stage, err := compile.BuildHTTP(def, compile.Deps{Invoker: returns(`"in"`), AccountRate: c.account, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			s := &server{t: t, url: publish(t, stage)}
			if a, b := passing(t, s, "/a"), passing(t, s, "/b"); a != c.passA || b != c.passB {
				t.Errorf("%d and %d pass, want %d and %d", a, b, c.passA, c.passB)
			}
		})
	}
}

func TestMetricsOfRoutesAreNamedAsIdle(t *testing.T) {
	def := defineHTTP(routes{"GET /a": proxyOf("2.0")})
	def.Stage.DefaultRouteSettings = &types.RouteSettings{DetailedMetricsEnabled: aws.Bool(false)}
	def.Stage.RouteSettings = map[string]types.RouteSettings{"GET /a": {DetailedMetricsEnabled: aws.Bool(true)}}
	var log bytes.Buffer
	if _, err := compile.BuildHTTP(def, compile.Deps{Invoker: returns(`"in"`), Logger: slog.New(slog.NewTextHandler(&log, nil))}); err != nil {
		t.Fatal(err)
	}
	if want := `settings="routeSettings GET /a: detailedMetricsEnabled"`; !strings.Contains(log.String(), want) {
		t.Errorf("%s\nlacks %s", log.String(), want)
	}
}

// passing is how many of four requests pass; the others are AWS's 429.
func passing(t *testing.T, s *server, path string) (n int) {
	t.Helper()
	for range 4 {
		switch got := s.call("GET", path, ""); {
		case got.status == http.StatusOK:
			n++
		case got.status != http.StatusTooManyRequests || got.body != `{"message":"Too Many Requests"}`:
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	return n
}
