package apigatewayv2

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/store"
)

// Timeouts of integrations in milliseconds; the longest are the defaults too.
const (
	minTimeout       = 50
	httpTimeout      = 30000
	websocketTimeout = 29000
)

func longestTimeout(a types.Api) int32 {
	if isWebSocket(a) {
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
	if isFunction(*i) && i.IntegrationMethod == nil {
		i.IntegrationMethod = aws.String("POST")
	}
	if isWebSocket(a) {
		fillWebSocketIntegration(i)
		return
	}
	i.PassthroughBehavior = "" // taken and not shown: Terraform sends its default to HTTP APIs too
	if i.PayloadFormatVersion == nil && !isFunction(*i) {
		i.PayloadFormatVersion = aws.String("1.0")
	}
}

func fillWebSocketIntegration(i *types.Integration) {
	if i.PassthroughBehavior == "" {
		i.PassthroughBehavior = types.PassthroughBehaviorWhenNoMatch
	}
	if i.PayloadFormatVersion == nil {
		i.PayloadFormatVersion = aws.String("1.0")
	}
	i.IntegrationResponseSelectionExpression = aws.String(responseSelection(*i))
}

// isFunction tells integrations that call a Lambda function.
func isFunction(i types.Integration) bool {
	switch i.IntegrationType {
	case types.IntegrationTypeAwsProxy:
		return i.IntegrationSubtype == nil
	case types.IntegrationTypeAws:
		return strings.Contains(aws.ToString(i.IntegrationUri), ":lambda:path/")
	}
	return false
}

// responseSelection is what picks the response of a WebSocket API's integration: what a function has
// failed with, else the status (Terraform's acceptance tests have both).
func responseSelection(i types.Integration) string {
	if i.IntegrationType == types.IntegrationTypeAws && isFunction(i) {
		return "${integration.response.body.errorMessage}"
	}
	return "${integration.response.statuscode}"
}

// checkIntegration refuses an integration that could never be called. (Texts: cdk-preflight's rules, which
// were measured, unless said otherwise; those about URIs are REST APIs'.)
func checkIntegration(tx *store.Tx, a types.Api, i types.Integration) error {
	protocol := checkHTTPIntegration
	if isWebSocket(a) {
		protocol = checkWebSocketIntegration
	}
	if err := cmp.Or(checkLength("description", i.Description, maxDescription), protocol(i)); err != nil {
		return err
	}
	return cmp.Or(checkConnection(tx, a, i), checkCredentials(tx.Scope(), i), checkTimeout(a, i))
}

// checkHTTPIntegration: the text about the type was seen (aws-cli issue 6363).
func checkHTTPIntegration(i types.Integration) error {
	version := aws.ToString(i.PayloadFormatVersion)
	switch {
	case i.IntegrationType != types.IntegrationTypeAwsProxy && i.IntegrationType != types.IntegrationTypeHttpProxy:
		return badRequest("Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)")
	case i.ContentHandlingStrategy != "" || i.RequestTemplates != nil || i.TemplateSelectionExpression != nil:
		return badRequest("ContentHandlingStrategy, RequestTemplates and TemplateSelectionExpression are not supported for HTTP APIs")
	case i.IntegrationSubtype != nil:
		return checkSubtype(i)
	case version == "":
		return badRequest("PayloadFormatVersion is a required parameter for integration when ProtocolType is HTTP")
	case version != "1.0" && version != "2.0":
		return badRequest("Unsupported PayloadFormatVersion: %s", version)
	case isFunction(i):
		return cmp.Or(checkFunction(aws.ToString(i.IntegrationUri)), checkActions(i))
	case version != "1.0":
		return badRequest("PayloadFormatVersion %s is not supported for integration of type HTTP_PROXY", version)
	}
	return cmp.Or(checkBackend(i), checkActions(i))
}

// checkFunction takes a function's ARN, or that of its invocation as REST APIs write it.
func checkFunction(uri string) error {
	if strings.Contains(uri, ":apigateway:") {
		return apigateway.CheckServiceARN(v1.IntegrationTypeAwsProxy, uri)
	}
	return apigateway.CheckFunction(uri)
}

// checkBackend: AWS's text about the method's name is REST APIs'.
func checkBackend(i types.Integration) error {
	verb := aws.ToString(i.IntegrationMethod)
	switch {
	case verb == "":
		return badRequest("HttpMethod parameter method must be specified for integrationType %s", strings.ReplaceAll(string(i.IntegrationType), "_", ""))
	case !slices.Contains(verbs, verb):
		return badRequest("Invalid HttpMethod specified. Valid options are %s", strings.Join(verbs, ","))
	case i.ConnectionType == types.ConnectionTypeVpcLink:
		return nil
	}
	return apigateway.CheckHTTPEndpoint(aws.ToString(i.IntegrationUri))
}

// checkWebSocketIntegration: but for the payload format AWS's texts are not known.
func checkWebSocketIntegration(i types.Integration) error {
	switch {
	case aws.ToString(i.PayloadFormatVersion) != "1.0":
		return badRequest("Unsupported PayloadFormatVersion: %s", *i.PayloadFormatVersion)
	case i.IntegrationSubtype != nil:
		return badRequest("IntegrationSubtype is not supported for WEBSOCKET protocolType")
	case i.ResponseParameters != nil:
		return badRequest("ResponseParameters of integrations are not supported for WEBSOCKET protocolType")
	case i.TlsConfig != nil:
		return badRequest("TlsConfig is not supported for WEBSOCKET protocolType")
	}
	if err := cmp.Or(checkTemplates(i.RequestTemplates), checkRequestMapping(i.RequestParameters)); err != nil {
		return err
	}
	switch i.IntegrationType {
	case types.IntegrationTypeAws, types.IntegrationTypeAwsProxy:
		return apigateway.CheckServiceARN(v1.IntegrationType(i.IntegrationType), aws.ToString(i.IntegrationUri))
	case types.IntegrationTypeHttp, types.IntegrationTypeHttpProxy:
		return checkBackend(i)
	}
	return nil
}

// checkTemplates checks how long templates are; their keys are what selection expressions come to.
func checkTemplates(templates map[string]string) error {
	for key, text := range templates {
		if err := checkLength("template "+key, &text, maxTemplate); err != nil {
			return err
		}
	}
	return nil
}

func checkTimeout(a types.Api, i types.Integration) error {
	if n := *i.TimeoutInMillis; n < minTimeout || n > longestTimeout(a) {
		return badRequest("Timeout should be between %d ms and %d ms", minTimeout, longestTimeout(a))
	}
	return nil
}

const passCaller = "arn:aws:iam::*:user/*" // "call with the caller's credentials"

func checkCredentials(sc store.Scope, i types.Integration) error {
	role := aws.ToString(i.CredentialsArn)
	if role == "" || role == passCaller || strings.Contains(role, "${stageVariables.") {
		return nil
	}
	return apigateway.CheckRole(sc, role)
}
