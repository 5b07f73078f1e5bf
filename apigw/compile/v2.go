package compile

import "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

// A V2 is the frozen definition of one deployment of an HTTP or WebSocket API together with the stage
// that serves it. Its members are those of apigatewayv2.Snapshot.
type V2 struct {
	AccountID, Region string
	API               types.Api
	Routes            []types.Route
	Integrations      []types.Integration
	Authorizers       []types.Authorizer
	Models            []types.Model
	// IntegrationResponses by integration id, RouteResponses by route id: of WebSocket APIs.
	IntegrationResponses map[string][]types.IntegrationResponse
	RouteResponses       map[string][]types.RouteResponse
	Stage                types.Stage
	Siblings             []string        // names of the API's other stages
	VPCLinks             []types.VpcLink // of the account and region
}
