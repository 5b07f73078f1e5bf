package compile

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw/auth"
	"postern/apigw/limit"
)

// authorizer compiles who may use a route; nil for everybody. What cannot be compiled lets nobody pass:
// what claims to be guarded must not be open. HTTP APIs have no resource policies.
func (c *httpCompiler) authorizer(place string, r types.Route) step {
	g := &auth.Guard{}
	var err error
	switch r.AuthorizationType {
	case types.AuthorizationTypeNone, "":
		return nil
	case types.AuthorizationTypeAwsIam:
		g.Joint = auth.SignerAllows
		g.Ask, err = c.signed()
	case types.AuthorizationTypeCustom:
		g.Joint = auth.EitherAllows
		g.Ask, err = c.custom(r)
	case types.AuthorizationTypeJwt:
		g.Joint = auth.PolicyAfterwards
		g.Ask, err = c.tokens(r)
	default:
		err = fmt.Errorf("unknown authorization type %q", r.AuthorizationType)
	}
	if err != nil {
		return c.unguarded(place, err)
	}
	return g.Run
}

// authorizerOf finds the authorizer that a route names, which has to be of a type.
func (c *httpCompiler) authorizerOf(r types.Route, want types.AuthorizerType) (types.Authorizer, error) {
	id := aws.ToString(r.AuthorizerId)
	i := slices.IndexFunc(c.def.Authorizers, func(a types.Authorizer) bool { return aws.ToString(a.AuthorizerId) == id })
	if i < 0 || id == "" {
		return types.Authorizer{}, fmt.Errorf("the API has no authorizer %q", id)
	}
	a := c.def.Authorizers[i]
	if a.AuthorizerType != want {
		return a, fmt.Errorf("authorizer %s is of type %q, the route asks for one of type %s", id, a.AuthorizerType, want)
	}
	return a, nil
}

// throttle compiles what bounds a route's requests: what the stage sets for it or for all routes, each of
// which has that for itself, then what the account has. (HTTP API guide, "Throttle requests to your HTTP APIs".)
func (c *httpCompiler) throttle(key string) step {
	t := &throttle{account: c.deps.Buckets.Account(c.accountID, c.region, c.deps.AccountRate), deps: c.deps}
	if rate, ok := c.rate(key); ok {
		t.method = c.methodBucket(key, rate)
	}
	return t.run
}

// rate is what the stage sets for a route: its own setting, what is missing there from the default one, what
// is missing there too from AWS's for an account; ok is false if neither has any.
func (c *httpCompiler) rate(key string) (r limit.Rate, ok bool) {
	own := c.def.Stage.RouteSettings[key]
	if r = c.deps.AccountRate; r.Unlimited() {
		r = limit.Account
	}
	for _, s := range []*types.RouteSettings{c.def.Stage.DefaultRouteSettings, &own} {
		if s == nil {
			continue
		}
		if s.ThrottlingRateLimit != nil {
			r.PerSecond, ok = *s.ThrottlingRateLimit, true
		}
		if s.ThrottlingBurstLimit != nil {
			r.Burst, ok = int(*s.ThrottlingBurstLimit), true
		}
	}
	return r, ok
}
