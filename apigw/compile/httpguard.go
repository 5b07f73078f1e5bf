package compile

import "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

// authorizer compiles who may use a route; nil for everybody.
func (c *httpCompiler) authorizer(place string, r types.Route) step {
	switch r.AuthorizationType {
	case types.AuthorizationTypeNone, "":
		return nil
	}
	return c.broken(place, "authorization type %q", r.AuthorizationType)
}

// throttle compiles what bounds a route's requests.
func (c *httpCompiler) throttle(key string) step { return nil }
