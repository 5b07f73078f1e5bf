package issuer

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"postern/apigw/jwt"
)

// A Request asks for a token: of a user pool, or of another issuer.
type Request struct {
	UserPool  string         `json:"userPool,omitempty"` // id or ARN
	Issuer    string         `json:"issuer,omitempty"`   // URL
	ClientID  string         `json:"clientId,omitempty"`
	Subject   string         `json:"subject,omitempty"`  // "": made of the user's name
	Username  string         `json:"username,omitempty"` // "": "user"
	Groups    []string       `json:"groups,omitempty"`
	Scopes    []string       `json:"scopes,omitempty"`
	Use       string         `json:"use,omitempty"`       // "id" or "access"; "": access if there are scopes
	Claims    map[string]any `json:"claims,omitempty"`    // further ones, or in place of those that there would be; null takes one away
	Expires   *int64         `json:"expires,omitempty"`   // seconds from now, possibly in the past; nil: an hour
	Algorithm string         `json:"algorithm,omitempty"` // RS256 or ES256; "": RS256
}

// A Token is a signed token and what it says.
type Token struct {
	Token     string  `json:"token"`
	Issuer    string  `json:"issuer"`
	Algorithm string  `json:"algorithm"`
	Claims    members `json:"claims"`
}

// Defaults of a Request.
const (
	defaultClient   = "postern"
	defaultUsername = "user"
	defaultLife     = time.Hour // Cognito's
)

// Issue signs a token. An error is what is wrong with the request, or with the keys.
func (i *Issuer) Issue(r Request) (*Token, error) {
	if err := r.fill(); err != nil {
		return nil, err
	}
	claims, err := i.claims(r)
	if err != nil {
		return nil, err
	}
	payload, err := claims.MarshalJSON()
	if err != nil {
		return nil, err
	}
	raw, err := i.sign(r.Algorithm, payload)
	return &Token{Token: raw, Issuer: r.Issuer, Algorithm: r.Algorithm, Claims: claims}, err
}

// fill checks a request and completes it.
func (r *Request) fill() (err error) {
	switch {
	case r.UserPool != "" && r.Issuer != "":
		return errors.New("a token is of a user pool or of another issuer, not of both")
	case r.UserPool == "" && r.Issuer == "":
		return errors.New("a token needs a user pool or another issuer")
	case r.UserPool != "":
		if r.Issuer, err = jwt.UserPoolIssuer(r.UserPool); err != nil {
			return err
		}
	default:
		if u, err := url.Parse(r.Issuer); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("issuer %q is no http or https URL", r.Issuer)
		}
	}
	r.ClientID, r.Username = cmp.Or(r.ClientID, defaultClient), cmp.Or(r.Username, defaultUsername)
	r.Subject = cmp.Or(r.Subject, uuid.NewSHA1(uuid.NameSpaceURL, []byte(r.Issuer+"#"+r.Username)).String())
	if r.Expires == nil {
		r.Expires = new(int64(defaultLife / time.Second))
	}
	r.Algorithm = cmp.Or(r.Algorithm, "RS256")
	if r.Use == "" {
		r.Use = "id"
		if len(r.Scopes) > 0 {
			r.Use = "access"
		}
	}
	if !slices.Contains([]string{"id", "access"}, r.Use) {
		return fmt.Errorf("a token is for use as id or access, not %q", r.Use)
	}
	return nil
}

// claims are what the token says, in the order and with the names of Cognito's tokens.
func (i *Issuer) claims(r Request) (members, error) {
	ids, err := i.ids(3)
	if err != nil {
		return nil, err
	}
	now := i.o.Now().Unix()
	var m members
	m.add("sub", r.Subject)
	if jwt.IsUserPool(r.Issuer) {
		m.cognito(r, ids, now)
	} else {
		m.generic(r, now)
	}
	m.add("exp", now+*r.Expires)
	m.add("iat", min(now, now+*r.Expires))
	m.add("jti", ids[2])
	if r.Use == "access" && jwt.IsUserPool(r.Issuer) {
		m.add("username", r.Username)
	}
	m.merge(r.Claims)
	return m, nil
}

// cognito adds what tokens of user pools have (Cognito developer guide, "Understanding
// user pool JSON web tokens", read 2026-11).
func (m *members) cognito(r Request, ids []string, now int64) {
	if len(r.Groups) > 0 {
		m.add("cognito:groups", r.Groups)
	}
	m.add("iss", r.Issuer)
	if r.Use == "access" {
		m.add("version", 2)
		m.add("client_id", r.ClientID)
	} else {
		m.add("cognito:username", r.Username)
		m.add("aud", r.ClientID)
	}
	m.add("origin_jti", ids[0])
	m.add("event_id", ids[1])
	m.add("token_use", r.Use)
	if r.Use == "access" {
		m.add("scope", strings.Join(r.Scopes, " "))
	}
	m.add("auth_time", now)
}

// generic adds what tokens of other issuers have.
func (m *members) generic(r Request, now int64) {
	m.add("iss", r.Issuer)
	m.add("aud", r.ClientID)
	if r.Use == "access" {
		m.add("client_id", r.ClientID)
		m.add("scope", strings.Join(r.Scopes, " "))
	} else {
		m.add("preferred_username", r.Username)
		m.add("auth_time", now)
	}
	if len(r.Groups) > 0 {
		m.add("groups", r.Groups)
	}
}

func (i *Issuer) ids(n int) ([]string, error) {
	all := make([]string, n)
	for j := range all {
		id, err := uuid.NewRandomFromReader(i.o.Rand)
		if err != nil {
			return nil, err
		}
		all[j] = id.String()
	}
	return all, nil
}
