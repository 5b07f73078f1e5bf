package compile

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw/auth"
	"postern/apigw/httpapi"
	"postern/apigw/jwt"
)

// custom is a Lambda authorizer of an HTTP API.
func (c *httpCompiler) custom(r types.Route) (ask, error) {
	a, err := c.authorizerOf(r, types.AuthorizerTypeRequest)
	if err != nil {
		return nil, err
	}
	l, err := c.shared(*a.AuthorizerId, func() (*auth.Lambda, error) { return c.newLambda(a) })
	if err != nil {
		return nil, err
	}
	return l.Authorize, nil
}

func (c *httpCompiler) newLambda(a types.Authorizer) (*auth.Lambda, error) {
	l, err := c.authorizerFunction(*a.AuthorizerId, aws.ToString(a.AuthorizerUri), aws.ToString(a.AuthorizerCredentialsArn))
	if err != nil {
		return nil, err
	}
	if l.Sources, err = auth.ParseSelections(a.IdentitySource); err != nil {
		return nil, err
	}
	remember(l, aws.ToInt32(a.AuthorizerResultTtlInSeconds))
	l.Format, err = httpFormat(a)
	return l, err
}

// httpFormat is what passes between an HTTP API and its authorizer's function.
func httpFormat(a types.Authorizer) (auth.Format, error) {
	switch version, simple := aws.ToString(a.AuthorizerPayloadFormatVersion), aws.ToBool(a.EnableSimpleResponses); {
	case version == "2.0" && simple:
		return auth.HTTPFormat(httpapi.AuthorizerEvent2, auth.ReadSimple), nil
	case version == "2.0":
		return auth.HTTPFormat(httpapi.AuthorizerEvent2, auth.ReadHTTP2), nil
	case version == "1.0" && !simple:
		return auth.HTTPFormat(httpapi.AuthorizerEvent1, auth.ReadHTTP1), nil
	default:
		return auth.Format{}, fmt.Errorf("payload format version %q, with simple responses: %t", version, simple)
	}
}

// tokens is the authorizer of a route that wants tokens of an issuer.
func (c *httpCompiler) tokens(r types.Route) (ask, error) {
	a, err := c.authorizerOf(r, types.AuthorizerTypeJwt)
	if err != nil {
		return nil, err
	}
	j, err := c.newJWT(a, r.AuthorizationScopes)
	if err != nil {
		return nil, fmt.Errorf("authorizer %s: %w", *a.AuthorizerId, err)
	}
	return j.Ask, nil
}

// newJWT makes an authorizer for routes with these scopes. Without an audience no token passes.
func (c *httpCompiler) newJWT(a types.Authorizer, scopes []string) (*auth.JWT, error) {
	if c.deps.Tokens == nil {
		return nil, errors.New("there is nothing to verify tokens")
	}
	if a.JwtConfiguration == nil || aws.ToString(a.JwtConfiguration.Issuer) == "" {
		return nil, errors.New("it has no issuer")
	}
	source, err := auth.TokenSource(a.IdentitySource)
	if err != nil {
		return nil, err
	}
	j := &auth.JWT{Source: source, Tokens: c.deps.Tokens, Rules: jwt.Rules{
		Issuers:    []jwt.Issuer{c.deps.Tokens.Issuer(*a.JwtConfiguration.Issuer)},
		Audience:   append([]string{}, a.JwtConfiguration.Audience...),
		Algorithms: jwt.RSA,
	}}
	if len(scopes) > 0 {
		j.Rules.Scopes = scopes
	}
	return j, nil
}
