package compile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/integration"
)

// defaultTimeout is AWS's for timeoutInMillis.
const defaultTimeout = 29 * time.Second

// integration compiles a method's integration into up to three steps: request mapping, the
// call, response mapping.
func (c *compiler) integration(place string, m types.Method) (request, call, response step) {
	i := *m.MethodIntegration
	switch i.Type {
	case types.IntegrationTypeMock:
		r, templates := c.request(place, i, integration.RequestValue)
		return r, integration.NewMock(templates).Call, c.response(place, m)
	case types.IntegrationTypeHttp:
		r, _ := c.request(place, i, integration.RequestValue)
		return r, c.http(i).Call, c.response(place, m)
	case types.IntegrationTypeHttpProxy:
		if i.ResponseTransferMode == types.ResponseTransferModeStream {
			return c.proxyRequest(place, i, integration.RequestValue), c.http(i).Stream, nil
		}
		return c.proxyRequest(place, i, integration.RequestValue), c.http(i).Proxy, integration.ProxyContent
	case types.IntegrationTypeAws:
		s, err := c.backend(place, i)
		if err != nil {
			return nil, c.broken(place, "%w", err), nil
		}
		r, _ := c.request(place, i, integration.RequestValue)
		return r, s.Call, c.response(place, m)
	case types.IntegrationTypeAwsProxy:
		s, err := c.backend(place, i)
		if err != nil {
			return nil, c.broken(place, "%w", err), nil
		}
		l, isLambda := s.(*integration.Lambda)
		switch {
		case !isLambda:
			return c.proxyRequest(place, i, integration.RequestValue), s.Proxy, integration.ProxyContent
		case i.ResponseTransferMode == types.ResponseTransferModeStream:
			l.Idle = c.idle()
			return nil, l.Stream, nil
		}
		return nil, l.Proxy, nil
	}
	c.impossible(place, fmt.Errorf("unknown integration type %q", i.Type))
	return nil, nil, nil
}

// A backend is what an integration with an AWS service calls.
type backend interface {
	Call(context.Context, *apigw.Exchange) error
	Proxy(context.Context, *apigw.Exchange) error
}

// backend is the function or other service that an integration's URI names.
func (b *builder) backend(place string, i types.Integration) (backend, error) {
	if isFunction(aws.ToString(i.Uri)) {
		return b.lambda(i)
	}
	return b.service(place, i)
}

func timeout(i types.Integration) time.Duration {
	if i.TimeoutInMillis == 0 {
		return defaultTimeout
	}
	return time.Duration(i.TimeoutInMillis) * time.Millisecond
}

func (c *compiler) http(i types.Integration) *integration.HTTP {
	return &integration.HTTP{
		Transport: c.deps.Transport, Timeout: timeout(i), APIID: c.apiID,
		Idle: c.idle(), AnyIssuer: i.TlsConfig != nil && i.TlsConfig.InsecureSkipVerification,
		Link: c.link(i), Certificate: c.certificate,
	}
}

// lambda is the call of a function.
func (b *builder) lambda(i types.Integration) (*integration.Lambda, error) {
	function, err := b.function(aws.ToString(i.Uri))
	if err != nil {
		return nil, err
	}
	if verb := aws.ToString(i.HttpMethod); verb != "POST" {
		return nil, fmt.Errorf("functions are called with POST, the integration's httpMethod is %q", verb)
	}
	if b.deps.Invoker == nil {
		return nil, errors.New("there is nothing to run functions")
	}
	return &integration.Lambda{
		Invoker: b.deps.Invoker, Function: integration.ParseText(function), Timeout: timeout(i),
		Role: integration.ParseText(aws.ToString(i.Credentials)), AsCaller: isCaller(i.Credentials),
	}, nil
}

// idle is how long a stream of the API may be silent.
func (c *compiler) idle() time.Duration {
	if e := c.def.API.EndpointConfiguration; e != nil && slices.Contains(e.Types, types.EndpointTypeEdge) {
		return integration.IdleEdge
	}
	return integration.IdleRegional
}
