package compile

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw/firstclass"
	"postern/apigw/httpapi"
	"postern/apigw/integration"
)

// subtype compiles the call of an AWS service.
func (c *httpCompiler) subtype(place string, i types.Integration) step {
	call, err := c.firstClass(place, i)
	if err != nil {
		return c.broken(place, "%w", err)
	}
	return call.Run
}

func (c *httpCompiler) firstClass(place string, i types.Integration) (*firstclass.Call, error) {
	s := firstclass.Find(aws.ToString(i.IntegrationSubtype))
	if s == nil {
		return nil, fmt.Errorf("there is no integration subtype %q", aws.ToString(i.IntegrationSubtype))
	}
	if c.deps.Services == nil {
		return nil, errors.New("there is nothing to call AWS services with")
	}
	if _, err := c.deps.Services.URL(s.Service()); err != nil {
		c.warn(place, "%v", err)
	}
	call := &firstclass.Call{
		Subtype: s, Region: c.region,
		Service: integration.Service{
			Client: c.deps.Services, Transport: c.deps.Transport, APIID: c.apiID,
			Role: integration.ParseText(aws.ToString(i.CredentialsArn)), AsCaller: isCaller(i.CredentialsArn), Timeout: httpTimeout(i),
		},
	}
	if err := s.Check(i.RequestParameters); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(i.RequestParameters)) {
		value, err := httpapi.ParseRequest(i.RequestParameters[name])
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		call.Parameters = append(call.Parameters, firstclass.Parameter{Name: name, Value: value})
	}
	return call, nil
}
