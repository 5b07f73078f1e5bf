package emulator_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/go-jose/go-jose/v4"

	"postern/emulator"
	"postern/emulator/conformance"
)

const userPool = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Ab"

// token asks the local issuer for a token.
func (s *server) token(t *testing.T, in emulator.TokenRequest) string {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return conformance.Token(t, s.addr, body)
}

// deployGuarded makes an API whose authorizer wants tokens of the user pool: GET / takes ID
// tokens and is a mock that shows claims, GET /scoped takes access tokens.
func (s *server) deployGuarded(t *testing.T, in apigateway.CreateAuthorizerInput) (api, resource *string, authorizer *string) {
	t.Helper()
	ctx, gw := t.Context(), apigateway.NewFromConfig(s.aws())
	created, err := gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String(t.Name())})
	if err != nil {
		t.Fatal(err)
	}
	in.RestApiId, in.Name, in.Type = created.Id, aws.String("pool"), types.AuthorizerTypeCognitoUserPools
	if in.ProviderARNs == nil {
		in.ProviderARNs = []string{userPool}
	}
	if in.IdentitySource == nil {
		in.IdentitySource = aws.String("method.request.header.Authorization")
	}
	a, err := gw.CreateAuthorizer(ctx, &in)
	if err != nil {
		t.Fatal(err)
	}
	scoped, err := gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: created.Id, ParentId: created.RootResourceId, PathPart: aws.String("scoped")})
	if err != nil {
		t.Fatal(err)
	}
	for resource, scopes := range map[*string][]string{created.RootResourceId: nil, scoped.Id: {"pets/read", "pets/write"}} {
		if _, err := gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: created.Id, ResourceId: resource, HttpMethod: aws.String("GET"),
			AuthorizationType: aws.String("COGNITO_USER_POOLS"), AuthorizerId: a.Id, AuthorizationScopes: scopes}); err != nil {
			t.Fatal(err)
		}
		s.showClaims(t, gw, created.Id, resource)
	}
	s.deployTest(t, gw, created.Id)
	return created.Id, created.RootResourceId, a.Id
}

func (s *server) showClaims(t *testing.T, gw *apigateway.Client, api, resource *string) {
	t.Helper()
	const template = `$context.authorizer.claims.sub $context.authorizer.claims['cognito:groups'] $context.authorizer.claims.exp`
	ctx, get := t.Context(), aws.String("GET")
	if _, err := gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api, ResourceId: resource, HttpMethod: get,
		Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}}); err != nil {
		t.Fatal(err)
	}
	if _, err := gw.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: get, StatusCode: aws.String("200")}); err != nil {
		t.Fatal(err)
	}
	if _, err := gw.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: get,
		StatusCode: aws.String("200"), ResponseTemplates: map[string]string{"application/json": template}}); err != nil {
		t.Fatal(err)
	}
}

func (s *server) deployTest(t *testing.T, gw *apigateway.Client, api *string) {
	t.Helper()
	if _, err := gw.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: api, StageName: aws.String("test")}); err != nil {
		t.Fatal(err)
	}
}

// callWith sends a token in a header.
func (s *server) callWith(t *testing.T, api *string, path, header, token string) (status int, errorType, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.url("/_aws/execute-api/"+*api+"/test"+path), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(header, token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("x-amzn-ErrorType"), string(text)
}

// The answers: facts rest-dataplane §3 and §13.
func TestUserPoolsGuardAnAPI(t *testing.T) {
	clock := newClock()
	clock.now = time.Date(2026, 11, 27, 4, 5, 6, 0, time.UTC)
	s := start(t, emulator.Config{Lambda: processes(t), Now: clock.Now})
	api, _, _ := s.deployGuarded(t, apigateway.CreateAuthorizerInput{})
	of := func(in emulator.TokenRequest) string {
		if in.UserPool == "" && in.Issuer == "" {
			in.UserPool = userPool
		}
		in.Subject = "ada"
		return s.token(t, in)
	}
	const unauthorized, expired = `{"message":"Unauthorized"}`, `{"message":"The incoming token has expired"}`
	for _, c := range []struct {
		name, path, token string
		status            int
		body              string
	}{
		{"an ID token", "", of(emulator.TokenRequest{Groups: []string{"a", "b"}}), 200, "ada a,b Fri Nov 27 05:05:06 UTC 2026"},
		{"an ID token of a curve, as Bearer", "", "Bearer " + of(emulator.TokenRequest{Algorithm: "ES256"}), 200, "ada  Fri Nov 27 05:05:06 UTC 2026"},
		{"no token", "", "", 401, unauthorized},
		{"garbage", "", "x.y.z", 401, unauthorized},
		{"an access token", "", of(emulator.TokenRequest{Use: "access"}), 401, unauthorized},
		{"an expired one", "", of(emulator.TokenRequest{Expires: new(int64(-5))}), 401, expired},
		{"of another pool", "", of(emulator.TokenRequest{UserPool: "us-east-1_Other"}), 401, unauthorized},
		{"of another issuer", "", of(emulator.TokenRequest{Issuer: "https://login.example"}), 401, unauthorized},
		{"scoped: one of the scopes", "/scoped", of(emulator.TokenRequest{Scopes: []string{"x", "pets/write"}}), 200, "ada  Fri Nov 27 05:05:06 UTC 2026"},
		{"scoped: none of the scopes", "/scoped", of(emulator.TokenRequest{Scopes: []string{"pets"}}), 401, unauthorized},
		{"scoped: an ID token", "/scoped", of(emulator.TokenRequest{}), 401, unauthorized},
		{"scoped: an ID token that claims a scope", "/scoped", of(emulator.TokenRequest{Claims: map[string]any{"scope": "pets/read"}}), 401, unauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 2 {
				status, errorType, body := s.callWith(t, api, c.path, "Authorization", c.token)
				if status != c.status || body != c.body || (errorType == "UnauthorizedException") != (c.status == 401) {
					t.Errorf("%d %s %s, want %d %s", status, errorType, body, c.status, c.body)
				}
			}
		})
	}
	t.Run("an accepted token ends when it says", func(t *testing.T) {
		token := of(emulator.TokenRequest{})
		if status, _, _ := s.callWith(t, api, "", "Authorization", token); status != 200 {
			t.Fatal(status)
		}
		clock.move(time.Hour)
		if status, _, body := s.callWith(t, api, "", "Authorization", token); status != 401 || body != expired {
			t.Error(status, body)
		}
	})
}

func TestAFunctionSeesTheClaims(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	arn := s.createPythonFunction(t, "f", "import json\ndef handle(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event['requestContext']['authorizer'])}\n")
	api, root, _ := s.deployGuarded(t, apigateway.CreateAuthorizerInput{IdentitySource: aws.String("method.request.header.X-Token"), IdentityValidationExpression: aws.String("app-[ab]")})
	gw := apigateway.NewFromConfig(s.aws())
	if _, err := gw.PutIntegration(t.Context(), &apigateway.PutIntegrationInput{RestApiId: api, ResourceId: root, HttpMethod: aws.String("GET"),
		Type: types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"),
		Uri: aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + arn + "/invocations")}); err != nil {
		t.Fatal(err)
	}
	if _, err := lambda.NewFromConfig(s.aws()).AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: aws.String("f"),
		StatementId: aws.String("api"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
	s.deployTest(t, gw, api)
	token := s.token(t, emulator.TokenRequest{UserPool: userPool, ClientID: "app-a", Username: "ada", Groups: []string{"a", "b"}, Claims: map[string]any{"email_verified": true}})
	status, _, body := s.callWith(t, api, "", "X-Token", token)
	var got struct{ Claims map[string]string }
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
		t.Fatal(status, body, err)
	}
	for name, want := range map[string]string{"aud": "app-a", "cognito:username": "ada", "cognito:groups": "a,b", "email_verified": "true", "token_use": "id"} {
		if got.Claims[name] != want {
			t.Errorf("%s is %q in %s", name, got.Claims[name], body)
		}
	}
	if status, _, _ := s.callWith(t, api, "", "X-Token", s.token(t, emulator.TokenRequest{UserPool: userPool, ClientID: "app-c"})); status != 401 {
		t.Errorf("of another application: %d", status)
	}
	if status, _, _ := s.callWith(t, api, "", "Authorization", token); status != 401 {
		t.Errorf("in another header: %d", status)
	}
}

// A good token is not enough where the API has a resource policy: that must allow too (REST API
// guide, "How API Gateway resource policies affect authorization workflow", table C).
func TestAResourcePolicyHasTheLastWordOnAToken(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	api, _, _ := s.deployGuarded(t, apigateway.CreateAuthorizerInput{})
	gw, token := apigateway.NewFromConfig(s.aws()), s.token(t, emulator.TokenRequest{UserPool: userPool})
	for _, c := range []struct {
		effect, verb, token string
		status              int
	}{
		{"Allow", "GET", token, 200},
		{"Allow", "GET", "no token", 401},
		{"Allow", "POST", token, 403},
		{"Deny", "GET", token, 403},
		{"Deny", "GET", "no token", 401},
	} {
		policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*/%s/*"}]}`, c.effect, c.verb)
		if _, err := gw.UpdateRestApi(t.Context(), &apigateway.UpdateRestApiInput{RestApiId: api, PatchOperations: []types.PatchOperation{
			{Op: types.OpReplace, Path: aws.String("/policy"), Value: &policy}}}); err != nil {
			t.Fatal(err)
		}
		s.deployTest(t, gw, api)
		if status, _, body := s.callWith(t, api, "", "Authorization", c.token); status != c.status {
			t.Errorf("%s %s, token %t: %d %s, want %d", c.effect, c.verb, c.token == token, status, body, c.status)
		}
	}
}

// A sharedText is a log that is read while it is written.
type sharedText struct {
	// mu guards b.
	mu sync.Mutex
	b  strings.Builder
}

func (l *sharedText) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(text)
}

func (l *sharedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// An emulator of Cognito, or any issuer that somebody runs, stands in for a user pool.
func TestAUserPoolIsReachedWhereTheConfigurationSays(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, up := jose.JSONWebKey{KeyID: "k", Key: private}, atomic.Bool{}
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/pools/us-east-1_Ab/.well-known/jwks.json" || !up.Load() {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}})
	}))
	defer peer.Close()
	var log sharedText
	clock := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: clock.Now, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Issuers: map[string]string{"https://cognito-idp.us-east-1.amazonaws.com": peer.URL + "/pools/"}})
	api, _, _ := s.deployGuarded(t, apigateway.CreateAuthorizerInput{})
	token := func(issuer string) string {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES384, Key: key}, nil)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := json.Marshal(map[string]any{"iss": issuer, "sub": "eve", "token_use": "id", "exp": clock.Now().Unix() + 60})
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signer.Sign(payload)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := signed.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	pool := "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab"
	status, errorType, body := s.callWith(t, api, "", "Authorization", token(pool))
	if status != 500 || errorType != "AuthorizerConfigurationException" || body != `{"message":null}` {
		t.Error(status, errorType, body)
	}
	if text := log.String(); !strings.Contains(text, "/pools/us-east-1_Ab/.well-known/jwks.json answered 503") {
		t.Error("the log does not say why:", text)
	}
	up.Store(true)
	clock.move(2 * time.Second)
	for issuer, want := range map[string]int{pool: 200, peer.URL + "/pools/us-east-1_Ab": 200, peer.URL: 401} {
		if status, _, body := s.callWith(t, api, "", "Authorization", token(issuer)); status != want {
			t.Errorf("iss %s: %d %s, want %d", issuer, status, body, want)
		}
	}
	if status, _, _ := s.callWith(t, api, "", "Authorization", s.token(t, emulator.TokenRequest{UserPool: userPool})); status != 401 {
		t.Errorf("the local issuer's token: %d", status)
	}
}
