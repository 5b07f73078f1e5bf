package compile

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/auth"
	"postern/apigw/integration"
)

// defaultAuthorizerTTL is AWS's for authorizerResultTtlInSeconds of REST APIs, in seconds.
const defaultAuthorizerTTL = 300

// custom is a Lambda authorizer: it asks a function who calls and what they may.
func (c *compiler) custom(m types.Method) (ask, error) {
	a, err := c.authorizerOf(m)
	if err != nil {
		return nil, err
	}
	l, err := c.shared(*a.Id, func() (*auth.Lambda, error) { return c.newLambda(a) })
	if err != nil {
		return nil, err
	}
	return l.Authorize, nil
}

// shared makes an authorizer, one for all methods or routes of the stage: they share what it remembers.
func (b *builder) shared(id string, make func() (*auth.Lambda, error)) (*auth.Lambda, error) {
	if l := b.lambdas[id]; l != nil {
		return l, nil
	}
	l, err := make()
	if err != nil {
		return nil, fmt.Errorf("authorizer %s: %w", id, err)
	}
	if b.lambdas == nil {
		b.lambdas = map[string]*auth.Lambda{}
	}
	b.lambdas[id] = l
	return l, nil
}

func (c *compiler) newLambda(a types.Authorizer) (*auth.Lambda, error) {
	if a.Type == types.AuthorizerTypeCognitoUserPools {
		return nil, fmt.Errorf("of type %s it has no function", a.Type)
	}
	l, err := c.authorizerFunction(*a.Id, aws.ToString(a.AuthorizerUri), aws.ToString(a.AuthorizerCredentials))
	if err != nil {
		return nil, err
	}
	if l.Sources, err = auth.ParseSources(aws.ToString(a.IdentitySource)); err != nil {
		return nil, err
	}
	remember(l, aws.ToInt32(cmp.Or(a.AuthorizerResultTtlInSeconds, aws.Int32(defaultAuthorizerTTL))))
	if a.Type == types.AuthorizerTypeRequest {
		l.Format = auth.RequestFormat()
		return l, nil
	}
	l.Format = auth.TokenFormat()
	if len(l.Sources) != 1 {
		return nil, errors.New("the identity source of a token has to be one header")
	}
	if expression := aws.ToString(a.IdentityValidationExpression); expression != "" {
		if l.Pattern, err = integration.CompilePattern(expression); err != nil {
			return nil, fmt.Errorf("identityValidationExpression: %w", err)
		}
	}
	return l, nil
}

// authorizerFunction is an authorizer that asks the function of a URI.
func (b *builder) authorizerFunction(id, uri, role string) (*auth.Lambda, error) {
	function, err := b.function(uri)
	if err != nil {
		return nil, err
	}
	if b.deps.Invoker == nil {
		return nil, errors.New("there is nothing to run functions")
	}
	return &auth.Lambda{
		ID: id, Invoker: b.deps.Invoker, Now: b.deps.Now,
		Function: integration.ParseText(function), Role: integration.ParseText(role),
	}, nil
}

// remember sets how long results count. Without identity sources nothing tells one caller from another.
func remember(l *auth.Lambda, seconds int32) {
	if len(l.Sources) > 0 {
		l.TTL = time.Duration(seconds) * time.Second
	}
}
