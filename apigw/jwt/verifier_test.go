package jwt_test

import (
	"bytes"
	"context"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"postern/apigw/jwt"
)

var anyone = &jwt.Rules{Issuers: []jwt.Issuer{jwt.New(jwt.Options{}).Issuer(issuerURL)}}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestGoodTokensOfEveryAlgorithm(t *testing.T) {
	c := newClock()
	for alg, key := range map[jose.SignatureAlgorithm]jose.JSONWebKey{
		jose.RS256: rsaKey("r"), jose.RS384: rsaKey("r"), jose.RS512: rsaKey("r"),
		jose.ES256: ecKey(t, "e", elliptic.P256()), jose.ES384: ecKey(t, "e", elliptic.P384()), jose.ES512: ecKey(t, "e", elliptic.P521()),
	} {
		t.Run(string(alg), func(t *testing.T) {
			i := newIssuer(t, key)
			v := jwt.New(jwt.Options{Fetch: i.fetch, Now: c.Now})
			got, err := v.Verify(t.Context(), sign(t, alg, key, c.now, nil), anyone)
			if err != nil || got.Subject != "ada" || got.Issuer != issuerURL {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestBadTokens(t *testing.T) {
	c := newClock()
	key, other, curve := rsaKey("good"), rsaKey("another"), ecKey(t, "curve", elliptic.P256())
	forEncryption := jose.JSONWebKey{KeyID: "enc", Key: makeRSA(), Use: "enc"}
	for384 := jose.JSONWebKey{KeyID: "384", Key: makeRSA(), Algorithm: "RS384"}
	i := newIssuer(t, key, curve, forEncryption, for384)
	v := jwt.New(jwt.Options{Fetch: i.fetch, Now: c.Now})
	ok := sign(t, jose.RS256, key, c.now, nil)
	with := func(changes claims) string { return sign(t, jose.RS256, key, c.now, changes) }

	der, err := x509.MarshalPKIXPublicKey(makeRSA().Public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	named := func(kid string, k any) jose.JSONWebKey { return jose.JSONWebKey{KeyID: kid, Key: k} }

	for _, b := range []struct {
		name, token string
		want        error
		says        string
	}{
		{"empty", "", jwt.ErrMalformed, "invalid number of segments: 1"},
		{"garbage", "\x00\xff%", jwt.ErrMalformed, ""},
		{"dots", "..", jwt.ErrMalformed, "header"},
		{"five segments", "a.b.c.d.e", jwt.ErrMalformed, "invalid number of segments: 5"},
		{"huge", strings.Repeat("x", 1<<20), jwt.ErrMalformed, "1048576 bytes"},
		{"header is no JSON", segment(ok, 0, b64("{")), jwt.ErrMalformed, "header"},
		{"payload is no JSON", segment(ok, 1, b64(`{"iss":`)), jwt.ErrMalformed, "not JSON"},
		{"payload is no object", segment(ok, 1, b64(`["iss"]`)), jwt.ErrMalformed, "not a JSON object"},
		{"a claim twice", segment(ok, 1, b64(`{"iss":"a","iss":"b","exp":1}`)), jwt.ErrMalformed, `claim "iss" is there twice`},
		{"none", segment(segment(ok, 0, b64(`{"alg":"none","kid":"good"}`)), 2, ""), jwt.ErrAlgorithm, "signing method none is invalid"},
		{"nOnE", segment(segment(ok, 0, b64(`{"alg":"nOnE","kid":"good"}`)), 2, ""), jwt.ErrAlgorithm, "signing method nOnE is invalid"},
		{"no algorithm", segment(ok, 0, b64(`{"kid":"good"}`)), jwt.ErrAlgorithm, "signing method  is invalid"},
		{"HMAC with the public key", sign(t, jose.HS256, named("good", public), c.now, nil), jwt.ErrAlgorithm, "signing method HS256 is invalid"},
		{"PSS", sign(t, jose.PS256, key, c.now, nil), jwt.ErrAlgorithm, "signing method PS256 is invalid"},
		{"critical extension", segment(ok, 0, b64(`{"alg":"RS256","kid":"good","crit":["b64"],"b64":false}`)), jwt.ErrMalformed, "critical"},
		{"no kid", sign(t, jose.RS256, makeRSA(), c.now, nil), jwt.ErrKey, "names no key"},
		{"unknown kid", sign(t, jose.RS256, other, c.now, nil), jwt.ErrKey, `"another" for RS256 is none of ["good" "curve" "384"] of ` + issuerURL},
		{"kid of a curve", sign(t, jose.RS256, named("curve", makeRSA()), c.now, nil), jwt.ErrKey, ""},
		{"curve of another size", sign(t, jose.ES384, ecKey(t, "curve", elliptic.P384()), c.now, nil), jwt.ErrKey, ""},
		{"key for encryption", sign(t, jose.RS256, forEncryption, c.now, nil), jwt.ErrKey, ""},
		{"key for another algorithm", sign(t, jose.RS256, named("384", makeRSA()), c.now, nil), jwt.ErrKey, ""},
		{"another's key", sign(t, jose.ES256, ecKey(t, "curve", elliptic.P256()), c.now, nil), jwt.ErrSignature, `"curve"`},
		{"tampered payload", segment(ok, 1, b64(`{"iss":"`+issuerURL+`","sub":"eve","exp":9999999999}`)), jwt.ErrSignature, ""},
		{"tampered header", segment(ok, 0, b64(`{"alg":"RS256","kid":"good","x":1}`)), jwt.ErrSignature, ""},
		{"no signature", segment(ok, 2, ""), jwt.ErrSignature, ""},
		{"half a signature", ok[:len(ok)-100], jwt.ErrSignature, ""},
		{"another issuer", with(claims{"iss": "https://evil.example"}), jwt.ErrIssuer, `"https://evil.example" is none of ["` + issuerURL + `"]`},
		{"issuer with a slash", with(claims{"iss": issuerURL + "/"}), jwt.ErrIssuer, ""},
		{"no issuer", with(claims{"iss": nil}), jwt.ErrIssuer, ""},
		{"issuer is a number", with(claims{"iss": 7}), jwt.ErrMalformed, "claim iss"},
		{"expired", with(claims{"exp": c.now.Unix()}), jwt.ErrExpired, "2027-01-15T08:00:00Z"},
		{"no end", with(claims{"exp": nil}), jwt.ErrMalformed, "exp is missing"},
		{"end is text", with(claims{"exp": "tomorrow"}), jwt.ErrMalformed, "claim exp"},
		{"end is no date", with(claims{"exp": 1e300}), jwt.ErrMalformed, "no date"},
		{"not before", with(claims{"nbf": c.now.Unix() + 1}), jwt.ErrNotYetValid, "before 2027-01-15T08:00:01Z"},
		{"issued in the future", with(claims{"iat": c.now.Unix() + 1}), jwt.ErrNotYetValid, "in the future"},
	} {
		t.Run(b.name, func(t *testing.T) {
			for range 2 { // what was refused once is refused again
				_, err := v.Verify(t.Context(), b.token, anyone)
				if !errors.Is(err, b.want) || !strings.Contains(err.Error(), b.says) {
					t.Errorf("%v, want %v that says %s", err, b.want, b.says)
				}
			}
		})
	}
	if _, err := v.Verify(t.Context(), ok, anyone); err != nil {
		t.Error("the token they were made from is good:", err)
	}
}

func TestRulesHoldForCachedTokensToo(t *testing.T) {
	c := newClock()
	key := rsaKey("k")
	v := jwt.New(jwt.Options{Fetch: newIssuer(t, key).fetch, Now: c.Now})
	rules := func(audience, scopes []string) *jwt.Rules {
		return &jwt.Rules{Issuers: anyone.Issuers, Audience: audience, Scopes: scopes}
	}
	id := sign(t, jose.RS256, key, c.now, claims{"aud": []string{"app", "web"}, "scope": nil})
	access := sign(t, jose.RS256, key, c.now, claims{"aud": nil, "client_id": "app", "scope": "pets/read pets/write"})
	azure := sign(t, jose.RS256, key, c.now, claims{"scp": []string{"pets/read"}, "scope": nil})
	for _, r := range []struct {
		name, token string
		rules       *jwt.Rules
		want        error
	}{
		{"any audience", id, rules(nil, nil), nil},
		{"one of its audiences", id, rules([]string{"x", "web"}, nil), nil},
		{"another audience", id, rules([]string{"x"}, nil), jwt.ErrAudience},
		{"no audience allowed", id, rules([]string{}, nil), jwt.ErrAudience},
		{"client_id stands in for aud", access, rules([]string{"app"}, nil), nil},
		{"another client_id", access, rules([]string{"web"}, nil), jwt.ErrAudience},
		{"one of the scopes", access, rules(nil, []string{"pets/write", "x"}), nil},
		{"none of the scopes", access, rules(nil, []string{"pets"}), jwt.ErrScope},
		{"scp is a scope", azure, rules(nil, []string{"pets/read"}), nil},
		{"no scopes", id, rules(nil, []string{"pets/read"}), jwt.ErrScope},
		{"another issuer", id, &jwt.Rules{Issuers: []jwt.Issuer{v.Issuer("https://other.example")}}, jwt.ErrIssuer},
	} {
		t.Run(r.name, func(t *testing.T) {
			if _, err := v.Verify(t.Context(), r.token, r.rules); !errors.Is(err, r.want) {
				t.Errorf("%v, want %v", err, r.want)
			}
		})
	}
	c.add(time.Hour)
	if _, err := v.Verify(t.Context(), id, anyone); !errors.Is(err, jwt.ErrExpired) {
		t.Errorf("a cached token outlives its end: %v", err)
	}
}

// A token whose iss is an alias of two issuers is checked with the keys of the one that
// the rules trust, even when the other's keys have already verified it.
func TestACachedTokenIsOfOneIssuer(t *testing.T) {
	c := newClock()
	key := rsaKey("k")
	good, evil := newIssuer(t, ecKey(t, "k", elliptic.P256())), newIssuer(t, key)
	v := jwt.New(jwt.Options{
		Now:     c.Now,
		Aliases: func(string) []string { return []string{issuerURL} },
		Fetch: func(ctx context.Context, issuer string) ([]byte, error) {
			if issuer == "https://good.example" {
				return good.fetch(ctx, issuerURL)
			}
			return evil.fetch(ctx, issuerURL)
		},
	})
	rules := func(url string) *jwt.Rules {
		return &jwt.Rules{Issuers: []jwt.Issuer{v.Issuer(url)}}
	}
	token := sign(t, jose.RS256, key, c.now, nil)
	if _, err := v.Verify(t.Context(), token, rules("https://evil.example")); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), token, rules("https://good.example")); !errors.Is(err, jwt.ErrKey) {
		t.Error(err)
	}
}

func TestRotatedKeysAreFetchedAtMostEverySoOften(t *testing.T) {
	c := newClock()
	first, second := rsaKey("first"), ecKey(t, "second", elliptic.P256())
	i := newIssuer(t, first)
	v := jwt.New(jwt.Options{Fetch: i.fetch, Now: c.Now})
	old, fresh := sign(t, jose.RS256, first, c.now, nil), sign(t, jose.ES256, second, c.now, nil)
	check := func(token string, want error, fetched int) {
		t.Helper()
		_, err := v.Verify(t.Context(), token, anyone)
		if got := i.fetches(); !errors.Is(err, want) || got != fetched {
			t.Errorf("%v after %d fetches, want %v after %d", err, got, want, fetched)
		}
	}
	check(old, nil, 1)
	check(old, nil, 1)
	i.set(func(i *issuer) { i.keys = []jose.JSONWebKey{second} })
	check(fresh, jwt.ErrKey, 1) // it was asked just now
	c.add(10 * time.Second)
	check(fresh, nil, 2)
	check(old, jwt.ErrKey, 2) // cached, and yet no longer good
	c.add(10 * time.Second)
	check(old, jwt.ErrKey, 3)
	check(old, jwt.ErrKey, 3)
	c.add(5 * time.Minute)
	check(fresh, nil, 4) // the set has become old
}

func TestTheLastGoodKeysSurviveAnUnreachableIssuerForAWhile(t *testing.T) {
	c := newClock()
	key := rsaKey("k")
	i := newIssuer(t, key)
	i.down = true
	var log bytes.Buffer
	v := jwt.New(jwt.Options{Fetch: i.fetch, Now: c.Now, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	token := sign(t, jose.RS256, key, c.now, claims{"exp": c.now.Add(100 * time.Hour).Unix()})
	check := func(want error, fetched int) {
		t.Helper()
		_, err := v.Verify(t.Context(), token, anyone)
		if got := i.fetches(); !errors.Is(err, want) || got != fetched {
			t.Errorf("%v after %d fetches, want %v after %d", err, got, want, fetched)
		}
		if err != nil && (!errors.Is(err, jwt.ErrKeySet) || !strings.Contains(err.Error(), "/at/keys answered 503 Service Unavailable")) {
			t.Error(err)
		}
	}
	check(jwt.ErrKeysUnavailable, 1)
	check(jwt.ErrKeysUnavailable, 1)
	c.add(2 * time.Second)
	check(jwt.ErrKeysUnavailable, 2)
	i.set(func(i *issuer) { i.down = false })
	c.add(2 * time.Second)
	check(nil, 3)
	i.set(func(i *issuer) { i.down = true })
	c.add(5 * time.Minute)
	check(nil, 4)
	check(nil, 4)
	c.add(2 * time.Hour)
	check(jwt.ErrKeysUnavailable, 5)
	if !strings.Contains(log.String(), "keys of an issuer cannot be had") || !strings.Contains(log.String(), issuerURL) {
		t.Error(log.String())
	}
}

// A claim as REST APIs show it: events of AWS, and the answer of TestInvokeAuthorizer.
func TestClaimsAsText(t *testing.T) {
	c := newClock()
	key := rsaKey("k")
	v := jwt.New(jwt.Options{Fetch: newIssuer(t, key).fetch, Now: c.Now})
	payload := `{"sub":"a","cognito:groups":["admins","eu west"],"email_verified":true,"iss":"` + issuerURL + `",` +
		`"identities":[{"userId":"7", "primary":"true"}],"address":{"formatted":"x <y>"},"nothing":null,"empty":[],` +
		`"auth_time":1799999999,"exp":1800000060,"iat":1799999999,"ratio":1.50}`
	got, err := v.Verify(t.Context(), signText(t, jose.RS256, key, []byte(payload)), anyone)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, f := range got.Authorization().Claims {
		shown = append(shown, f.Name+"="+f.Value)
	}
	want := []string{
		"sub=a", "cognito:groups=admins,eu west", "email_verified=true", "iss=" + issuerURL,
		`identities={"userId":"7","primary":"true"}`, `address={"formatted":"x <y>"}`, "empty=",
		"auth_time=1799999999", "exp=Fri Jan 15 08:01:00 UTC 2027", "iat=Fri Jan 15 07:59:59 UTC 2027", "ratio=1.50",
	}
	if diff := cmp.Diff(want, shown); diff != "" || !got.Authorization().HasClaims {
		t.Error(diff)
	}
}

// A claim as HTTP APIs show it (recorded: "cognito:groups" as "[admin poweruser]", exp and iat as the numbers they are,
// in the order of their names). Sources: captures in github.com/floci-io/floci#2011 and DefinitelyTyped#75458 (2026).
func TestClaimsOfHTTPAPIs(t *testing.T) {
	c := newClock()
	key := rsaKey("k")
	v := jwt.New(jwt.Options{Fetch: newIssuer(t, key).fetch, Now: c.Now})
	payload := `{"sub":"a","cognito:groups":["admin","poweruser"],"email_verified":true,"iss":"` + issuerURL + `","scope":"b a",` +
		`"address":{"formatted":"x <y>"},"nothing":null,"empty":[],"exp":1800000060,"iat":1799999999,"ratio":1.50}`
	got, err := v.Verify(t.Context(), signText(t, jose.RS256, key, []byte(payload)), anyone)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, f := range got.HTTPAuthorization(false).Claims {
		shown = append(shown, f.Name+"="+f.Value)
	}
	want := []string{
		`address={"formatted":"x <y>"}`, "cognito:groups=[admin poweruser]", "email_verified=true", "empty=[]", "exp=1800000060",
		"iat=1799999999", "iss=" + issuerURL, "ratio=1.50", "scope=b a", "sub=a",
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Error(diff)
	}
	if got := got.HTTPAuthorization(false).Scopes; got != nil {
		t.Errorf("scopes of a route without any: %q", got)
	}
	if diff := cmp.Diff([]string{"b", "a"}, got.HTTPAuthorization(true).Scopes); diff != "" {
		t.Error(diff)
	}
}

// What one authorizer has verified another may still refuse for its algorithm.
func TestAlgorithmsThatRulesTake(t *testing.T) {
	c := newClock()
	key := ecKey(t, "e", elliptic.P256())
	v := jwt.New(jwt.Options{Fetch: newIssuer(t, key).fetch, Now: c.Now})
	token := sign(t, jose.ES256, key, c.now, nil)
	if _, err := v.Verify(t.Context(), token, anyone); err != nil {
		t.Fatal(err)
	}
	_, err := v.Verify(t.Context(), token, &jwt.Rules{Issuers: anyone.Issuers, Algorithms: jwt.RSA})
	if !errors.Is(err, jwt.ErrAlgorithm) || !strings.HasSuffix(err.Error(), "signing method ES256 is invalid") {
		t.Error(err)
	}
}

func BenchmarkVerify(b *testing.B) {
	c := newClock()
	key := rsaKey("k")
	v := jwt.New(jwt.Options{Fetch: func(context.Context, string) ([]byte, error) { return keySetText(key) }, Now: c.Now})
	token := sign(b, jose.RS256, key, c.now, claims{"cognito:groups": []string{"a", "b"}, "jti": "5c3f0a6e-0d5a-4e6e-8b5f-1e0d2f0c9a41"})
	rules := &jwt.Rules{Issuers: anyone.Issuers, Audience: []string{"app"}, Scopes: []string{"pets/read"}}
	b.Run("cached", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Verify(b.Context(), token, rules); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestUserPools(t *testing.T) {
	for pool, want := range map[string]string{
		"us-east-1_Ab12": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab12",
		"arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_X":                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_X",
		"arn:aws-us-gov:cognito-idp:us-gov-west-1:000000000000:userpool/us-gov-west-1_X": "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_X",
		"Ab12": "", "": "", "arn:aws:iam::000000000000:role/x": "", "arn:aws:cognito-idp:us-east-1:0:userpool/us-east-1_X": "", "us-east-1_A/b": "",
	} {
		got, err := jwt.UserPoolIssuer(pool)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", pool, got, err)
		}
		if want != "" && !jwt.IsUserPool(want) {
			t.Errorf("%s is a user pool's", want)
		}
	}
	for _, issuer := range []string{issuerURL, "https://cognito-idp.evil.example/us-east-1_A", "http://cognito-idp.us-east-1.amazonaws.com/us-east-1_A"} {
		if jwt.IsUserPool(issuer) {
			t.Errorf("%s is no user pool's", issuer)
		}
	}
}
