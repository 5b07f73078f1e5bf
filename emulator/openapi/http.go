package openapi

import "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

// An HTTP is what an HTTP API consists of. In one that was read ids mean something only inside of it: an
// authorizer's is its name, an integration's the key of its route or, of one that routes may share, its name
// after a prefix. Routes have none.
type HTTP struct {
	API          types.Api // only what a document says of it, with ImportInfo
	Routes       []types.Route
	Integrations []types.Integration
	Authorizers  []types.Authorizer
}

// importExportVersion is the one version of AWS's algorithm of import and export.
const importExportVersion = "1.0"

// SharedPrefix begins the ids of integrations that routes may share, before their names.
const SharedPrefix = "components/"

// MalformedCORS is AWS's warning of a CORS configuration that cannot be (users of AWS SAM quote it).
const MalformedCORS = "CORS Scheme is malformed, ignoring."

// sharedIntegrations is where the integrations are to which operations refer.
const sharedIntegrations = "#/components/x-amazon-apigateway-integrations/"

const (
	targetPrefix = "integrations/" // of a route's target, before the integration's id
	defaultRoute = "$default"      // the key of the route that takes what no other one does
	jwtHeader    = "$request.header.Authorization"
	discovery    = "/.well-known/openid-configuration" // what follows the issuer in an OpenID Connect URL
)
