package jwt

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A keySet is what is known of the keys of one issuer.
type keySet struct {
	issuer  string
	o       *Options
	current atomic.Pointer[keys] // the last good ones; nil before the first

	// fetching holds a value while keys are fetched, and guards the rest. Who needs new keys
	// waits for it, as long as the caller does.
	fetching chan struct{}
	asked    time.Time // when they were fetched last
	failure  error     // of that fetch
}

func newKeySet(issuer string, o *Options) *keySet {
	return &keySet{issuer: issuer, o: o, fetching: make(chan struct{}, 1)}
}

// keys are those of one fetch. They are never changed.
type keys struct {
	fetched time.Time
	all     []jose.JSONWebKey
}

func (k *keys) fresh(now time.Time, ttl time.Duration) bool {
	return k != nil && now.Before(k.fetched.Add(ttl))
}

// find returns the key that a token names. It asks the issuer if that key is unknown, or
// what is known is old.
func (s *keySet) find(ctx context.Context, h header) (*keys, *jose.JSONWebKey, error) {
	if h.KeyID == "" {
		return nil, nil, fmt.Errorf("%w: it names no key (kid)", ErrKey)
	}
	k := s.current.Load()
	if k.fresh(s.o.Now(), s.o.TTL) {
		if key := k.find(h); key != nil {
			return k, key, nil
		}
	}
	k, err := s.renew(ctx, k)
	if err != nil {
		return nil, nil, err
	}
	key := k.find(h)
	if key == nil {
		return nil, nil, fmt.Errorf("%w: %q for %s is none of %s of %s", ErrKey, h.KeyID, h.Algorithm, k, s.issuer)
	}
	return k, key, nil
}

func (k *keys) find(h header) *jose.JSONWebKey {
	for i := range k.all {
		if key := &k.all[i]; key.KeyID == h.KeyID && fits(key, h.Algorithm) {
			return key
		}
	}
	return nil
}

// String names the keys, for errors.
func (k *keys) String() string {
	names := make([]string, len(k.all))
	for i := range k.all {
		names[i] = k.all[i].KeyID
	}
	return fmt.Sprintf("%q", names)
}

// renew fetches the keys, unless that was just done: by another caller since seen was
// current, or not long ago. One caller fetches at a time. The fetch goes on when its caller
// leaves: others wait for it.
func (s *keySet) renew(ctx context.Context, seen *keys) (*keys, error) {
	select {
	case s.fetching <- struct{}{}:
		defer func() { <-s.fetching }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %s: %w", ErrKeysUnavailable, s.issuer, ctx.Err())
	}
	k, now := s.current.Load(), s.o.Now()
	if k != seen || s.asked.After(now.Add(-s.pause())) && (s.failure != nil || k.fresh(now, s.o.TTL)) {
		return s.have(k, now)
	}
	fetched, err := s.fetch(context.WithoutCancel(ctx))
	s.asked, s.failure = now, err
	if err != nil {
		s.o.Logger.Warn("keys of an issuer cannot be had", "issuer", s.issuer, "error", err)
		return s.have(k, now)
	}
	s.o.Logger.Debug("keys of an issuer", "issuer", s.issuer, "keys", fetched.String())
	fetched.fetched = now
	s.current.Store(fetched)
	return fetched, nil
}

func (s *keySet) pause() time.Duration {
	if s.failure != nil {
		return s.o.Retry
	}
	return s.o.Renew
}

// have returns the keys that are known if they are not too old.
func (s *keySet) have(k *keys, now time.Time) (*keys, error) {
	if k.fresh(now, s.o.TTL+s.o.Survive) {
		return k, nil
	}
	return nil, fmt.Errorf("%w: %s: %w", ErrKeysUnavailable, s.issuer, s.failure)
}

func (s *keySet) fetch(ctx context.Context) (*keys, error) {
	text, err := s.o.Fetch(ctx, s.issuer)
	if err != nil {
		return nil, err
	}
	return parseKeys(text)
}

// parseKeys reads a key set and takes what can verify signatures: kinds of keys that are
// not known do not spoil the others.
func parseKeys(text []byte) (*keys, error) {
	var document struct {
		Keys *[]json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	if document.Keys == nil {
		return nil, fmt.Errorf("key set: it has no member keys")
	}
	k := &keys{}
	for _, raw := range *document.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) == nil && usable(&key) {
			k.all = append(k.all, key)
		}
	}
	return k, nil
}

func usable(k *jose.JSONWebKey) bool {
	switch k.Key.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
		return k.KeyID != "" && slices.Contains([]string{"", "sig"}, k.Use)
	}
	return false
}
