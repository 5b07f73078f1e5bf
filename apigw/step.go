package apigw

import (
	"context"
	"errors"
)

// A Step is one thing API Gateway does to a request, in the order API Gateway does it.
type Step struct {
	Name string // one of the Step… names
	// Run returns a *Rejection to end the Exchange with a gateway response, or
	// ErrAnswered to end it with x.Response as it is. Any other error is a 500.
	Run func(context.Context, *Exchange) error
}

// ErrAnswered ends an Exchange whose answer is complete before its last step: it came
// from a cache.
var ErrAnswered = errors.New("answered")

// The names of the steps, after the parts of an execution log.
const (
	StepAuthorizer          = "authorizer"
	StepAPIKey              = "usage plan"
	StepThrottle            = "throttle"
	StepMethodRequest       = "method request"
	StepValidator           = "request validator"
	StepCache               = "cache"
	StepIntegrationRequest  = "integration request"
	StepIntegration         = "integration"
	StepIntegrationResponse = "integration response"
	StepCacheStore          = "cache store"
)
