package wire

import "strings"

// successStatus is the status of a successful answer. The newer SDK modules say it;
// for the older ones these are the rules and their exceptions (API models of the
// AWS CLI, read 2026-11).
func successStatus(t *table, op *spec) int {
	switch {
	case op.status != 0:
		return op.status
	case t.protocol != restJSON:
		return 200
	}
	if s, ok := statusExceptions[t.service+"."+op.name]; ok {
		return s
	}
	for _, rule := range statusRules[t.service] {
		if strings.HasPrefix(op.name, rule.prefix) {
			return rule.status
		}
	}
	return 200
}

type statusRule struct {
	prefix string
	status int
}

var statusRules = map[string][]statusRule{
	"apigateway":              {{"Create", 201}, {"ImportRestApi", 201}, {"ImportApiKeys", 201}, {"Generate", 201}, {"Put", 201}, {"Delete", 202}, {"Flush", 202}, {"Tag", 204}, {"Untag", 204}},
	"apigatewayv2":            {{"Create", 201}, {"Import", 201}, {"Delete", 204}, {"Disable", 204}, {"Reset", 204}, {"Untag", 204}, {"Tag", 201}},
	"apigatewaymanagementapi": {{"Delete", 204}},
}

var statusExceptions = map[string]int{
	"apigateway.CreateVpcLink":                     202,
	"apigateway.DeleteIntegration":                 204,
	"apigateway.DeleteIntegrationResponse":         204,
	"apigateway.DeleteMethod":                      204,
	"apigateway.DeleteMethodResponse":              204,
	"apigateway.PutRestApi":                        200,
	"apigateway.RejectDomainNameAccessAssociation": 202,
	"apigateway.UpdateMethodResponse":              201,
	"apigatewayv2.DeleteVpcLink":                   202,
	"apigatewayv2.ReimportApi":                     201,
	"apigatewayv2.PreviewPortal":                   202,
	"apigatewayv2.PublishPortal":                   202,
	// The newest model says 200; AWS was recorded to answer 204.
	"lambda.DeleteFunction": 204,
}

// errorStatuses are those of exceptions whose module does not say; the rest is 400,
// or 500 where the fault is the server's.
var errorStatuses = map[string]int{
	"AccessDeniedException":       403,
	"BadRequestException":         400,
	"ConflictException":           409,
	"ForbiddenException":          403,
	"GoneException":               410,
	"LimitExceededException":      429,
	"NotFoundException":           404,
	"PayloadTooLargeException":    413,
	"ServiceUnavailableException": 503,
	"TooManyRequestsException":    429,
	"UnauthorizedException":       401,

	"ConcurrentModification":  409,
	"DeleteConflict":          409,
	"EntityAlreadyExists":     409,
	"InvalidInput":            400,
	"LimitExceeded":           409,
	"NoSuchEntity":            404,
	"PolicyNotAttachable":     400,
	"RegionDisabledException": 403,
	"UnmodifiableEntity":      400,
}

// errorStatus is the status of an exception of a service. The logs service answers
// all of its clients' errors with 400.
func errorStatus(t *table, e *exception) int {
	switch s, ok := errorStatuses[e.code]; {
	case e.status != 0:
		return e.status
	case ok && t.protocol != json11:
		return s
	case e.server:
		return 500
	}
	return 400
}
