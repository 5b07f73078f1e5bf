package issuer_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/mux"

	"postern/apigw/jwt"
	"postern/emulator/issuer"
)

var now = time.Unix(1_800_000_000, 0)

const pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab"

func open(dir string) *issuer.Issuer {
	return issuer.New(issuer.Options{Dir: dir, Now: func() time.Time { return now }, Rand: strings.NewReader(strings.Repeat("posterns", 1000))})
}

// claimsOf verifies a token as an authorizer would.
func claimsOf(t *testing.T, i *issuer.Issuer, token, url string) string {
	t.Helper()
	v := jwt.New(jwt.Options{Now: func() time.Time { return now }, Fetch: func(context.Context, string) ([]byte, error) { return i.KeySet() }})
	got, err := v.Verify(t.Context(), token, &jwt.Rules{Issuers: []jwt.Issuer{v.Issuer(url)}})
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, c := range got.Claims {
		shown = append(shown, c.Name+"="+string(c.Value))
	}
	return strings.Join(shown, "\n")
}

// What Cognito's tokens say: its developer guide, "Understanding user pool JSON web tokens".
func TestTokensLookLikeCognitos(t *testing.T) {
	i := open("")
	for _, c := range []struct {
		name string
		in   issuer.Request
		url  string
		want string
	}{
		{"id", issuer.Request{UserPool: "us-east-1_Ab", ClientID: "app", Username: "ada", Subject: "s", Groups: []string{"a", "b"}}, pool, `sub="s"
cognito:groups=["a","b"]
iss="` + pool + `"
cognito:username="ada"
aud="app"
origin_jti="706f7374-6572-4e73-b06f-737465726e73"
event_id="706f7374-6572-4e73-b06f-737465726e73"
token_use="id"
auth_time=1800000000
exp=1800003600
iat=1800000000
jti="706f7374-6572-4e73-b06f-737465726e73"`},
		{"access", issuer.Request{UserPool: "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Ab", Subject: "s", Scopes: []string{"x/r", "x/w"},
			Expires: new(int64(60)), Algorithm: "ES256", Claims: map[string]any{"jti": nil, "event_id": nil, "origin_jti": "o", "zone": []int{1}}}, pool, `sub="s"
iss="` + pool + `"
version=2
client_id="postern"
origin_jti="o"
token_use="access"
scope="x/r x/w"
auth_time=1800000000
exp=1800000060
iat=1800000000
username="user"
zone=[1]`},
		{"of another issuer", issuer.Request{Issuer: "https://login.example/", Subject: "s", Scopes: []string{"r"}, Groups: []string{"g"}, Claims: map[string]any{"jti": nil}}, "https://login.example/",
			`sub="s"
iss="https://login.example/"
aud="postern"
client_id="postern"
scope="r"
groups=["g"]
exp=1800003600
iat=1800000000`},
	} {
		t.Run(c.name, func(t *testing.T) {
			token, err := i.Issue(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, claimsOf(t, i, token.Token, c.url)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAUserHasOneSubjectInAPool(t *testing.T) {
	i := open("")
	subject := func(pool, user string) string {
		token, err := i.Issue(issuer.Request{UserPool: pool, Username: user})
		if err != nil {
			t.Fatal(err)
		}
		claims, err := token.Claims.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var c struct{ Sub string }
		if err := json.Unmarshal(claims, &c); err != nil {
			t.Fatal(err)
		}
		return c.Sub
	}
	ada := subject("us-east-1_A", "ada")
	if ada != subject("us-east-1_A", "ada") || ada == subject("us-east-1_A", "bob") || ada == subject("us-east-1_B", "ada") {
		t.Error("subjects do not tell users apart")
	}
}

func TestKeysOutliveTheProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "issuer")
	token, err := open(dir).Issue(issuer.Request{UserPool: "us-east-1_Ab"})
	if err != nil {
		t.Fatal(err)
	}
	claimsOf(t, open(dir), token.Token, pool)
	path := filepath.Join(dir, "rsa-key.pem")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	if err := os.WriteFile(path, []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(dir).KeySet(); err == nil || !strings.Contains(err.Error(), "no PEM file") {
		t.Error(err)
	}
}

func TestPages(t *testing.T) {
	r := mux.NewRouter()
	i := open("")
	i.Register(r)
	s := httptest.NewServer(r)
	defer s.Close()
	call := func(method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(text)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/_postern/issuer/us-east-1_Ab/.well-known/openid-configuration", "", 200, `"issuer":"` + pool + `"`},
		{"GET", "/_postern/issuer/us-east-1_Ab/.well-known/openid-configuration", "", 200, `"jwks_uri":"` + s.URL + `/_postern/issuer/us-east-1_Ab/.well-known/jwks.json"`},
		{"GET", "/_postern/issuer/mine/.well-known/openid-configuration", "", 200, `"issuer":"` + s.URL + `/_postern/issuer/mine"`},
		{"GET", "/_postern/issuer/mine/.well-known/jwks.json", "", 200, `"kty":"RSA"`},
		{"POST", "/_postern/token", `{"userPool":"us-east-1_Ab"}`, 200, `"claims":{"sub":`},
		{"POST", "/_postern/token", `{"userPool":"nowhere"}`, 400, `no id of a user pool`},
		{"POST", "/_postern/token", `{"userPool":"us-east-1_Ab","issuer":"https://x"}`, 400, "not of both"},
		{"POST", "/_postern/token", `{}`, 400, "needs a user pool"},
		{"POST", "/_postern/token", `{"issuer":"x"}`, 400, "no http or https URL"},
		{"POST", "/_postern/token", `{"userPool":"us-east-1_Ab","algorithm":"HS256"}`, 400, `none of RS256, ES256`},
		{"POST", "/_postern/token", `{"userPool":"us-east-1_Ab","use":"refresh"}`, 400, "not \\\"refresh\\\""},
		{"POST", "/_postern/token", `{"pool":"us-east-1_Ab"}`, 400, `unknown field`},
		{"POST", "/_postern/token", `{`, 400, "token request"},
		{"GET", "/_postern/token", "", 405, ""},
	} {
		if status, text := call(c.method, c.path, c.body); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, status, text)
		}
	}
	// An authorizer that only knows the address finds the keys.
	token, err := i.Issue(issuer.Request{Issuer: s.URL + "/_postern/issuer/mine", Algorithm: "ES256"})
	if err != nil {
		t.Fatal(err)
	}
	d := jwt.Discovery{Client: s.Client()}
	v := jwt.New(jwt.Options{Now: func() time.Time { return now }, Fetch: func(ctx context.Context, url string) ([]byte, error) { return d.KeySet(ctx, url, url) }})
	if _, err := v.Verify(t.Context(), token.Token, &jwt.Rules{Issuers: []jwt.Issuer{v.Issuer(s.URL + "/_postern/issuer/mine")}}); err != nil {
		t.Error(err)
	}
}
