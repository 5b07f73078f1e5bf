package compile

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
)

// An Authorizer asks an authorizer about a call. It fills x.Authorization and returns the policy of a Lambda
// authorizer as the function wrote it.
type Authorizer func(ctx context.Context, x *apigw.Exchange) (policy []byte, err error)

// BuildAuthorizer compiles the only authorizer of a definition for tests: it remembers nothing. One that cannot
// be compiled cannot be asked, as on the invoke path.
func BuildAuthorizer(def REST, d Deps) (Authorizer, error) {
	if len(def.Authorizers) != 1 {
		return nil, errors.New("a test is of one authorizer")
	}
	c := newCompiler(def, d)
	if def.Authorizers[0].Type == types.AuthorizerTypeCognitoUserPools {
		return c.testUserPools(def.Authorizers[0])
	}
	l, err := c.newLambda(def.Authorizers[0])
	if err != nil {
		return nil, err
	}
	l.TTL = 0
	return func(ctx context.Context, x *apigw.Exchange) ([]byte, error) {
		r, err := l.Ask(ctx, x)
		if err != nil {
			return nil, err
		}
		x.Authorization = r.Authorization
		return r.Document, nil
	}, nil
}

// testUserPools asks for what a method without scopes asks for.
func (c *compiler) testUserPools(a types.Authorizer) (Authorizer, error) {
	u, err := newUserPools(a, nil, c.deps.Tokens)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, x *apigw.Exchange) ([]byte, error) {
		_, err := u.Ask(ctx, x)
		return nil, err
	}, nil
}
