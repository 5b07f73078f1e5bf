package apigatewayv2

import "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

func checkCORS(a types.Api) error {
	if a.CorsConfiguration != nil && a.ProtocolType != types.ProtocolTypeHttp {
		return badRequest("CORS configuration is only supported for HTTP APIs")
	}
	return nil
}
