package apigateway

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// A Snapshot is everything that serving one stage needs: the definition as its
// deployment froze it and the stage's own settings.
type Snapshot struct {
	AccountID, Region string
	API               types.RestApi
	Resources         []types.Resource // with ResourceMethods, each with integration and responses
	Models            []types.Model
	RequestValidators []types.RequestValidator
	Authorizers       []types.Authorizer
	GatewayResponses  []types.GatewayResponse // only those that were put
	Stage             types.Stage

	VPCLinks          []types.VpcLink    // of the account and region
	VPCLinksV2        []v2types.VpcLink  // those that apigatewayv2 made
	ClientCertificate PrivateCertificate // of the stage

	// Canary is what the stage's canary serves, nil for none. Its Stage is the stage with
	// the canary's deployment and variables.
	Canary *Snapshot
}

// A PrivateCertificate is a client certificate with its private key, both in PEM; empty for none.
type PrivateCertificate struct{ PEM, Key string }

var (
	// ErrNoAPI means that no account and region has an API of the id.
	ErrNoAPI = errors.New("no such API")
	// ErrNoStage means that the API has no stage of the name.
	ErrNoStage = errors.New("no such stage")
)

// A Publisher serves what is deployed. It is told of every change after the
// transaction that made it has been committed.
type Publisher interface {
	// Publish replaces what the stage serves. A Snapshot that cannot be served
	// is reported by the Publisher and leaves the former one serving.
	Publish(ctx context.Context, s Snapshot) error
	// Unpublish ends a stage; stageName "" ends all stages of the API.
	Unpublish(ctx context.Context, restAPIID, stageName string)
	// FlushAuthorizers makes a stage forget what its authorizers have said.
	FlushAuthorizers(restAPIID, stageName string)
	// FlushCache forgets the answers that a stage keeps.
	FlushCache(restAPIID, stageName string)
}
