package compile

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
)

// apiKey rejects every request to a method that requires a key: there are no keys.
func (c *compiler) apiKey(place string, m types.Method) step {
	if !aws.ToBool(m.ApiKeyRequired) {
		return nil
	}
	err := errors.New("the method requires an API key, and API keys are not emulated yet: every request is rejected")
	c.warn(place, "%v", err)
	return reject(&apigw.Rejection{Type: apigw.InvalidAPIKey, Err: err})
}
