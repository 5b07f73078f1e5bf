package apigatewayv2

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// checkAPI refuses what CreateApi and UpdateApi do.
func checkAPI(a types.Api) error {
	if aws.ToString(a.Name) == "" {
		return badRequest("API name cannot be an empty string")
	}
	return cmp.Or(checkSelection(a), checkCORS(a))
}

func checkSelection(a types.Api) error {
	expression := aws.ToString(a.RouteSelectionExpression)
	switch {
	case a.ProtocolType == types.ProtocolTypeWebsocket && expression == "":
		return badRequest("RouteSelectionExpression is a required parameter for WEBSOCKET protocol")
	case a.ProtocolType == types.ProtocolTypeHttp && expression != httpSelection && expression != "${request.method} ${request.path}":
		return badRequest("Invalid RouteSelectionExpression specified. For HTTP protocol it must be %s", httpSelection)
	}
	return nil
}
