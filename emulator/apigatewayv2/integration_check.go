package apigatewayv2

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// Timeouts of integrations in milliseconds, which are the defaults too.
const (
	minTimeout       = 50
	httpTimeout      = 30000
	websocketTimeout = 29000
)

func longestTimeout(a types.Api) int32 {
	if a.ProtocolType == types.ProtocolTypeWebsocket {
		return websocketTimeout
	}
	return httpTimeout
}

// fillIntegration sets what AWS sets.
func fillIntegration(a types.Api, i *types.Integration) {
	if i.ConnectionType == "" {
		i.ConnectionType = types.ConnectionTypeInternet
	}
	if i.TimeoutInMillis == nil {
		i.TimeoutInMillis = aws.Int32(longestTimeout(a))
	}
	isFunction := i.IntegrationType == types.IntegrationTypeAwsProxy && i.IntegrationSubtype == nil
	if isFunction && i.IntegrationMethod == nil {
		i.IntegrationMethod = aws.String("POST")
	}
	if a.ProtocolType != types.ProtocolTypeWebsocket {
		return
	}
	if i.PassthroughBehavior == "" {
		i.PassthroughBehavior = types.PassthroughBehaviorWhenNoMatch
	}
	if i.PayloadFormatVersion == nil {
		i.PayloadFormatVersion = aws.String("1.0")
	}
	i.IntegrationResponseSelectionExpression = aws.String(responseSelection(*i))
}

// responseSelection is what picks the response of a WebSocket API's integration: what a function has
// failed with, else the status (Terraform's acceptance tests have both).
func responseSelection(i types.Integration) string {
	if i.IntegrationType == types.IntegrationTypeAws && strings.Contains(aws.ToString(i.IntegrationUri), ":lambda:path/") {
		return "${integration.response.body.errorMessage}"
	}
	return "${integration.response.statuscode}"
}

// checkIntegration refuses an integration that could never be called.
func checkIntegration(tx *store.Tx, a types.Api, i types.Integration) error {
	return cmp.Or(checkIntegrationType(a, i), checkTimeout(a, i))
}

func checkIntegrationType(a types.Api, i types.Integration) error {
	if a.ProtocolType != types.ProtocolTypeHttp {
		return nil
	}
	switch i.IntegrationType {
	case types.IntegrationTypeAwsProxy, types.IntegrationTypeHttpProxy:
	default:
		return badRequest("Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)")
	}
	if i.PayloadFormatVersion == nil {
		return badRequest("PayloadFormatVersion is a required parameter for integration when ProtocolType is HTTP")
	}
	if v := *i.PayloadFormatVersion; v != "1.0" && v != "2.0" {
		return badRequest("Unsupported PayloadFormatVersion: %s", v) // recorded, in an import
	}
	return nil
}

func checkTimeout(a types.Api, i types.Integration) error {
	if n := *i.TimeoutInMillis; n < minTimeout || n > longestTimeout(a) {
		return badRequest("Timeout should be between %d ms and %d ms", minTimeout, longestTimeout(a))
	}
	return nil
}
