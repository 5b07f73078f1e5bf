package compile

import (
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// A REST is the frozen definition of one REST API deployment together with the
// stage that serves it: everything that REST compiles.
type REST struct {
	AccountID, Region string
	API               types.RestApi
	// Resources carry their methods in ResourceMethods, each with its
	// MethodIntegration and MethodResponses filled.
	Resources         []types.Resource
	Models            []types.Model
	RequestValidators []types.RequestValidator
	Authorizers       []types.Authorizer
	GatewayResponses  []types.GatewayResponse // only those that were put
	Stage             types.Stage
	VPCLinks          []types.VpcLink   // of the account and region
	VPCLinksV2        []v2types.VpcLink // those that apigatewayv2 made
	ClientCertificate Certificate       // of the stage
	Canary            bool              // of the stage: its deployment and variables are the canary's

	// Test says that nobody but TestInvokeMethod calls the stage: who calls and how often is
	// not looked at, nothing is taken from a cache, and all is logged.
	Test bool
}

// A Certificate is one with its private key, both in PEM; empty for none.
type Certificate struct{ PEM, Key string }
