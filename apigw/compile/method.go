package compile

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/route"
)

type step = func(context.Context, *apigw.Exchange) error

// method compiles a method's steps in API Gateway's order (facts: rest-dataplane §1).
func (c *compiler) method(place string, res types.Resource, verb string, m types.Method) *apigw.Method {
	out := &apigw.Method{
		ResourceID: aws.ToString(res.Id), ResourcePath: *res.Path, Verb: verb,
		OperationName: aws.ToString(m.OperationName),
		PathParams:    route.ParamNames(*res.Path),
	}
	add := func(name string, run step) {
		if run != nil {
			out.Steps = append(out.Steps, apigw.Step{Name: name, Run: run})
		}
	}
	out.Logging = c.logging(res, verb)
	if !c.def.Test {
		add(apigw.StepAuthorizer, c.authorizer(place, m))
		add(apigw.StepAPIKey, c.apiKey(res, verb, m))
		add(apigw.StepThrottle, c.throttle(res, verb, m))
	}
	add(apigw.StepMethodRequest, methodRequest(out))
	add(apigw.StepValidator, c.validator(place, m))
	if m.MethodIntegration == nil {
		c.impossible(place, errors.New("no integration defined for method"))
		return out
	}
	request, call, response := c.integration(place, m)
	var lookup, store step
	if !c.def.Test {
		lookup, store = c.cache(place, res, verb, m)
	}
	add(apigw.StepCache, lookup)
	add(apigw.StepIntegrationRequest, request)
	add(apigw.StepIntegration, call)
	add(apigw.StepIntegrationResponse, response)
	add(apigw.StepCacheStore, store)
	return out
}

// reject is a step that always ends with the same Rejection.
func reject(r *apigw.Rejection) step {
	return func(context.Context, *apigw.Exchange) error { return r }
}
