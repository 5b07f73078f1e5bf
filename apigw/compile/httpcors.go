package compile

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw/httpapi"
)

// newCORS compiles an API's CORS configuration.
func newCORS(o *types.Cors) *httpapi.CORS {
	c := &httpapi.CORS{
		Methods: strings.Join(o.AllowMethods, ","), Headers: strings.Join(o.AllowHeaders, ","), Expose: strings.Join(o.ExposeHeaders, ","),
		Credentials: aws.ToBool(o.AllowCredentials),
	}
	for _, origin := range o.AllowOrigins {
		c.Origins = append(c.Origins, strings.ToLower(origin))
	}
	if o.MaxAge != nil {
		c.MaxAge = strconv.Itoa(int(*o.MaxAge))
	}
	return c
}
