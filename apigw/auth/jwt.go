package auth

import (
	"context"
	"errors"
	"strings"

	"postern/apigw"
	"postern/apigw/jwt"
	"postern/apigw/policy"
)

// A JWT is an authorizer of type JWT, with what one route asks of its tokens.
type JWT struct {
	Source apigw.Value // where the token is
	Tokens *jwt.Verifier
	Rules  jwt.Rules // whose Scopes are the route's authorizationScopes
}

// Ask checks the caller's token and puts its claims into x.Authorization. A token that is missing or no
// good is a 401, as are keys that cannot be had (recorded), one without a scope of the route a 403. What passes is
// allowed. A client is told why in www-authenticate, an access log in $context.authorizer.error.
func (j *JWT) Ask(ctx context.Context, x *apigw.Exchange) (policy.Decision, error) {
	raw := bearer(j.Source(x))
	if raw == "" {
		x.Response.Header.Set(wwwAuthenticate, "Bearer")
		return policy.Silent, &apigw.Rejection{Type: apigw.Unauthorized, Err: errors.New("the token is missing")}
	}
	t, err := j.Tokens.Verify(ctx, raw, &j.Rules)
	if err != nil {
		return policy.Silent, j.refuse(x, err)
	}
	x.Authorization = t.HTTPAuthorization(j.Rules.Scopes != nil)
	return policy.Allow, nil
}

const wwwAuthenticate = "www-authenticate"

// refuse is the answer to a token that is no good.
func (j *JWT) refuse(x *apigw.Exchange, why error) *apigw.Rejection {
	code, kind := "invalid_token", apigw.Unauthorized
	if errors.Is(why, jwt.ErrScope) {
		code, kind = "insufficient_scope", apigw.AccessDenied
	}
	description := describe(why)
	x.Response.Header.Set(wwwAuthenticate,
		`Bearer scope="`+strings.Join(j.Rules.Scopes, " ")+`" error="`+code+`" error_description="`+description+`"`)
	x.Authorizer.Error = code + ": " + description
	return &apigw.Rejection{Type: kind, Err: why}
}

// describe is what a client is told of a token that is no good. Recorded are the texts about segments, the
// signing method, audiences, and what cannot be had of the issuer; the first two are those of the library
// github.com/dgrijalva/jwt-go. AWS's wording of the others is not known.
func describe(why error) string {
	for _, d := range []struct {
		is   error
		says string
	}{
		{jwt.ErrSegments, jwt.ErrSegments.Error()},
		{jwt.ErrAudience, "the token does not have a valid audience"},
		{jwt.ErrIssuer, "the token does not have a valid issuer"},
		{jwt.ErrExpired, "the token has expired"},
		{jwt.ErrNotYetValid, "the token is not valid yet"},
		{jwt.ErrScope, "the token does not have the required scope"},
		{jwt.ErrKey, "unable to find a signing key for the token"},
		{jwt.ErrSignature, "signature is invalid"},
		{jwt.ErrDiscovery, "OIDC discovery endpoint communication error"},
		{jwt.ErrKeysUnavailable, "JWKS communication error"},
	} {
		if errors.Is(why, d.is) {
			return d.says
		}
	}
	text := why.Error()
	for _, e := range []error{jwt.ErrAlgorithm, jwt.ErrMalformed} {
		text = strings.TrimPrefix(text, e.Error()+": ")
	}
	return quotable(text)
}

// quotable makes text fit between the quotes of a header: some of it may be the client's own.
func quotable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"' || r == '\\':
			return '\''
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, text)
}

// bearer is the token among the values of a source, the last one counting, with or without "Bearer ".
func bearer(values []string) string {
	if len(values) == 0 {
		return ""
	}
	raw := strings.TrimSpace(values[len(values)-1])
	if scheme, token, ok := strings.Cut(raw, " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return raw
}
