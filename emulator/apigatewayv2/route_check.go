package apigatewayv2

import (
	"cmp"
	"errors"
	"postern/emulator/lazyregexp"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// The routes that have a meaning of their own. The first two are of WebSocket APIs.
const (
	connectRoute    = "$connect"
	disconnectRoute = "$disconnect"
	defaultRoute    = "$default"
)

var verbs = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"}

// checkRoute refuses what CreateRoute and UpdateRoute do. (Texts: cdk-preflight's rules, which were measured,
// unless said otherwise.)
func checkRoute(tx *store.Tx, a types.Api, r types.Route) error {
	protocol := checkHTTPRoute
	if isWebSocket(a) {
		protocol = checkWebSocketRoute
	}
	return cmp.Or(
		protocol(r),
		checkScopes(r),
		uniqueRoute(tx, a, r),
		checkRouteTarget(tx, a, r),
		checkRouteAuthorizer(tx, a, r),
		checkModels(tx, a, r.RequestModels),
	)
}

func checkHTTPRoute(r types.Route) error {
	if err := checkHTTPKey(*r.RouteKey); err != nil {
		return err
	}
	switch { // AWS's texts are not known but for the first
	case aws.ToBool(r.ApiKeyRequired):
		return badRequest("ApiKeyRequired is not currently supported for HTTP APIs.")
	case r.ModelSelectionExpression != nil || r.RequestModels != nil:
		return badRequest("Currently, Models are not permitted for APIs with a protocol type of HTTP")
	case r.RequestParameters != nil:
		return badRequest("RequestParameters are not currently supported for HTTP APIs.")
	case r.RouteResponseSelectionExpression != nil:
		return badRequest("RouteResponseSelectionExpression is not currently supported for HTTP APIs.")
	}
	return nil
}

var (
	routePath   = lazyregexp.New(`^(/([^/\s{}]*|\{[^/\s{}+]+\+?\}))+$`)
	pathSegment = regexp.MustCompile(`\{([^{}+]+)\+?\}`)
)

// checkHTTPKey takes a method and a path, or $default. AWS's text about the names of variables is not known.
func checkHTTPKey(key string) error {
	if key == defaultRoute {
		return nil
	}
	verb, path, _ := strings.Cut(key, " ")
	if !slices.Contains(verbs, verb) || !routePath.MatchString(path) {
		return badRequest(`The provided route key is not formatted properly for HTTP protocol. Format should be "[HTTP METHOD] /[RESOURCE PATH]" or "$default"`)
	}
	seen := map[string]bool{}
	for _, m := range pathSegment.FindAllStringSubmatch(path, -1) {
		if seen[m[1]] {
			return badRequest("The provided route key %q has the path variable %s twice", key, m[1])
		}
		seen[m[1]] = true
	}
	if i := strings.Index(path, "+}"); i >= 0 && i+len("+}") < len(path) {
		return badRequest("The provided route key %q has a greedy path variable that is not at its end", key)
	}
	return nil
}

// keyShape is a key without the names of its variables: AWS takes but one route of a shape.
func keyShape(key string) string { return pathSegment.ReplaceAllStringFunc(key, unnamed) }

func unnamed(segment string) string {
	if strings.HasSuffix(segment, "+}") {
		return "{+}"
	}
	return "{}"
}

// checkWebSocketRoute: AWS's texts about keys are not known, the one about API keys follows that of
// authorization.
func checkWebSocketRoute(r types.Route) error {
	switch key := *r.RouteKey; {
	case key == "" || len(key) > maxName:
		return badRequest("Invalid route key specified. It must have 1 to %d characters.", maxName)
	case r.AuthorizationType != types.AuthorizationTypeNone && key != connectRoute:
		return badRequest("Currently, authorization is restricted to the $connect route only")
	case r.AuthorizationType == types.AuthorizationTypeJwt:
		return badRequest("Authorization type JWT is not supported for WEBSOCKET protocolType")
	case aws.ToBool(r.ApiKeyRequired) && key != connectRoute:
		return badRequest("Currently, ApiKeyRequired is restricted to the $connect route only")
	}
	if e := r.RouteResponseSelectionExpression; e != nil && *e != defaultRoute {
		return badRequest("Invalid routeResponseSelectionExpression. Currently, only $default is supported.")
	}
	return checkRouteParameters(r.RequestParameters)
}

var routeParameter = lazyregexp.New(`^route\.request\.(querystring|header)\.\S+$`)

func checkRouteParameters(parameters map[string]types.ParameterConstraints) error {
	for name := range parameters {
		if !routeParameter.MatchString(name) {
			return badRequest("Invalid request parameter specified: %s", name)
		}
	}
	return nil
}

const maxScopes = 10 // HTTP API guide, "Quotas"

func checkScopes(r types.Route) error {
	switch {
	case len(r.AuthorizationScopes) > 0 && r.AuthorizationType != types.AuthorizationTypeJwt:
		return badRequest("Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization type")
	case len(r.AuthorizationScopes) > maxScopes:
		return badRequest("A route has at most %d authorization scopes", maxScopes)
	}
	return nil
}

// uniqueRoute: AWS's first text is not known, the second was seen (plutomi issue 271).
func uniqueRoute(tx *store.Tx, a types.Api, r types.Route) error {
	all, err := routes.all(tx, *a.ApiId)
	if err != nil {
		return err
	}
	for _, other := range all {
		switch {
		case *other.RouteId == *r.RouteId:
		case *other.RouteKey == *r.RouteKey:
			return conflict("Route with key %s already exists for this API", *r.RouteKey)
		case !isWebSocket(a) && keyShape(*other.RouteKey) == keyShape(*r.RouteKey):
			return conflict("The provided route key %q has a conflicting variable on the same hierarchical level as %q", *r.RouteKey, *other.RouteKey)
		}
	}
	return nil
}

func checkRouteTarget(tx *store.Tx, a types.Api, r types.Route) error {
	if r.Target == nil {
		return nil
	}
	id, ok := strings.CutPrefix(*r.Target, "integrations/")
	if !ok || id == "" {
		return badRequest("Unexpected or malformed target in route. Correct format should be integrations/<integration_id>.")
	}
	_, err := integrations.get(tx, *a.ApiId, &id)
	return err
}

// checkRouteAuthorizer requires that the API has the authorizer of a guarded route, and that it is of the
// route's type. (Both texts were seen: terraform-provider-aws issue 17497, anomalyco/ion issue 1104.)
func checkRouteAuthorizer(tx *store.Tx, a types.Api, r types.Route) error {
	kind, needs := types.AuthorizerTypeRequest, "CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
	switch r.AuthorizationType {
	case types.AuthorizationTypeJwt:
		kind, needs = types.AuthorizerTypeJwt, "JWT requires a valid JWT authorizer."
	case types.AuthorizationTypeCustom:
	default:
		return nil
	}
	d, err := authorizers.Get(tx, *a.ApiId+"/"+aws.ToString(r.AuthorizerId))
	if errors.Is(err, store.ErrNotFound) || err == nil && d.Value.AuthorizerType != kind {
		return badRequest("Invalid authorizer ID specified. Setting the authorization type to %s", needs)
	}
	return err
}
