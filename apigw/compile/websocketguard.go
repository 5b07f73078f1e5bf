package compile

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/limit"
)

// authorizer compiles who may connect; nil for everybody. Lambda authorizers are those of REST APIs, of type
// REQUEST, and are asked each time.
func (c *socketCompiler) authorizer(place string, r types.Route) step {
	if r.AuthorizationType != types.AuthorizationTypeCustom {
		return c.httpCompiler.authorizer(place, r)
	}
	l, err := c.lambdaAuthorizer(r)
	if err != nil {
		return c.unguarded(place, err)
	}
	return (&auth.Guard{Joint: auth.EitherAllows, Ask: l.Authorize}).Run
}

func (c *socketCompiler) lambdaAuthorizer(r types.Route) (*auth.Lambda, error) {
	a, err := c.authorizerOf(r, types.AuthorizerTypeRequest)
	if err != nil {
		return nil, err
	}
	l, err := c.authorizerFunction(*a.AuthorizerId, aws.ToString(a.AuthorizerUri), aws.ToString(a.AuthorizerCredentialsArn))
	if err != nil {
		return nil, err
	}
	l.Format = auth.RequestFormat()
	l.Sources, err = auth.ParseSelections(a.IdentitySource)
	return l, err
}

// manage compiles what calls about connections have to pass: their signature, where there is somebody to
// verify it, and what the account has of requests, which they share.
func (c *socketCompiler) manage() *apigw.Method {
	m := &apigw.Method{RouteKey: "@connections/{connectionId}"} // which the server's log shows
	if c.deps.Managers != nil {
		m.Steps = append(m.Steps, apigw.Step{Name: apigw.StepAuthorizer, Run: auth.Manages(c.deps.Managers)})
	}
	t := &throttle{account: c.deps.Buckets.Account(c.accountID, c.region, c.deps.AccountRate), deps: c.deps}
	m.Steps = append(m.Steps, apigw.Step{Name: apigw.StepThrottle, Run: t.run})
	return m
}

// apiKey compiles the check of the API key that $connect may require; nil where it requires none and
// nothing is logged.
func (c *socketCompiler) apiKey(key string, r types.Route, l *apigw.Logging) step {
	u := &usagePlan{
		target: limit.NewTarget(c.apiID+"/"+c.stage, key), shown: key,
		byAuthorizer: aws.ToString(c.def.API.ApiKeySelectionExpression) == "$context.authorizer.usageIdentifierKey",
	}
	return c.plan(u, aws.ToBool(r.ApiKeyRequired), l != nil)
}
