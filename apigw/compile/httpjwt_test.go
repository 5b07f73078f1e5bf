package compile_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/go-jose/go-jose/v4"

	"postern/apigw/compile"
	"postern/apigw/jwt/jwttest"
)

// Where the token is, what of it a function sees, and what clients are told: facts/http-api.md §4, §7.
func TestJWTAuthorizers(t *testing.T) {
	i := jwttest.New(t, "https://issuer.example", jose.RS256, "k")
	token := i.Token(t, map[string]any{"aud": "app", "sub": "ada", "exp": 4102444800, "scope": "pets/read pets/write", "cognito:groups": []string{"a", "b"}})
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
				JwtConfiguration: &types.JWTConfiguration{Issuer: &i.URL, Audience: []string{"app"}},
			}))
			def.Routes[0].AuthorizationScopes = c.scopes
			stage, err := compile.BuildHTTP(def, compile.Deps{Invoker: telling(), Tokens: i.Verifier()})
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
	i := jwttest.New(t, "https://issuer.example", jose.RS256, "k")
	def := defineHTTP(routes{"GET /": proxyOf("2.0")}, asking(types.AuthorizationTypeJwt, &types.Authorizer{
		AuthorizerType: types.AuthorizerTypeJwt, JwtConfiguration: &types.JWTConfiguration{Issuer: &i.URL},
	}))
	stage, err := compile.BuildHTTP(def, compile.Deps{Invoker: telling(), Tokens: i.Verifier()})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, url: publish(t, stage)}
	if got := s.call("GET", "/", "", "Authorization: "+i.Token(t, map[string]any{"aud": "app"})); got.status != 401 {
		t.Errorf("%d %s", got.status, got.body)
	}
}
