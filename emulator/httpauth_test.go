package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/go-jose/go-jose/v4"

	"postern/apigw/jwt/jwttest"
	"postern/emulator"
)

// A guardedHTTP is an HTTP API whose routes call one function, which answers what authorizers said.
type guardedHTTP struct {
	*server
	gw  *apigatewayv2.Client
	api *string
	to  *string // the target of its routes
}

// guardHTTP makes an API with a $default stage that is deployed by itself.
func guardHTTP(t *testing.T, s *server) *guardedHTTP {
	t.Helper()
	ctx, g := t.Context(), &guardedHTTP{server: s, gw: apigatewayv2.NewFromConfig(s.aws())}
	backend := s.createPythonFunction(t, "backend", echoAuthorizer)
	api, err := g.gw.CreateApi(ctx, &apigatewayv2.CreateApiInput{Name: aws.String("guarded"), ProtocolType: types.ProtocolTypeHttp})
	if err != nil {
		t.Fatal(err)
	}
	g.api = api.ApiId
	g.permit(t, "backend", "/*")
	i, err := g.gw.CreateIntegration(ctx, &apigatewayv2.CreateIntegrationInput{
		ApiId: g.api, IntegrationType: types.IntegrationTypeAwsProxy, IntegrationUri: &backend, PayloadFormatVersion: aws.String("2.0")})
	if err != nil {
		t.Fatal(err)
	}
	g.to = aws.String("integrations/" + *i.IntegrationId)
	if _, err := g.gw.CreateStage(ctx, &apigatewayv2.CreateStageInput{ApiId: g.api, StageName: aws.String("$default"), AutoDeploy: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	return g
}

// permit lets the API call a function as source.
func (g *guardedHTTP) permit(t *testing.T, function, source string) {
	t.Helper()
	_, err := lambda.NewFromConfig(g.aws()).AddPermission(t.Context(), &lambda.AddPermissionInput{
		FunctionName: &function, StatementId: aws.String("gateway"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("apigateway.amazonaws.com"), SourceArn: aws.String("arn:aws:execute-api:us-east-1:000000000000:" + *g.api + source)})
	if err != nil {
		t.Fatal(err)
	}
}

func (g *guardedHTTP) authorizer(t *testing.T, in apigatewayv2.CreateAuthorizerInput) *string {
	t.Helper()
	in.ApiId, in.Name = g.api, aws.String("a")
	a, err := g.gw.CreateAuthorizer(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	return a.AuthorizerId
}

func (g *guardedHTTP) route(t *testing.T, key string, kind types.AuthorizationType, authorizer *string, scopes ...string) {
	t.Helper()
	_, err := g.gw.CreateRoute(t.Context(), &apigatewayv2.CreateRouteInput{
		ApiId: g.api, RouteKey: &key, Target: g.to, AuthorizationType: kind, AuthorizerId: authorizer, AuthorizationScopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
}

// call answers "status body", and www-authenticate where there is one.
func (g *guardedHTTP) call(t *testing.T, path string, headers ...string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", g.url("/_aws/execute-api/"+*g.api+path), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return g.do(t, req)
}

func (g *guardedHTTP) do(t *testing.T, req *http.Request) string {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(res.Status[:3] + " " + string(body) + " " + res.Header.Get("Www-Authenticate"))
}

func (g *guardedHTTP) want(t *testing.T, name, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

// A JWT authorizer against Postern's own issuer, which signs tokens of any user pool. Texts: facts/http-api.md §7.
func TestAnHTTPAPIWithAJWTAuthorizer(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	g := guardHTTP(t, s)
	a := g.authorizer(t, apigatewayv2.CreateAuthorizerInput{
		AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.header.Authorization"},
		JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab"), Audience: []string{"app"}},
	})
	g.route(t, "GET /pets", types.AuthorizationTypeJwt, a)
	g.route(t, "GET /scoped", types.AuthorizationTypeJwt, a, "pets/read", "pets/write")
	ask := func(in emulator.TokenRequest) string {
		in.UserPool, in.Claims = "us-east-1_Ab", map[string]any{"iat": nil, "exp": 4102444800, "auth_time": nil, "jti": nil, "origin_jti": nil, "event_id": nil, "sub": "ada"}
		if in.ClientID == "" {
			in.ClientID = "app"
		}
		return "Authorization: Bearer " + s.token(t, in)
	}
	const claims = `{"jwt": {"claims": {"client_id": "app", "exp": "4102444800", "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab", "scope": "pets/read x", "sub": "ada", "token_use": "access", "username": "user", "version": "2"}, "scopes": `
	g.want(t, "no token", g.call(t, "/pets"), `401 {"message":"Unauthorized"} Bearer`)
	g.want(t, "garbage", g.call(t, "/pets", "Authorization: Bearer x"),
		`401 {"message":"Unauthorized"} Bearer scope="" error="invalid_token" error_description="token contains an invalid number of segments"`)
	g.want(t, "another client's", g.call(t, "/pets", ask(emulator.TokenRequest{ClientID: "web"})),
		`401 {"message":"Unauthorized"} Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"`)
	g.want(t, "an elliptic curve", g.call(t, "/pets", ask(emulator.TokenRequest{Algorithm: "ES256"})),
		`401 {"message":"Unauthorized"} Bearer scope="" error="invalid_token" error_description="signing method ES256 is invalid"`)
	access := ask(emulator.TokenRequest{Scopes: []string{"pets/read", "x"}})
	g.want(t, "a token", g.call(t, "/pets", access), "200 "+claims+`null}}`)
	g.want(t, "with scopes", g.call(t, "/scoped", access), "200 "+claims+`["pets/read", "x"]}}`)
	g.want(t, "without the scope", g.call(t, "/scoped", ask(emulator.TokenRequest{Scopes: []string{"x"}})),
		`403 {"message":"Forbidden"} Bearer scope="pets/read pets/write" error="insufficient_scope" error_description="the token does not have the required scope"`)
}

// Keys are found by discovery, kept, and asked for anew when a token names one that is not known. An issuer that
// cannot be reached is a 401.
func TestTheIssuerOfAnHTTPAPIIsDiscovered(t *testing.T) {
	needProgram(t, "python3")
	clock := newClock()
	var current atomic.Pointer[jwttest.Issuer]
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.Load().ServeHTTP(w, r) }))
	defer peer.Close()
	issuer := func(kid string) *jwttest.Issuer {
		i := jwttest.New(t, "https://login.example.com/a", jose.RS256, kid)
		i.Now = clock.Now()
		return i
	}
	first, second, down := issuer("first"), issuer("second"), issuer("none")
	down.Down = true
	current.Store(down)
	s := start(t, emulator.Config{Lambda: processes(t), Now: clock.Now, Issuers: map[string]string{"https://login.example.com": peer.URL + "/at"}})
	g := guardHTTP(t, s)
	g.route(t, "GET /", types.AuthorizationTypeJwt, g.authorizer(t, apigatewayv2.CreateAuthorizerInput{
		AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.header.Authorization"},
		JwtConfiguration: &types.JWTConfiguration{Issuer: &first.URL, Audience: []string{"app"}},
	}))
	call := func(i *jwttest.Issuer) string {
		t.Helper()
		status, rest, _ := strings.Cut(g.call(t, "/", "Authorization: "+i.Token(t, map[string]any{"aud": "app"})), " ")
		_, challenge, _ := strings.Cut(rest, "error_description=")
		return strings.TrimSpace(status + " " + challenge)
	}
	g.want(t, "it is down", call(first), `401 "OIDC discovery endpoint communication error"`)
	current.Store(first)
	clock.move(2 * time.Second) // as long as a failure counts
	g.want(t, "it is up", call(first), "200")
	g.want(t, "another key", call(second), `401 "unable to find a signing key for the token"`)
	current.Store(second)
	clock.move(10 * time.Second) // between two questions for keys that are not known
	g.want(t, "the keys have changed", call(second), "200")
	g.want(t, "the old key", call(first), `401 "unable to find a signing key for the token"`)
}

const simpleAuthorizer = `
count = 0

def handle(event, context):
    global count
    count += 1
    token = event["headers"].get("token")
    if token == "throw":
        raise Exception("Unauthorized")
    if token == "text":
        return "allow"
    return {"isAuthorized": token != "deny", "context": {"count": count, "route": event["routeKey"], "of": event["identitySource"], "yes": True, "none": None}}
`

func TestAnHTTPAPIWithALambdaAuthorizer(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	g := guardHTTP(t, s)
	function := s.createPythonFunction(t, "auth", simpleAuthorizer)
	a := g.authorizer(t, apigatewayv2.CreateAuthorizerInput{
		AuthorizerType: types.AuthorizerTypeRequest, AuthorizerUri: invocation(function), AuthorizerPayloadFormatVersion: aws.String("2.0"),
		EnableSimpleResponses: aws.Bool(true), AuthorizerResultTtlInSeconds: aws.Int32(60), IdentitySource: []string{"$request.header.token", "$context.routeKey"},
	})
	g.route(t, "GET /a", types.AuthorizationTypeCustom, a)
	g.route(t, "$default", types.AuthorizationTypeCustom, a)
	const failed = `500 {"message":"Internal Server Error"}`
	g.want(t, "not permitted", g.call(t, "/a", "token: x"), failed)
	g.permit(t, "auth", "/authorizers/"+*a)
	g.want(t, "no token", g.call(t, "/a"), `401 {"message":"Unauthorized"}`)
	g.want(t, "first", g.call(t, "/a", "token: x"), `200 {"lambda": {"count": 1, "route": "GET /a", "of": ["x", "GET /a"], "yes": true, "none": null}}`)
	g.want(t, "again", g.call(t, "/a", "token: x"), `200 {"lambda": {"count": 1, "route": "GET /a", "of": ["x", "GET /a"], "yes": true, "none": null}}`)
	g.want(t, "another route", g.call(t, "/b/c", "token: x"), `200 {"lambda": {"count": 2, "route": "$default", "of": ["x", "$default"], "yes": true, "none": null}}`)
	if _, err := g.gw.ResetAuthorizersCache(t.Context(), &apigatewayv2.ResetAuthorizersCacheInput{ApiId: g.api, StageName: aws.String("$default")}); err != nil {
		t.Fatal(err)
	}
	g.want(t, "after a reset", g.call(t, "/a", "token: x"), `200 {"lambda": {"count": 3, "route": "GET /a", "of": ["x", "GET /a"], "yes": true, "none": null}}`)
	g.want(t, "denied", g.call(t, "/a", "token: deny"), `403 {"message":"Forbidden"}`)
	g.want(t, "it fails", g.call(t, "/a", "token: throw"), failed)
	g.want(t, "it says nonsense", g.call(t, "/a", "token: text"), failed)
}

// Every problem with a signature is 403 (facts/sigv4.md §7).
func TestAnHTTPAPIWithSignedCalls(t *testing.T) {
	needProgram(t, "python3")
	clock := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: clock.Now})
	g := guardHTTP(t, s)
	g.route(t, "GET /pets/{id}", types.AuthorizationTypeAwsIam, nil)
	may := createUser(t, s.aws(), "alice", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:000000000000:`+*g.api+`/$default/GET/pets/*"}}`)
	other := createUser(t, s.aws(), "bob", invokeAllowed)
	sign := func(c aws.Credentials, at time.Time) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", g.url("/_aws/execute-api/"+*g.api+"/pets/7"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := v4.NewSigner().SignHTTP(t.Context(), c, req, emptyHash(), "execute-api", "us-east-1", at); err != nil {
			t.Fatal(err)
		}
		return g.do(t, req)
	}
	const forbidden = `403 {"message":"Forbidden"}`
	got := sign(may, clock.Now())
	if !strings.HasPrefix(got, `200 {"iam": {"accessKey": "`+may.AccessKeyID+`", "accountId": "000000000000", "callerId": "AIDA`) || !strings.Contains(got, `"userArn": "arn:aws:iam::000000000000:user/alice"`) {
		t.Error(got)
	}
	g.want(t, "who may something else", sign(other, clock.Now()), forbidden)
	g.want(t, "late", sign(may, clock.Now().Add(-time.Hour)), forbidden)
	wrong := may
	wrong.SecretAccessKey = "wrong"
	g.want(t, "a wrong secret", sign(wrong, clock.Now()), forbidden)
	g.want(t, "no signature", g.call(t, "/pets/7"), forbidden)
	g.want(t, "a bearer token", g.call(t, "/pets/7", "Authorization: Bearer x"), forbidden)
}

func TestAnHTTPAPIIsThrottledAndLogged(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	g := guardHTTP(t, s)
	g.route(t, "GET /pets", types.AuthorizationTypeNone, nil)
	a := g.authorizer(t, apigatewayv2.CreateAuthorizerInput{
		AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.querystring.token"},
		JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab"), Audience: []string{"app"}},
	})
	g.route(t, "GET /closed", types.AuthorizationTypeJwt, a)
	_, err := g.gw.UpdateStage(t.Context(), &apigatewayv2.UpdateStageInput{ApiId: g.api, StageName: aws.String("$default"),
		RouteSettings: map[string]types.RouteSettings{"GET /pets": {ThrottlingBurstLimit: aws.Int32(1), ThrottlingRateLimit: aws.Float64(0.001)}},
		AccessLogSettings: &types.AccessLogSettings{DestinationArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:/http/access"),
			Format: aws.String("$context.requestId $context.httpMethod $context.routeKey $context.status $context.integration.status $context.authorizer.error $context.authorizer.claims.sub $context.error.message")}})
	if err != nil {
		t.Fatal(err)
	}
	token := s.token(t, emulator.TokenRequest{UserPool: "us-east-1_Ab", ClientID: "app", Subject: "ada"})
	g.want(t, "one", g.call(t, "/pets"), "200 null")
	g.want(t, "one too many", g.call(t, "/pets"), `429 {"message":"Too Many Requests"}`)
	g.want(t, "no route", g.call(t, "/none"), `404 {"message":"Not Found"}`)
	g.call(t, "/closed?token=a.b")
	if got := g.call(t, "/closed?token="+token); !strings.HasPrefix(got, "200 ") {
		t.Error(got)
	}
	want := []string{
		"GET GET /pets 200 200 - - -",
		"GET GET /pets 429 - - - Too Many Requests",
		"GET - 404 - - - Not Found",
		"GET GET /closed 401 - invalid_token: token contains an invalid number of segments - Unauthorized",
		"GET GET /closed 200 200 - ada -",
	}
	got := s.events(t, "/http/access")
	for i := range got {
		_, got[i], _ = strings.Cut(got[i], " ")
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
