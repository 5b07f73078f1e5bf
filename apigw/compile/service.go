package compile

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/integration"
)

// isFunction tells the URIs that invoke a function from those that call a service.
func isFunction(uri string) bool {
	s, err := integration.ServiceOf(uri)
	if err != nil || s.Name != "lambda" {
		return err != nil // lambda's errors say what is wrong
	}
	return strings.Contains(uri, ":action/Invoke") || strings.HasSuffix(uri, "invocations")
}

// isCaller tells integrations that pass on the caller's credentials.
func isCaller(credentials *string) bool {
	return strings.HasPrefix(aws.ToString(credentials), "arn:aws:iam::*:user/")
}

// service is the call of an AWS service that is not the invocation of a function.
func (b *builder) service(place string, i types.Integration) (*integration.Service, error) {
	if b.deps.Services == nil {
		return nil, errors.New("there is nothing to call AWS services with")
	}
	if called, err := integration.ServiceOf(aws.ToString(i.Uri)); err == nil {
		if _, err := b.deps.Services.URL(called); err != nil && !strings.Contains(called.Name, "$") {
			b.warn(place, "%v", err)
		}
	}
	return &integration.Service{
		Client: b.deps.Services, Transport: b.deps.Transport, Timeout: timeout(i), APIID: b.apiID,
		Role: integration.ParseText(aws.ToString(i.Credentials)), AsCaller: isCaller(i.Credentials),
	}, nil
}
