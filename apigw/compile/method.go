package compile

import (
	"context"
	"errors"
	"fmt"

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
	add(apigw.StepAuthorizer, c.authorizer(place, m))
	add(apigw.StepAPIKey, c.apiKey(place, m))
	add(apigw.StepValidator, c.validator(place, m))
	if m.MethodIntegration == nil {
		c.impossible(place, errors.New("no integration defined for method"))
		return out
	}
	request, call, response := c.integration(place, m)
	add(apigw.StepIntegrationRequest, request)
	add(apigw.StepIntegration, call)
	add(apigw.StepIntegrationResponse, response)
	return out
}

// authorizer guards a method that is not open. No authorizer is emulated yet, so nobody passes:
// what claims to be guarded must not be open.
func (c *compiler) authorizer(place string, m types.Method) step {
	var err error
	kind := aws.ToString(m.AuthorizationType)
	switch {
	case kind != "NONE" && kind != "":
		err = fmt.Errorf("authorization type %s is not emulated yet: every request is rejected", kind)
	case aws.ToString(m.AuthorizerId) != "":
		err = errors.New("authorizers are not emulated yet: every request is rejected")
	case aws.ToString(c.def.API.Policy) != "":
		err = errors.New("resource policies are not emulated yet: every request is rejected")
	default:
		return nil
	}
	c.warn(place, "%v", err)
	return reject(&apigw.Rejection{Type: apigw.AuthorizerConfigurationError, Err: err})
}

// apiKey rejects every request to a method that requires a key: there are no keys.
func (c *compiler) apiKey(place string, m types.Method) step {
	if !aws.ToBool(m.ApiKeyRequired) {
		return nil
	}
	err := errors.New("the method requires an API key, and API keys are not emulated yet: every request is rejected")
	c.warn(place, "%v", err)
	return reject(&apigw.Rejection{Type: apigw.InvalidAPIKey, Err: err})
}

// reject is a step that always ends with the same Rejection.
func reject(r *apigw.Rejection) step {
	return func(context.Context, *apigw.Exchange) error { return r }
}

// broken is the step of what cannot work: each call is answered 500, as on AWS.
func (c *compiler) broken(place, format string, args ...any) step {
	err := fmt.Errorf(format, args...)
	c.warn(place, "%v", err)
	return reject(apigw.Misconfigured("%w", err))
}
