package jwt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"postern/apigw"
)

// maxToken bounds a token: API Gateway takes 10240 bytes of headers in all.
const maxToken = 16 << 10

// A Token is what a token says. It is shared and never changed.
type Token struct {
	Issuer   string
	Subject  string
	Audience []string // aud
	ClientID string   // client_id, of access tokens
	Use      string   // Cognito's token_use: "id" or "access"
	Scopes   []string // scope, or scp
	Expires  time.Time
	Claims   []Claim // all, in the token's order

	algorithm         string // that it is signed with
	notBefore, issued time.Time
	// As the authorizers of REST and of HTTP APIs show it, and of HTTP APIs for routes with scopes.
	rest, http, scoped *apigw.Authorization
}

// A Claim is one member of a token's payload.
type Claim struct {
	Name  string
	Value json.RawMessage
}

// A header is what a token says about its signature.
type header struct {
	Algorithm string   `json:"alg"`
	KeyID     string   `json:"kid"`
	Critical  []string `json:"crit"`
}

// parse reads a token without believing it.
func parse(raw string) (header, *Token, error) {
	var h header
	if len(raw) > maxToken {
		return h, nil, fmt.Errorf("%w: it has %d bytes, more than %d", ErrMalformed, len(raw), maxToken)
	}
	if n := strings.Count(raw, ".") + 1; n != 3 {
		return h, nil, fmt.Errorf("%w: %w: %d", ErrMalformed, ErrSegments, n)
	}
	head, rest, _ := strings.Cut(raw, ".")
	payload, _, _ := strings.Cut(rest, ".")
	if err := decodeSegment(head, &h); err != nil {
		return h, nil, fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(payload)
	if err != nil {
		return h, nil, fmt.Errorf("%w: payload: %w", ErrMalformed, err)
	}
	claims, err := readClaims(text)
	if err != nil {
		return h, nil, fmt.Errorf("%w: payload: %w", ErrMalformed, err)
	}
	t, err := newToken(claims)
	if err != nil {
		return h, nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return h, t, nil
}

func decodeSegment(s string, into any) error {
	text, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// readClaims keeps the order of the members and refuses two of one name, which readers
// would take for different things.
func readClaims(text []byte) (claims []Claim, err error) {
	if !json.Valid(text) {
		return nil, errors.New("not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if open, _ := d.Token(); open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		c := Claim{Name: name.(string)} // the decoder takes nothing else here
		if err := d.Decode(&c.Value); err != nil {
			return nil, err
		}
		if seen[c.Name] {
			return nil, fmt.Errorf("claim %q is there twice", c.Name)
		}
		seen[c.Name] = true
		claims = append(claims, c)
	}
	return claims, nil
}

// newToken reads the claims that are checked.
func newToken(claims []Claim) (*Token, error) {
	t := &Token{Claims: claims}
	var scope, scp texts
	for _, read := range []struct {
		name string
		into any
	}{
		{"iss", &t.Issuer}, {"sub", &t.Subject}, {"aud", (*texts)(&t.Audience)}, {"client_id", &t.ClientID}, {"token_use", &t.Use},
		{"exp", (*date)(&t.Expires)}, {"nbf", (*date)(&t.notBefore)}, {"iat", (*date)(&t.issued)}, {"scope", &scope}, {"scp", &scp},
	} {
		value, ok := t.Get(read.name)
		if !ok {
			continue
		}
		if err := json.Unmarshal(value, read.into); err != nil {
			return nil, fmt.Errorf("claim %s: %w", read.name, err)
		}
	}
	if t.Expires.IsZero() {
		return nil, errors.New("claim exp is missing")
	}
	for _, s := range slices.Concat(scope, scp) {
		t.Scopes = append(t.Scopes, strings.Fields(s)...)
	}
	return t, nil
}

// Get returns a claim.
func (t *Token) Get(name string) (json.RawMessage, bool) {
	for _, c := range t.Claims {
		if c.Name == name {
			return c.Value, true
		}
	}
	return nil, false
}

// texts is a claim that is one string or many.
type texts []string

func (t *texts) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		*t = make(texts, 1)
		return json.Unmarshal(text, &(*t)[0])
	}
	return json.Unmarshal(text, (*[]string)(t))
}

// A date is a claim in seconds since 1970, possibly with a fraction.
type date time.Time

// maxDate is the end of the year 9999.
const maxDate = 253402300799

func (d *date) UnmarshalJSON(text []byte) error {
	var seconds float64
	if err := json.Unmarshal(text, &seconds); err != nil {
		return err
	}
	if math.Abs(seconds) > maxDate {
		return fmt.Errorf("%s is no date", text)
	}
	whole, part := math.Modf(seconds)
	*d = date(time.Unix(int64(whole), int64(part*1e9)))
	return nil
}
