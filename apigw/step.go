package apigw

import "context"

// A Step is one thing API Gateway does to a request, in the order API Gateway does it.
type Step struct {
	Name string // one of the Step… names
	// Run returns a *Rejection to end the Exchange with a gateway response. Any other
	// error is a 500.
	Run func(context.Context, *Exchange) error
}

// The names of the steps, after the parts of an execution log.
const (
	StepAuthorizer          = "authorizer"
	StepAPIKey              = "usage plan"
	StepValidator           = "request validator"
	StepIntegrationRequest  = "integration request"
	StepIntegration         = "integration"
	StepIntegrationResponse = "integration response"
)
