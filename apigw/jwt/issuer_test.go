package jwt_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"postern/apigw/jwt"
)

// issuerURL is what the test issuer calls itself; it is reached elsewhere.
const issuerURL = "https://issuer.example/tenant"

// An issuer is a real one: a discovery page and a key set over HTTP.
type issuer struct {
	*httptest.Server

	// mu guards the rest.
	mu      sync.Mutex
	keys    []jose.JSONWebKey
	down    bool
	fetched int // how often the key set was asked for
}

func newIssuer(t *testing.T, keys ...jose.JSONWebKey) *issuer {
	i := &issuer{keys: keys}
	pages := http.NewServeMux()
	pages.HandleFunc("GET /at/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"issuer": issuerURL, "jwks_uri": issuerURL + "/keys"})
	})
	pages.HandleFunc("GET /at/keys", i.keySet)
	pages.HandleFunc("GET /at/.well-known/jwks.json", i.keySet)
	i.Server = httptest.NewServer(pages)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) keySet(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fetched++
	if i.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	public := []any{map[string]string{"kty": "from the future", "kid": "x"}} // spoils nothing
	for _, k := range i.keys {
		public = append(public, k.Public())
	}
	json.NewEncoder(w).Encode(map[string]any{"keys": public})
}

func (i *issuer) set(change func(*issuer)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change(i)
}

func (i *issuer) fetches() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetched
}

func (i *issuer) fetch(ctx context.Context, issuer string) ([]byte, error) {
	d := jwt.Discovery{Client: i.Client()}
	return d.KeySet(ctx, issuer, i.URL+"/at")
}

// A clock stands still until it is moved.
type clock struct {
	// mu guards now.
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_800_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var makeRSA = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func rsaKey(kid string) jose.JSONWebKey {
	return jose.JSONWebKey{KeyID: kid, Key: makeRSA(), Use: "sig"}
}

func ecKey(t testing.TB, kid string, curve elliptic.Curve) jose.JSONWebKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{KeyID: kid, Key: key}
}

type claims map[string]any

// sign makes a token that is good for an hour but for what is changed; nil takes a claim away.
func sign(t testing.TB, alg jose.SignatureAlgorithm, key any, now time.Time, changes claims) string {
	t.Helper()
	all := claims{"iss": issuerURL, "sub": "ada", "aud": "app", "scope": "pets/read pets/write", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for name, v := range changes {
		if all[name] = v; v == nil {
			delete(all, name)
		}
	}
	payload, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return signText(t, alg, key, payload)
}

func signText(t testing.TB, alg jose.SignatureAlgorithm, key any, payload []byte) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
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

// segment replaces one of the three parts of a token.
func segment(raw string, n int, with string) string {
	parts := strings.Split(raw, ".")
	parts[n] = with
	return strings.Join(parts, ".")
}
