package compile

import "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

// function compiles the call of a Lambda function.
func (c *httpCompiler) function(place string, i types.Integration) step {
	return c.broken(place, "integrations of type %q", i.IntegrationType)
}

// proxy compiles the call of an HTTP backend.
func (c *httpCompiler) proxy(place string, i types.Integration) step {
	return c.broken(place, "integrations of type %q", i.IntegrationType)
}
