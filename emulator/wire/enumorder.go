package wire

import (
	"cmp"
	"slices"
)

// enumOrders are orders of enum values that AWS was recorded to print.
var enumOrders = map[string][]string{
	"apigateway.Op":              {"add", "remove", "move", "test", "replace", "copy"},
	"apigateway.EndpointType":    {"PRIVATE", "EDGE", "REGIONAL"},
	"apigateway.IntegrationType": {"HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"},
	"apigateway.GatewayResponseType": {"REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "AUTHORIZER_CONFIGURATION_ERROR",
		"MISSING_AUTHENTICATION_TOKEN", "BAD_REQUEST_BODY", "INVALID_SIGNATURE", "INVALID_API_KEY", "BAD_REQUEST_PARAMETERS",
		"AUTHORIZER_FAILURE", "UNAUTHORIZED", "INTEGRATION_TIMEOUT", "ACCESS_DENIED", "DEFAULT_4XX", "DEFAULT_5XX", "WAF_FILTERED",
		"QUOTA_EXCEEDED", "THROTTLED", "API_CONFIGURATION_ERROR", "UNSUPPORTED_MEDIA_TYPE", "INTEGRATION_FAILURE", "EXPIRED_TOKEN"},
	"apigateway.DocumentationPartType": {"RESPONSE_BODY", "RESPONSE", "METHOD", "MODEL", "AUTHORIZER", "RESPONSE_HEADER", "RESOURCE",
		"PATH_PARAMETER", "REQUEST_BODY", "QUERY_PARAMETER", "API", "REQUEST_HEADER"},
	"lambda.EventSourcePosition": {"LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"},
}

// enumOrder is the order in which AWS prints an enum's values: the recorded one,
// else the model's. Lambda prints a Java HashSet: its recorded list of 25 runtimes has
// exactly that order, and so has its list of architectures.
func enumOrder(service, enum string, values []string) []string {
	if order, ok := enumOrders[service+"."+enum]; ok {
		return order
	}
	if service != "lambda" {
		return values
	}
	return javaSetOrder(values)
}

// javaSetOrder is the order in which a java.util.HashSet holds strings that were
// added in the order given: by bucket of the hash, in a table at most three quarters full.
func javaSetOrder(values []string) []string {
	buckets := uint32(16)
	for 4*len(values) > 3*int(buckets) {
		buckets *= 2
	}
	bucket := func(s string) uint32 {
		var h uint32
		for i := range len(s) {
			h = 31*h + uint32(s[i])
		}
		return (h ^ h>>16) & (buckets - 1)
	}
	order := slices.Clone(values)
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(bucket(a), bucket(b)) })
	return order
}
