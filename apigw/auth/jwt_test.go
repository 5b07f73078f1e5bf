package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/jwt"
	"postern/apigw/jwt/jwttest"
	"postern/apigw/policy"
)

const issuer = "https://issuer.example/a"

// What a client is told, by facts/http-api.md §7: recorded are no token, segments, audience (HTTP API guide,
// "Troubleshooting JWT authorizers") and signing method; the form of the others follows theirs.
func TestJWTAuthorizersTellWhy(t *testing.T) {
	m := jwttest.New(t, issuer, jose.RS256, "k")
	curve, stranger := jwttest.New(t, issuer, jose.ES256, "k"), jwttest.New(t, issuer, jose.RS256, "other")
	with := func(changes map[string]any) string {
		all := map[string]any{"aud": "app", "scope": "pets/read pets/write"}
		for name, v := range changes {
			all[name] = v
		}
		return m.Token(t, all)
	}
	good := with(nil)
	bad := func(scope, description string) string {
		return `Bearer scope="` + scope + `" error="invalid_token" error_description="` + description + `"`
	}
	for _, c := range []struct {
		name, header string
		scopes       []string
		status       int // 0 passes
		says         string
	}{
		{"a token", good, nil, 0, ""},
		{"a bearer token", "Bearer " + good, nil, 0, ""},
		{"one of the scopes", good, []string{"x", "pets/write"}, 0, ""},
		{"client_id stands in for aud", with(map[string]any{"aud": nil, "client_id": "app"}), nil, 0, ""},
		{"no token", "", nil, 401, "Bearer"},
		{"the scheme alone", "Bearer ", nil, 401, bad("", "token contains an invalid number of segments")},
		{"garbage", "garbage", nil, 401, bad("", "token contains an invalid number of segments")},
		{"another scheme", "Basic YTpi", nil, 401, bad("", "token contains an invalid number of segments")},
		{"a header that is no JSON", "eA.e30.x", nil, 401, bad("", "header: invalid character 'x' looking for beginning of value")},
		{"not base64", `".é.x`, nil, 401, bad("", "header: illegal base64 data at input byte 0")},
		{"an elliptic curve", curve.Token(t, nil), nil, 401, bad("", "signing method ES256 is invalid")},
		{"another audience", with(map[string]any{"aud": "web"}), []string{"a", "b"}, 401, bad("a b", "the token does not have a valid audience")},
		{"aud counts before client_id", with(map[string]any{"aud": "web", "client_id": "app"}), nil, 401, bad("", "the token does not have a valid audience")},
		{"another issuer", with(map[string]any{"iss": issuer + "/"}), nil, 401, bad("", "the token does not have a valid issuer")},
		{"expired", with(map[string]any{"exp": m.Now.Unix()}), nil, 401, bad("", "the token has expired")},
		{"not yet", with(map[string]any{"nbf": m.Now.Unix() + 1}), nil, 401, bad("", "the token is not valid yet")},
		{"another's key", stranger.Token(t, nil), nil, 401, bad("", "unable to find a signing key for the token")},
		{"tampered with", good[:len(good)-20], nil, 401, bad("", "signature is invalid")},
		{"none of the scopes", good, []string{"pets/delete"}, 403, `Bearer scope="pets/delete" error="insufficient_scope" error_description="the token does not have the required scope"`},
		{"no scopes", with(map[string]any{"scope": nil}), []string{"pets/read"}, 403, `Bearer scope="pets/read" error="insufficient_scope" error_description="the token does not have the required scope"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := tokenExchange(c.header)
			decision, err := jwtAuthorizer(t, m.Verifier(), c.scopes).Ask(t.Context(), x)
			status := 0
			var r *apigw.Rejection
			if errors.As(err, &r) {
				status = r.HTTPStatus()
			} else if decision != policy.Allow {
				t.Error("it neither passes nor is rejected")
			}
			if got := x.Response.Header.Get("www-authenticate"); status != c.status || got != c.says {
				t.Errorf("%d %s (%v)\nwant %d %s", status, got, err, c.status, c.says)
			}
			if passed := x.Authorization != nil; passed != (c.status == 0) {
				t.Errorf("claims: %+v", x.Authorization)
			}
		})
	}
}

func tokenExchange(header string) *apigw.Exchange {
	x := &apigw.Exchange{Stage: &apigw.Stage{Protocol: apigw.HTTP}}
	h := http.Header{}
	if header != "" {
		h["Authorization"] = []string{header}
	}
	x.Request.SetHeaders(h, func() string { return "" })
	return x
}

func jwtAuthorizer(t *testing.T, v *jwt.Verifier, scopes []string) *auth.JWT {
	t.Helper()
	source, err := auth.TokenSource(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &auth.JWT{Source: source, Tokens: v, Rules: jwt.Rules{
		Issuers: []jwt.Issuer{v.Issuer(issuer)}, Audience: []string{"app"}, Scopes: scopes, Algorithms: jwt.RSA,
	}}
}

// Access logs have the code and the description ("invalid_token: OIDC discovery endpoint communication error",
// recorded in access logs of AWS), answers both of them apart.
func TestAnIssuerThatCannotBeReachedIs401(t *testing.T) {
	m := jwttest.New(t, issuer, jose.RS256, "k")
	for is, says := range map[error]string{
		jwt.ErrDiscovery: "OIDC discovery endpoint communication error", jwt.ErrKeySet: "JWKS communication error",
		errors.New("something else"): "JWKS communication error",
	} {
		v := jwt.New(jwt.Options{Now: func() time.Time { return m.Now }, Fetch: func(context.Context, string) ([]byte, error) {
			return nil, fmt.Errorf("%w: connection refused", is)
		}})
		x := tokenExchange(m.Token(t, map[string]any{"aud": "app"}))
		_, err := jwtAuthorizer(t, v, nil).Ask(t.Context(), x)
		if got := x.Reject(err).HTTPStatus(); got != http.StatusUnauthorized {
			t.Errorf("%v: status %d", is, got)
		}
		if got := x.Response.Header.Get("www-authenticate"); got != `Bearer scope="" error="invalid_token" error_description="`+says+`"` {
			t.Errorf("%v: %s", is, got)
		}
		if got, _ := x.Context("authorizer.error"); got != "invalid_token: "+says {
			t.Errorf("%v: %s", is, got)
		}
	}
}
