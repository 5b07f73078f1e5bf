package compile

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// subtype compiles the call of an AWS service.
func (c *httpCompiler) subtype(place string, i types.Integration) step {
	return c.broken(place, "integration subtype %q", aws.ToString(i.IntegrationSubtype))
}
