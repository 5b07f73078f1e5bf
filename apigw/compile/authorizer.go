package compile

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/policy"
)

// ask is an auth.Guard's authorizer.
type ask = func(context.Context, *apigw.Exchange) (policy.Decision, error)

// authorizer compiles who may use a method; nil for everybody. What cannot be compiled lets
// nobody pass: what claims to be guarded must not be open.
func (c *compiler) authorizer(place string, m types.Method) step {
	if c.policyErr != nil {
		return c.unguarded(place, fmt.Errorf("the API's resource policy: %w", c.policyErr))
	}
	g := &auth.Guard{Policy: c.policy}
	var err error
	switch kind := aws.ToString(m.AuthorizationType); kind {
	case "NONE", "":
		if c.policy == nil {
			return nil
		}
	case "AWS_IAM":
		g.Joint = auth.SignerAllows
		g.Ask, err = c.signed()
	case "CUSTOM":
		g.Joint = auth.EitherAllows
		g.Ask, err = c.custom(m)
	case "COGNITO_USER_POOLS":
		g.Joint = auth.PolicyAfterwards
		g.Ask, err = c.cognito(m)
	default:
		err = fmt.Errorf("unknown authorization type %q", kind)
	}
	if err != nil {
		return c.unguarded(place, err)
	}
	return g.Run
}

// openPolicy reads the API's resource policy.
func (c *compiler) openPolicy() {
	text := aws.ToString(c.def.API.Policy)
	if text == "" {
		return
	}
	c.policy, c.policyErr = policy.ParseAPI([]byte(text), apigw.APIARN(c.def.Region, c.def.AccountID, c.apiID))
}

// unguarded is the step of a method or route whose guard cannot be had.
func (b *builder) unguarded(place string, err error) step {
	err = fmt.Errorf("%w: every request is rejected", err)
	b.warn(place, "%v", err)
	return reject(&apigw.Rejection{Type: apigw.AuthorizerConfigurationError, Err: err})
}

// authorizerOf finds the authorizer that a method names.
func (c *compiler) authorizerOf(m types.Method) (types.Authorizer, error) {
	id := aws.ToString(m.AuthorizerId)
	i := slices.IndexFunc(c.def.Authorizers, func(a types.Authorizer) bool { return aws.ToString(a.Id) == id })
	if i < 0 {
		return types.Authorizer{}, fmt.Errorf("the API has no authorizer %q", id)
	}
	return c.def.Authorizers[i], nil
}

// signed is the authorizer of AWS_IAM.
func (b *builder) signed() (ask, error) {
	if b.deps.Authenticator == nil {
		return nil, errors.New("there is nobody to verify signatures")
	}
	return auth.Signed(b.deps.Authenticator), nil
}
