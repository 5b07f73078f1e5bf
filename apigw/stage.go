package apigw

import (
	"errors"
	"fmt"
)

// A Stage serves one stage of one API: an immutable value, replaced as a whole.
type Stage struct {
	Protocol                                     Protocol
	AccountID, Region, APIID, Name, DeploymentID string

	Variables map[string]string
	Routes    Router
	// GatewayResponses by type, with DEFAULT_4XX and DEFAULT_5XX already merged into the
	// types they stand in for. A type that is missing has API Gateway's own response.
	GatewayResponses map[string]*GatewayResponse
	BinaryMediaTypes BinaryMediaTypes
	// MinimumCompressionSize is from how many bytes on answers are compressed for clients that
	// accept it; nil: neither answers nor requests are looked at.
	MinimumCompressionSize *int
	// EndpointType is what the API's endpoint is: EndpointEdge, EndpointRegional or
	// EndpointPrivate; "" where nothing depends on it.
	EndpointType   string
	VPCEndpointIDs []string // associated with a private API
	HasPolicy      bool     // a resource policy guards every method
	// EndpointDisabled is disableExecuteApiEndpoint: only custom domains reach the stage.
	EndpointDisabled bool
	// Preflight answers a request that needs no route, and tells whether it did: what CORS of an HTTP
	// API makes of an OPTIONS request. Nil answers none.
	Preflight func(*Exchange) bool
	// Finish completes each answer, rejections too, before it is written: the CORS headers of an
	// HTTP API. Nil leaves them as they are.
	Finish func(*Exchange)
	// Siblings are the other stages that the API had when this one, named DefaultStage, was made.
	Siblings map[string]bool
	// Select is the route selection expression of a WebSocket API: the key of the route that a message
	// is for, "" where it names none.
	Select func(*Exchange) string
	// Manage is what calls about connections of a WebSocket API have to pass.
	Manage *Method
	// FlushAuthorizers forgets what authorizers have said, nil where none is cached.
	FlushAuthorizers func()
	AccessLog        *AccessLog // nil for none
	// Tracing is tracingEnabled: X-Ray samples the requests.
	Tracing bool
	// Canary serves a part of the requests in this Stage's place, nil for none.
	Canary *Canary
}

// A Protocol is which kind of API a stage is of.
type Protocol int

// The kinds of APIs. HTTP and WebSocket APIs are those of apigatewayv2.
const (
	REST Protocol = iota
	HTTP
	WebSocket
	FunctionURL // no API, but served as one: the URL of a Lambda function
)

// DefaultStage is the stage of an HTTP API whose name is not in its URLs, DefaultRoute the key of the
// route that serves what no other does.
const (
	DefaultStage = "$default"
	DefaultRoute = "$default"
)

// APIARN is the ARN of an API on the invoke plane; "/{stage}/{verb}/{path}" of policies follows it.
func APIARN(region, accountID, apiID string) string {
	return "arn:aws:execute-api:" + region + ":" + accountID + ":" + apiID
}

// APIARN is the ARN of the stage's API.
func (s *Stage) APIARN() string { return APIARN(s.Region, s.AccountID, s.APIID) }

// Endpoint types.
const (
	EndpointEdge     = "EDGE"
	EndpointRegional = "REGIONAL"
	EndpointPrivate  = "PRIVATE"
)

// A Canary is the release of another deployment to some of a stage's requests.
type Canary struct {
	Percent float64 // of the requests, picked at random
	Stage   *Stage
}

// A Router finds the method that serves a verb and a path as the client encoded it. The
// values of the path's parameters are appended to values. It returns nil for no method.
type Router interface {
	Route(verb, path string, values []string) (*Method, []string)
}

// A Method is one method of one resource: the leaf of the route tree.
type Method struct {
	ResourceID    string
	ResourcePath  string // "/pets/{id}"
	Verb          string // as defined, so possibly ANY
	RouteKey      string // of HTTP and WebSocket APIs: "GET /pets", "$default", "$connect"
	OperationName string
	TwoWay        bool     // of WebSocket APIs: what the integration answers is sent to the client
	PathParams    []string // names, in the order of Request.PathValues
	Steps         []Step
	Logging       *Logging // nil: nothing is logged
}

// A GatewayResponse is how an API words the rejections of one type.
type GatewayResponse struct {
	Status    int // 0: as the rejection has it
	Headers   []HeaderValue
	Templates []GatewayTemplate // the first is served where Accept matches none; none: API Gateway's own body
}

// A HeaderValue is a response header and what fills it.
type HeaderValue struct {
	Name  string
	Value Value
}

// A GatewayTemplate is one body of a gateway response.
type GatewayTemplate struct {
	MediaType string
	Render    func(*Exchange) string
}

// A Value is a compiled mapping expression such as method.request.header.Accept. It
// returns nil if what it names is not there.
type Value func(*Exchange) []string

// Errors of whoever loads stages.
var (
	ErrAPINotFound   = errors.New("no such API, or none of its deployments has a stage")
	ErrStageNotFound = errors.New("no such stage")
	// ErrHTTPStageNotFound is ErrStageNotFound where the API is known to be an HTTP API.
	ErrHTTPStageNotFound = fmt.Errorf("%w of the HTTP API", ErrStageNotFound)
)
