package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
)

// A Snapshot is everything that serving one stage needs: the definition as its deployment froze it and
// the stage's own settings.
type Snapshot struct {
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

var (
	// ErrNoAPI means that no account and region has an API of the id.
	ErrNoAPI = apigateway.ErrNoAPI
	// ErrNoStage means that the API has no stage of the name, or one without a deployment.
	ErrNoStage = apigateway.ErrNoStage
)

// A Publisher serves what is deployed. It is told of every change after the transaction that made it
// has been committed.
type Publisher interface {
	// PublishV2 replaces what the stage serves. A Snapshot that cannot be served is reported by the
	// Publisher and leaves the former one serving.
	PublishV2(ctx context.Context, s Snapshot) error
	// Unpublish ends a stage; stageName "" ends all stages of the API.
	Unpublish(ctx context.Context, apiID, stageName string)
	// FlushAuthorizers makes a stage forget what its authorizers have said.
	FlushAuthorizers(apiID, stageName string)
}
