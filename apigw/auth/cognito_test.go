package auth_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/integration"
	"postern/apigw/jwt"
	"postern/apigw/jwt/jwttest"
	"postern/apigw/policy"
)

const pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab"

// The rules: facts rest-dataplane §3, §13; of identityValidationExpression: API reference,
// "Authorizer", and AWS re:Post of an access token that it refuses.
func TestUserPools(t *testing.T) {
	m := jwttest.New(t, pool, jose.ES256, "k")
	id := m.Token(t, map[string]any{"token_use": "id", "aud": "app-1"})
	access := m.Token(t, map[string]any{"token_use": "access", "client_id": "app-1", "scope": "pets/read pets/write"})
	old := m.Token(t, map[string]any{"token_use": "id", "exp": m.Now.Unix() - 1})
	other := m.Token(t, map[string]any{"token_use": "id", "iss": pool + "x"})
	unused := m.Token(t, map[string]any{"aud": "app-1"})
	for _, c := range []struct {
		name, header, audience string
		scopes                 []string
		want, message          string
	}{
		{"an ID token", id, "", nil, "", ""},
		{"as a bearer token", "Bearer " + id, "", nil, "", ""},
		{"as a bearer token, in any case", "bearer  " + id + " ", "", nil, "", ""},
		{"by another scheme", "Basic " + id, "", nil, apigw.Unauthorized, ""},
		{"no token", "", "", nil, apigw.Unauthorized, ""},
		{"nothing but the scheme", "Bearer ", "", nil, apigw.Unauthorized, ""},
		{"garbage", "garbage", "", nil, apigw.Unauthorized, ""},
		{"an access token where no scopes are", access, "", nil, apigw.Unauthorized, ""},
		{"an access token with one of the scopes", access, "", []string{"pets/write", "x"}, "", ""},
		{"an access token without the scope", access, "", []string{"pets/delete"}, apigw.Unauthorized, ""},
		{"an ID token where scopes are", id, "", []string{"pets/read"}, apigw.Unauthorized, ""},
		{"a token for neither use", unused, "", nil, apigw.Unauthorized, ""},
		{"an expired token", old, "", nil, apigw.Unauthorized, "The incoming token has expired"},
		{"of another pool", other, "", nil, apigw.Unauthorized, ""},
		{"the expression matches aud", id, "app-[0-9]", nil, "", ""},
		{"the expression has to match all of aud", id, "app", nil, apigw.Unauthorized, ""},
		{"an access token has no aud", access, ".*", []string{"pets/read"}, apigw.Unauthorized, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			source, err := integration.RequestValue("method.request.header.Authorization")
			if err != nil {
				t.Fatal(err)
			}
			v := m.Verifier()
			u := &auth.UserPools{ID: "abc123", Source: source, Tokens: v, Rules: jwt.Rules{Issuers: []jwt.Issuer{v.Issuer(pool)}, Scopes: c.scopes}}
			if c.audience != "" {
				if u.Audience, err = integration.CompilePattern(c.audience); err != nil {
					t.Fatal(err)
				}
			}
			x := &apigw.Exchange{Stage: &apigw.Stage{}, Log: &apigw.ExecutionLog{Now: func() time.Time { return m.Now }}}
			x.Request.SetHeaders(http.Header{"Authorization": {c.header}}, func() string { return "" })
			decision, err := u.Ask(t.Context(), x)
			if c.want == "" {
				if err != nil || decision != policy.Allow || x.Authorization == nil || !x.Authorization.HasClaims {
					t.Errorf("%v, %+v", err, x.Authorization)
				}
				return
			}
			var r *apigw.Rejection
			if !errors.As(err, &r) || r.Type != c.want || r.Message != c.message || r.Err == nil || x.Authorization != nil {
				t.Errorf("%v, want %s with message %q", err, c.want, c.message)
			}
		})
	}
}

func TestUserPoolsWhoseKeysCannotBeHadAreMisconfigured(t *testing.T) {
	m := jwttest.New(t, pool, jose.ES256, "k")
	m.Down = true
	v := m.Verifier()
	source := func(*apigw.Exchange) []string { return []string{m.Token(t, nil)} }
	u := &auth.UserPools{Source: source, Tokens: v, Rules: jwt.Rules{Issuers: []jwt.Issuer{v.Issuer(pool)}}}
	var r *apigw.Rejection
	_, err := u.Ask(t.Context(), &apigw.Exchange{Stage: &apigw.Stage{}})
	if !errors.As(err, &r) || r.Type != apigw.AuthorizerConfigurationError || !errors.Is(r.Err, jwt.ErrKeysUnavailable) {
		t.Error(err)
	}
}
