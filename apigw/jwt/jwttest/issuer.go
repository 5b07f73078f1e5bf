// Package jwttest signs tokens for tests, and has verifiers that know their keys.
package jwttest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"postern/apigw/jwt"
)

// An Issuer signs tokens with one key. Its time stands still.
type Issuer struct {
	URL  string
	Now  time.Time
	Down bool // nobody can have its key

	key jose.JSONWebKey
}

// ServeHTTP is the Issuer as OpenID Connect's discovery finds it, reached below its URL or in its place. While it
// is Down it answers 503.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var page any = map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"}
	switch {
	case i.Down:
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	case strings.HasSuffix(r.URL.Path, "/keys"):
		page = i.keys()
	case !strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		http.NotFound(w, r)
		return
	}
	json.NewEncoder(w).Encode(page)
}

func (i *Issuer) keys() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.key.Public()}}
}

// New makes an Issuer whose tokens are signed by an algorithm: RS256, or ES256. kid names its key.
func New(t testing.TB, url string, alg jose.SignatureAlgorithm, kid string) *Issuer {
	t.Helper()
	i := &Issuer{URL: url, Now: time.Unix(1_800_000_000, 0), key: jose.JSONWebKey{KeyID: kid, Algorithm: string(alg)}}
	var err error
	if alg == jose.ES256 {
		i.key.Key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		i.key.Key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// Verifier knows the Issuer's key, and takes it for the key of every issuer.
func (i *Issuer) Verifier() *jwt.Verifier {
	return jwt.New(jwt.Options{Now: func() time.Time { return i.Now }, Fetch: func(context.Context, string) ([]byte, error) {
		if i.Down {
			return nil, errors.New("connection refused")
		}
		return json.Marshal(i.keys())
	}})
}

// Token is one with claims, besides those of where it is from and of an end in a minute.
func (i *Issuer) Token(t testing.TB, claims map[string]any) string {
	t.Helper()
	all := map[string]any{"iss": i.URL, "exp": i.Now.Unix() + 60}
	for name, v := range claims {
		all[name] = v
	}
	payload, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(i.key.Algorithm), Key: i.key}, nil)
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
