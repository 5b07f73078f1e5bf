package auth

import (
	"context"
	"errors"
	"fmt"

	"postern/apigw"
	"postern/apigw/integration"
	"postern/apigw/jwt"
	"postern/apigw/policy"
)

// A UserPools is an authorizer of type COGNITO_USER_POOLS, with what one method asks of its
// tokens.
type UserPools struct {
	ID       string
	Source   apigw.Value          // where the token is
	Audience *integration.Pattern // identityValidationExpression, that aud has to match; nil for any
	Tokens   *jwt.Verifier
	Rules    jwt.Rules // whose Scopes are the method's authorizationScopes
}

// Ask checks the caller's token and puts its claims into x.Authorization. A token that is
// missing or no good is a 401, keys that cannot be had are a 500. Pools deny nothing else: what
// passes is allowed.
func (u *UserPools) Ask(ctx context.Context, x *apigw.Exchange) (policy.Decision, error) {
	if x.Log != nil {
		x.Log.Printf("Starting authorizer: %s for request: %s", u.ID, x.Request.ID)
	}
	t, err := u.verify(ctx, x)
	if err != nil {
		return policy.Silent, u.refuse(x, err)
	}
	x.Authorization = t.Authorization()
	if x.Log != nil {
		x.Log.Printf("Successfully completed authorizer execution")
	}
	return policy.Allow, nil
}

func (u *UserPools) verify(ctx context.Context, x *apigw.Exchange) (*jwt.Token, error) {
	raw := bearer(u.Source(x))
	if raw == "" {
		return nil, errors.New("the token is missing")
	}
	if x.Log != nil {
		x.Log.Printf("Incoming identity: %s", apigw.Mask(raw))
	}
	t, err := u.Tokens.Verify(ctx, raw, &u.Rules)
	if err != nil {
		return nil, err
	}
	return t, u.check(t)
}

func (u *UserPools) refuse(x *apigw.Exchange, why error) *apigw.Rejection {
	if errors.Is(why, jwt.ErrKeysUnavailable) {
		return misconfigured(x, why)
	}
	r := unauthorized(x, why)
	if errors.Is(why, jwt.ErrExpired) {
		r.Message = "The incoming token has expired"
	}
	return r
}

// check tells ID tokens, which methods without scopes take, from access tokens, which those
// with scopes take. An access token has no aud, and so matches no Audience (AWS re:Post,
// "Unable to authorize requests to API gateway using Cognito access token").
func (u *UserPools) check(t *jwt.Token) error {
	want := "id"
	if u.Rules.Scopes != nil {
		want = "access"
	}
	if t.Use != want {
		return fmt.Errorf("the token's token_use is %q, and the method, by its authorizationScopes %q, takes %q", t.Use, u.Rules.Scopes, want)
	}
	if u.Audience == nil {
		return nil
	}
	for _, aud := range t.Audience {
		if ok, err := u.Audience.Match(aud); ok || err != nil {
			return err
		}
	}
	return fmt.Errorf("the token's aud %q does not match identityValidationExpression", t.Audience)
}
