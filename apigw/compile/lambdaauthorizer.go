package compile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/integration"
	"postern/apigw/policy"
)

// defaultAuthorizerTTL is AWS's for authorizerResultTtlInSeconds, in seconds.
const defaultAuthorizerTTL = 300

// custom is a Lambda authorizer: it asks a function who calls and what they may. What the function says
// of them is there for gateway responses too.
func (c *compiler) custom(m types.Method) (ask, error) {
	l, err := c.lambdaOf(m)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, x *apigw.Exchange) (policy.Decision, error) {
		r, err := l.Ask(ctx, x)
		if err != nil {
			return policy.Silent, err
		}
		x.Authorization = r.Authorization
		return r.Policy.Evaluate(auth.RequestOf(x, auth.Invoke)), nil
	}, nil
}

// lambdaOf makes an authorizer, one for all methods of the stage: they share what it remembers.
func (c *compiler) lambdaOf(m types.Method) (*auth.Lambda, error) {
	a, err := c.authorizerOf(m)
	if err != nil {
		return nil, err
	}
	if l := c.lambdas[*a.Id]; l != nil {
		return l, nil
	}
	l, err := c.newLambda(a)
	if err != nil {
		return nil, fmt.Errorf("authorizer %s: %w", *a.Id, err)
	}
	if c.lambdas == nil {
		c.lambdas = map[string]*auth.Lambda{}
	}
	c.lambdas[*a.Id] = l
	return l, nil
}

func (c *compiler) newLambda(a types.Authorizer) (*auth.Lambda, error) {
	l := &auth.Lambda{
		ID: *a.Id, Request: a.Type == types.AuthorizerTypeRequest, Invoker: c.deps.Invoker, Now: c.deps.Now,
		TTL: time.Duration(aws.ToInt32(cmp.Or(a.AuthorizerResultTtlInSeconds, aws.Int32(defaultAuthorizerTTL)))) * time.Second,
	}
	if a.Type == types.AuthorizerTypeCognitoUserPools {
		return nil, fmt.Errorf("of type %s it has no function", a.Type)
	}
	function, err := c.function(aws.ToString(a.AuthorizerUri))
	if err != nil {
		return nil, err
	}
	if c.deps.Invoker == nil {
		return nil, errors.New("there is nothing to run functions")
	}
	l.Function, l.Role = integration.ParseText(function), integration.ParseText(aws.ToString(a.AuthorizerCredentials))
	if l.Sources, err = auth.ParseSources(aws.ToString(a.IdentitySource)); err != nil {
		return nil, err
	}
	if !l.Request && len(l.Sources) != 1 {
		return nil, errors.New("the identity source of a token has to be one header")
	}
	if expression := aws.ToString(a.IdentityValidationExpression); expression != "" && !l.Request {
		if l.Pattern, err = integration.CompilePattern(expression); err != nil {
			return nil, fmt.Errorf("identityValidationExpression: %w", err)
		}
	}
	if len(l.Sources) == 0 {
		l.TTL = 0 // nothing tells one caller from another
	}
	return l, nil
}
