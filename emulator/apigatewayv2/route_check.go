package apigatewayv2

import (
	"cmp"
	"errors"
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

// checkRoute refuses what CreateRoute and UpdateRoute do.
func checkRoute(tx *store.Tx, a types.Api, r types.Route) error {
	return cmp.Or(
		checkRouteKey(a, *r.RouteKey),
		uniqueRoute(tx, a, r),
		checkRouteTarget(tx, a, r),
		checkRouteAuthorizer(tx, a, r),
	)
}

func checkRouteKey(a types.Api, key string) error {
	if a.ProtocolType != types.ProtocolTypeHttp || key == defaultRoute {
		return nil
	}
	verb, path, ok := strings.Cut(key, " ")
	if !ok || !slices.Contains(verbs, verb) || !strings.HasPrefix(path, "/") {
		return badRequest(`The provided route key is not formatted properly for HTTP protocol. Format should be "<METHOD> /path" or "$default"`)
	}
	return nil
}

func uniqueRoute(tx *store.Tx, a types.Api, r types.Route) error {
	all, err := routes.all(tx, *a.ApiId)
	if err != nil {
		return err
	}
	for _, other := range all {
		if *other.RouteKey == *r.RouteKey && *other.RouteId != *r.RouteId {
			return conflict("Route with key %s already exists for this API", *r.RouteKey)
		}
	}
	return nil
}

func checkRouteTarget(tx *store.Tx, a types.Api, r types.Route) error {
	target := aws.ToString(r.Target)
	if target == "" {
		return nil
	}
	id, ok := strings.CutPrefix(target, "integrations/")
	if !ok {
		return badRequest("Invalid target specified: %s. It must be of the form integrations/{integrationId}", target)
	}
	_, err := integrations.get(tx, *a.ApiId, &id)
	return err
}

// checkRouteAuthorizer requires that the API has the authorizer of a guarded route, and that it is of the
// route's type.
func checkRouteAuthorizer(tx *store.Tx, a types.Api, r types.Route) error {
	kind := types.AuthorizerTypeRequest
	switch r.AuthorizationType {
	case types.AuthorizationTypeJwt:
		kind = types.AuthorizerTypeJwt
	case types.AuthorizationTypeCustom:
	default:
		return nil
	}
	d, err := authorizers.Get(tx, *a.ApiId+"/"+aws.ToString(r.AuthorizerId))
	if errors.Is(err, store.ErrNotFound) || err == nil && d.Value.AuthorizerType != kind {
		return badRequest("Invalid authorizer ID specified. Setting the authorization type to %s requires a valid authorizer.", r.AuthorizationType)
	}
	return err
}
