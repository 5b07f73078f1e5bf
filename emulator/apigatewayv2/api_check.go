package apigatewayv2

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
)

// checkAPI refuses what CreateApi and UpdateApi do. (The texts about name, selection and CORS: cdk-preflight's
// rules, which were measured.)
func checkAPI(a types.Api) error {
	if aws.ToString(a.Name) == "" {
		return badRequest("Invalid API name specified")
	}
	return cmp.Or(
		checkLength("name", a.Name, maxName),
		checkLength("description", a.Description, maxDescription),
		checkLength("version", a.Version, maxVersion),
		checkSelection(a),
		checkKeySelection(a),
		checkSchemaValidation(a),
		checkCORS(a),
		apigateway.CheckTags(a.Tags),
	)
}

func checkSelection(a types.Api) error {
	expression := aws.ToString(a.RouteSelectionExpression)
	switch {
	case isWebSocket(a):
		if expression == "" {
			return badRequest("Invalid routeSelectionExpression")
		}
	case expression != httpSelection && expression != "${request.method} ${request.path}":
		return badRequest(`Route selection expression is currently limited to "${request.method} ${request.path}"`)
	}
	return nil
}

// keySelections are where API keys of WebSocket APIs come from. (WebSocket API guide, "API key selection
// expressions"; AWS's text about others is not known.)
var keySelections = []string{keySelection, "$context.authorizer.usageIdentifierKey"}

func checkKeySelection(a types.Api) error {
	if !slices.Contains(keySelections, *a.ApiKeySelectionExpression) {
		return badRequest("Invalid apiKeySelectionExpression")
	}
	return nil
}

func checkSchemaValidation(a types.Api) error {
	if a.DisableSchemaValidation != nil && !isWebSocket(a) {
		return badRequest("DisableSchemaValidation is only supported for WEBSOCKET protocolType")
	}
	return nil
}

func isWebSocket(a types.Api) bool { return a.ProtocolType == types.ProtocolTypeWebsocket }
