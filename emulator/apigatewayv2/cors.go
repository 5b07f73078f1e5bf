package apigatewayv2

import (
	"cmp"
	"context"
	"postern/emulator/lazyregexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// An origin is any, any of a scheme, or one.
var origin = lazyregexp.New(`^(\*|https?://(\*|[^\s/?#*]+))$`)

const maxCORSAge = 86400

// checkCORS refuses what browsers could make nothing of. (The texts about the protocol and about credentials:
// cdk-preflight's rules; about origins: seen by who tried capacitor:// and chrome-extension://. Those about
// methods and age are not known.)
func checkCORS(a types.Api) error {
	c := a.CorsConfiguration
	switch {
	case c == nil:
		return nil
	case isWebSocket(a):
		return badRequest("Cors is not supported for WEBSOCKET protocolType")
	case aws.ToBool(c.AllowCredentials) && slices.Contains(c.AllowOrigins, "*"):
		return badRequest("allow-credentials is not supported if 'allow-origin' is *")
	}
	if age := aws.ToInt32(c.MaxAge); age < -1 || age > maxCORSAge {
		return badRequest("Invalid max-age specified: %d. It must be between -1 and %d.", age, maxCORSAge)
	}
	return cmp.Or(checkOrigins(c.AllowOrigins), checkCORSMethods(c.AllowMethods))
}

func checkOrigins(origins []string) error {
	for _, o := range origins {
		if !origin.MatchString(o) {
			return badRequest("Invalid format for origin %s", o)
		}
	}
	return nil
}

func checkCORSMethods(methods []string) error {
	for _, m := range methods {
		if m != "*" && (m == "ANY" || !slices.Contains(verbs, m)) {
			return badRequest("Invalid value for allow-methods: %s", m)
		}
	}
	return nil
}

// DeleteCorsConfiguration lets an API say nothing of CORS any more.
func (s *Service) DeleteCorsConfiguration(ctx context.Context, in *sdk.DeleteCorsConfigurationInput) (*sdk.DeleteCorsConfigurationOutput, error) {
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		a.CorsConfiguration = nil
		return putAPI(tx, a)
	})
	return &sdk.DeleteCorsConfigurationOutput{}, err
}
