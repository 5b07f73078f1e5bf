package jwt_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"postern/apigw/jwt"
)

func keySetText(keys ...jose.JSONWebKey) ([]byte, error) {
	set := jose.JSONWebKeySet{}
	for _, k := range keys {
		set.Keys = append(set.Keys, k.Public())
	}
	return json.Marshal(set)
}

// No text but a signed one passes, and none makes the verifier panic.
func FuzzVerify(f *testing.F) {
	c := newClock()
	key := rsaKey("k")
	v := jwt.New(jwt.Options{Fetch: func(context.Context, string) ([]byte, error) { return keySetText(key) }, Now: c.Now})
	good := sign(f, jose.RS256, key, c.now, nil)
	f.Add(good)
	f.Add(segment(good, 1, b64(`{"iss":"`+issuerURL+`","exp":1e400,"aud":[[[]]],"scope":{}}`)))
	f.Add(segment(good, 0, b64(`{"alg":"ES256","kid":"k","crit":null}`)))
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := v.Verify(t.Context(), raw, anyone)
		if err == nil && raw != good || err != nil && got == nil && raw == good {
			t.Errorf("%q: %v, %v", raw, got, err)
		}
	})
}

// Whatever an issuer answers is a key set or an error.
func FuzzKeySet(f *testing.F) {
	c := newClock()
	key := rsaKey("k")
	token := sign(f, jose.RS256, key, c.now, nil)
	good, err := keySetText(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"AAAA","kid":"k"},{"kty":"EC","crv":"P-256","x":"","y":"","kid":"k"},null,7]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		v := jwt.New(jwt.Options{Fetch: func(context.Context, string) ([]byte, error) { return text, nil }, Now: c.Now})
		v.Verify(t.Context(), token, anyone)
	})
}
