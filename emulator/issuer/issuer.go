package issuer

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Options are what an Issuer works with.
type Options struct {
	Dir    string           // that keeps the keys; "" keeps them in memory
	Now    func() time.Time // required
	Rand   io.Reader        // for ids in tokens; nil is crypto/rand
	Logger *slog.Logger     // nil discards
}

// An Issuer signs tokens in the name of any issuer, all with the same keys. These are made
// when they are first needed, which takes a moment.
type Issuer struct {
	o Options

	// mu guards keys.
	mu   sync.Mutex
	keys []jose.JSONWebKey // nil before the first need
}

// New makes an Issuer.
func New(o Options) *Issuer {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Issuer{o: o}
}

func (i *Issuer) signingKeys() (_ []jose.JSONWebKey, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.keys == nil {
		i.keys, err = openKeys(i.o.Dir)
	}
	return i.keys, err
}

// KeySet is the JSON document with the public keys.
func (i *Issuer) KeySet() ([]byte, error) {
	keys, err := i.signingKeys()
	if err != nil {
		return nil, err
	}
	set := jose.JSONWebKeySet{}
	for _, k := range keys {
		set.Keys = append(set.Keys, k.Public())
	}
	return json.Marshal(set)
}

// sign makes the token of a payload.
func (i *Issuer) sign(algorithm string, payload []byte) (string, error) {
	keys, err := i.signingKeys()
	if err != nil {
		return "", err
	}
	for _, k := range keys {
		if k.Algorithm != algorithm {
			continue
		}
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: k}, nil)
		if err != nil {
			return "", err
		}
		signed, err := s.Sign(payload)
		if err != nil {
			return "", err
		}
		return signed.CompactSerialize()
	}
	return "", fmt.Errorf("algorithm %q is none of RS256, ES256", algorithm)
}
