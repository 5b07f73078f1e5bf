package compile

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
)

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
