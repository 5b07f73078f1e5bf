package compile

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/auth"
	"postern/apigw/integration"
	"postern/apigw/jwt"
)

// cognito is the authorizer of a method that wants tokens of user pools.
func (c *compiler) cognito(m types.Method) (ask, error) {
	a, err := c.authorizerOf(m)
	if err != nil {
		return nil, err
	}
	u, err := newUserPools(a, m.AuthorizationScopes, c.deps.Tokens)
	if err != nil {
		return nil, fmt.Errorf("authorizer %s: %w", *a.Id, err)
	}
	return u.Ask, nil
}

// newUserPools makes an authorizer for methods with these scopes.
func newUserPools(a types.Authorizer, scopes []string, tokens *jwt.Verifier) (_ *auth.UserPools, err error) {
	if a.Type != types.AuthorizerTypeCognitoUserPools {
		return nil, fmt.Errorf("of type %s it has no user pools", a.Type)
	}
	if tokens == nil {
		return nil, errors.New("there is nothing to verify tokens")
	}
	u := &auth.UserPools{ID: *a.Id, Tokens: tokens}
	for _, arn := range a.ProviderARNs {
		issuer, err := jwt.UserPoolIssuer(arn)
		if err != nil {
			return nil, fmt.Errorf("providerARNs: %w", err)
		}
		u.Rules.Issuers = append(u.Rules.Issuers, tokens.Issuer(issuer))
	}
	if len(scopes) > 0 {
		u.Rules.Scopes = scopes
	}
	source := cmp.Or(aws.ToString(a.IdentitySource), "method.request.header.Authorization")
	if u.Source, err = integration.RequestValue(source); err != nil {
		return nil, fmt.Errorf("identitySource: %w", err)
	}
	if expression := aws.ToString(a.IdentityValidationExpression); expression != "" {
		if u.Audience, err = integration.CompilePattern(expression); err != nil {
			return nil, fmt.Errorf("identityValidationExpression: %w", err)
		}
	}
	return u, nil
}
