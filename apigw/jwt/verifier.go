package jwt

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Options are what a Verifier works with.
type Options struct {
	// Fetch gets the key set of an issuer, a JSON document. Required.
	Fetch func(ctx context.Context, issuer string) ([]byte, error)
	// Aliases are other values of iss that an issuer's tokens may have; nil: none.
	Aliases func(issuer string) []string
	Now     func() time.Time // required
	Logger  *slog.Logger     // gets what became of fetching; nil discards

	TTL     time.Duration // that a key set is used without asking again; 0: 5 minutes. Unlike AWS, which keeps it for up to 2 hours.
	Survive time.Duration // that one is used while the issuer cannot be reached; 0: 2 hours
	Renew   time.Duration // between two fetches because of unknown key ids; 0: 10 s
	Retry   time.Duration // between two fetches when they fail; 0: 2 s
}

// A Verifier checks tokens of any issuers. It is made once and shared by all authorizers.
type Verifier struct {
	o     Options
	cache cache

	// mu guards keySets, one for each issuer that an authorizer trusts.
	mu      sync.Mutex
	keySets map[string]*keySet
}

// New makes a Verifier that has no keys yet.
func New(o Options) *Verifier {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.TTL = cmp.Or(o.TTL, 5*time.Minute)
	o.Survive = cmp.Or(o.Survive, 2*time.Hour)
	o.Renew = cmp.Or(o.Renew, 10*time.Second)
	o.Retry = cmp.Or(o.Retry, 2*time.Second)
	return &Verifier{o: o, keySets: map[string]*keySet{}}
}

// An Issuer is one that an authorizer trusts.
type Issuer struct {
	url     string // by which its keys are found
	aliases []string
}

// Issuer is the one of a URL, for Rules.
func (v *Verifier) Issuer(url string) Issuer {
	if v.o.Aliases == nil {
		return Issuer{url: url}
	}
	return Issuer{url, v.o.Aliases(url)}
}

func (i *Issuer) is(iss string) bool { return iss == i.url || slices.Contains(i.aliases, iss) }

// Rules are what a token must fulfil besides being genuine and in force.
type Rules struct {
	Issuers    []Issuer // its iss must be one of them
	Audience   []string // has one of its aud, or its client_id if it has no aud; nil: any
	Scopes     []string // has at least one of its scopes; nil: any
	Algorithms []string // has the one that it is signed with; nil: any that Postern knows
}

// Verify returns what a genuine token says that fulfils the rules. The order of the checks
// is that of API Gateway's JWT authorizers: signature, iss, aud, exp, nbf, iat, scope.
func (v *Verifier) Verify(ctx context.Context, raw string, r *Rules) (*Token, error) {
	now := v.o.Now()
	t := v.cached(raw, now, r)
	if t == nil {
		var err error
		if t, err = v.verify(ctx, raw, r); err != nil {
			return nil, err
		}
	}
	return t, r.check(t, now)
}

// cached returns a token that was verified with the keys of the issuer that the rules take
// it for, if that issuer has the same keys still.
func (v *Verifier) cached(raw string, now time.Time, r *Rules) *Token {
	e := v.cache.get(raw)
	if e == nil || e.set.current.Load() != e.keys || !e.keys.fresh(now, v.o.TTL) || !r.accept(e.token.algorithm) {
		return nil
	}
	if issuer, err := r.issuer(e.token); err != nil || issuer != e.set.issuer {
		return nil
	}
	return e.token
}

// verify checks that a token is genuine.
func (v *Verifier) verify(ctx context.Context, raw string, r *Rules) (*Token, error) {
	h, t, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if !r.accept(h.Algorithm) {
		return nil, fmt.Errorf("%w: signing method %s is invalid", ErrAlgorithm, h.Algorithm)
	}
	if len(h.Critical) > 0 {
		return nil, fmt.Errorf("%w: its header has critical extensions %q", ErrMalformed, h.Critical)
	}
	issuer, err := r.issuer(t)
	if err != nil {
		return nil, err
	}
	set := v.keySet(issuer)
	keys, key, err := set.find(ctx, h)
	if err != nil {
		return nil, err
	}
	signed, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if _, err := signed.Verify(key); err != nil {
		return nil, fmt.Errorf("%w for key %q of %s", ErrSignature, h.KeyID, issuer)
	}
	t.algorithm = h.Algorithm
	t.show()
	v.cache.put(raw, &entry{token: t, set: set, keys: keys})
	return t, nil
}

func (v *Verifier) keySet(issuer string) *keySet {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.keySets[issuer]
	if s == nil {
		s = newKeySet(issuer, &v.o)
		v.keySets[issuer] = s
	}
	return s
}

func (r *Rules) accept(alg string) bool {
	return accepted(alg) && (r.Algorithms == nil || slices.Contains(r.Algorithms, alg))
}

// issuer is the one among those trusted that a token says it is of.
func (r *Rules) issuer(t *Token) (string, error) {
	for i := range r.Issuers {
		if r.Issuers[i].is(t.Issuer) {
			return r.Issuers[i].url, nil
		}
	}
	trusted := make([]string, len(r.Issuers))
	for i := range r.Issuers {
		trusted[i] = r.Issuers[i].url
	}
	return "", fmt.Errorf("%w: %q is none of %q", ErrIssuer, t.Issuer, trusted)
}

// check tells whether a genuine token is in force and fulfils the rules.
func (r *Rules) check(t *Token, now time.Time) error {
	switch {
	case r.Audience != nil && !r.isFor(t):
		return fmt.Errorf("%w: %q %q is none of %q", ErrAudience, t.Audience, t.ClientID, r.Audience)
	case !now.Before(t.Expires):
		return fmt.Errorf("%w: at %s", ErrExpired, t.Expires.UTC().Format(time.RFC3339))
	case now.Before(t.notBefore):
		return fmt.Errorf("%w: before %s", ErrNotYetValid, t.notBefore.UTC().Format(time.RFC3339))
	case now.Before(t.issued):
		return fmt.Errorf("%w: it was issued at %s, in the future", ErrNotYetValid, t.issued.UTC().Format(time.RFC3339))
	case r.Scopes != nil && !shared(r.Scopes, t.Scopes):
		return fmt.Errorf("%w: it has %q of %q", ErrScope, t.Scopes, r.Scopes)
	}
	return nil
}

func (r *Rules) isFor(t *Token) bool {
	if t.Audience == nil {
		return t.ClientID != "" && slices.Contains(r.Audience, t.ClientID)
	}
	return shared(r.Audience, t.Audience)
}

func shared(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
