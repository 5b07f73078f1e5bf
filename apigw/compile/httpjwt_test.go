package compile_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/go-jose/go-jose/v4"

	"postern/apigw/compile"
	"postern/apigw/jwt"
)

const testIssuer = "https://issuer.example"

// testKey signs the tokens of testIssuer.
var testKey = sync.OnceValue(func() jose.JSONWebKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return jose.JSONWebKey{KeyID: "k", Key: key}
})

func testTokens(t *testing.T) *jwt.Verifier {
	t.Helper()
	return jwt.New(jwt.Options{Now: time.Now, Fetch: func(context.Context, string) ([]byte, error) {
		key := testKey()
		return json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}})
	}})
}

func testToken(t *testing.T, claims map[string]any) string {
	t.Helper()
	all := map[string]any{"iss": testIssuer, "aud": "app", "exp": time.Now().Add(time.Hour).Unix()}
	for name, v := range claims {
		all[name] = v
	}
	payload, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: testKey()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Where the token is, what of it a function sees, and what clients are told: facts/http-api.md §4, §7.
func TestJWTAuthorizers(t *testing.T) {
	token := testToken(t, map[string]any{"sub": "ada", "exp": 4102444800, "scope": "pets/read pets/write", "cognito:groups": []string{"a", "b"}})
	const claims = `{"aud":"app","cognito:groups":"[a b]","exp":"4102444800","iss":"https://issuer.example","scope":"pets/read pets/write","sub":"ada"}`
	for _, c := range []struct {
		name, source, version string
		scopes                []string
		path, header          string
		status                int
		want, challenge       string
	}{
		{"2.0", "$request.header.Authorization", "2.0", nil, "/", "Authorization: Bearer " + token, 200, `{"jwt":{"claims":` + claims + `,"scopes":null}}`, ""},
		{"2.0 with scopes", "$request.header.Authorization", "2.0", []string{"x", "pets/write"}, "/", "Authorization: " + token, 200, `{"jwt":{"claims":` + claims + `,"scopes":["pets/read","pets/write"]}}`, ""},
		{"1.0", "$request.header.Authorization", "1.0", []string{"pets/read"}, "/", "Authorization: " + token, 200, `{"claims":` + claims + `,"scopes":["pets/read","pets/write"]}`, ""},
		{"in the query string", "$request.querystring.token", "1.0", nil, "/?token=" + token, "a: b", 200, `{"claims":` + claims + `,"scopes":null}`, ""},
		{"elsewhere", "$request.querystring.token", "1.0", nil, "/", "Authorization: " + token, 401, unauthorized, "Bearer"},
		{"no token", "$request.header.Authorization", "2.0", []string{"a"}, "/", "a: b", 401, unauthorized, "Bearer"},
		{"no scope", "$request.header.Authorization", "2.0", []string{"a", "b"}, "/", "Authorization: " + token, 403, forbidden,
			`Bearer scope="a b" error="insufficient_scope" error_description="the token does not have the required scope"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := defineHTTP(routes{"GET /": proxyOf(c.version)}, asking(types.AuthorizationTypeJwt, &types.Authorizer{
				AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{c.source},
				JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String(testIssuer), Audience: []string{"app"}},
			}))
			def.Routes[0].AuthorizationScopes = c.scopes
			stage, err := compile.BuildHTTP(def, compile.Deps{Invoker: telling(), Tokens: testTokens(t)})
			if err != nil {
				t.Fatal(err)
			}
			s := &server{t: t, url: publish(t, stage)}
			got := s.call("GET", c.path, "", c.header)
			if got.status == 200 {
				var event struct {
					RequestContext struct{ Authorizer json.RawMessage }
				}
				if err := json.Unmarshal([]byte(got.body), &event); err != nil {
					t.Fatal(err)
				}
				got.body = string(event.RequestContext.Authorizer)
			}
			if got.status != c.status || got.body != c.want || got.header.Get("Www-Authenticate") != c.challenge {
				t.Errorf("%d %s %s\nwant %d %s %s", got.status, got.body, got.header.Get("Www-Authenticate"), c.status, c.want, c.challenge)
			}
		})
	}
}

// AWS: "A valid JWT must provide an aud that matches at least one entry in this list"; of an empty list none is.
func TestAJWTAuthorizerWithoutAudienceLetsNobodyPass(t *testing.T) {
	def := defineHTTP(routes{"GET /": proxyOf("2.0")}, asking(types.AuthorizationTypeJwt, &types.Authorizer{
		AuthorizerType: types.AuthorizerTypeJwt, JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String(testIssuer)},
	}))
	stage, err := compile.BuildHTTP(def, compile.Deps{Invoker: telling(), Tokens: testTokens(t)})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, url: publish(t, stage)}
	if got := s.call("GET", "/", "", "Authorization: "+testToken(t, nil)); got.status != 401 {
		t.Errorf("%d %s", got.status, got.body)
	}
}
