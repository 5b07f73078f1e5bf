package compile

import (
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw/httpapi"
	"postern/apigw/integration"
)

// lambda compiles the call of a Lambda function.
func (c *httpCompiler) lambda(place string, i types.Integration) step {
	function, err := c.functionOf(aws.ToString(i.IntegrationUri))
	if err != nil {
		return c.broken(place, "%w", err)
	}
	if c.deps.Invoker == nil {
		return c.broken(place, "%w", errors.New("there is nothing to run functions"))
	}
	l := &httpapi.Lambda{Lambda: integration.Lambda{
		Invoker: c.deps.Invoker, Function: integration.ParseText(function),
		Role: integration.ParseText(aws.ToString(i.CredentialsArn)), AsCaller: isCaller(i.CredentialsArn), Timeout: httpTimeout(i),
	}}
	if l.Mapping, err = httpapi.ParseRequestMapping(i.RequestParameters); err != nil {
		return c.broken(place, "request parameters: %w", err)
	}
	switch version := aws.ToString(i.PayloadFormatVersion); version {
	case "1.0":
		l.Version1 = true
	case "2.0":
	default:
		return c.broken(place, "payload format version %q", version)
	}
	return l.Run
}

// functionOf reads the URI of a function: its ARN, or that of its invocation as REST APIs write it.
func (c *httpCompiler) functionOf(uri string) (string, error) {
	if strings.HasPrefix(uri, "arn:aws:lambda:") || strings.HasPrefix(uri, "${") {
		return uri, nil
	}
	return c.function(uri)
}

// httpTimeout is an integration's timeout; AWS's is 30 seconds where it names none.
func httpTimeout(i types.Integration) time.Duration {
	if i.TimeoutInMillis == nil {
		return 30 * time.Second
	}
	return time.Duration(*i.TimeoutInMillis) * time.Millisecond
}

// proxy compiles the call of an HTTP backend.
func (c *httpCompiler) proxy(place string, i types.Integration) step {
	h := &httpapi.HTTP{
		HTTP: integration.HTTP{Transport: c.deps.Transport, Timeout: httpTimeout(i), APIID: c.apiID},
		Verb: aws.ToString(i.IntegrationMethod), URI: integration.ParseText(aws.ToString(i.IntegrationUri)),
	}
	var err error
	if h.Mapping, err = httpapi.ParseRequestMapping(i.RequestParameters); err != nil {
		return c.broken(place, "request parameters: %w", err)
	}
	if i.ConnectionType == types.ConnectionTypeVpcLink {
		return c.private(place, i, h)
	}
	return h.Run
}

// responseMapping compiles what changes an integration's answers; nil for none.
func (c *httpCompiler) responseMapping(place string, i types.Integration) step {
	m, err := httpapi.ParseResponseMapping(i.ResponseParameters)
	if err != nil {
		return c.broken(place, "response parameters: %w", err)
	}
	if len(m) == 0 {
		return nil
	}
	return m.Run
}
