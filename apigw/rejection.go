package apigw

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
)

// A Rejection ends an Exchange with a gateway response.
type Rejection struct {
	Type       string // a gateway response type: "UNAUTHORIZED"
	Status     int    // 0: the type's own
	ErrorType  string // x-amzn-ErrorType; "": the type's own
	Message    string // $context.error.message; "": the type's own
	Validation string // $context.error.validationErrorString
	Err        error  // why, for the log; the client never sees it
	Line       string // of the execution log that says why; "": that of the type
}

func (r *Rejection) Error() string {
	if r.Err == nil {
		return r.Type
	}
	return fmt.Sprintf("%s: %v", r.Type, r.Err)
}

func (r *Rejection) Unwrap() error { return r.Err }

// StatusCode is the status of REST and WebSocket APIs' answers.
func (r *Rejection) StatusCode() int {
	if r.Status != 0 {
		return r.Status
	}
	return ResponseTypes[r.Type].Status
}

// Gateway response types.
const (
	AccessDenied                 = "ACCESS_DENIED"
	APIConfigurationError        = "API_CONFIGURATION_ERROR"
	AuthorizerConfigurationError = "AUTHORIZER_CONFIGURATION_ERROR"
	AuthorizerFailure            = "AUTHORIZER_FAILURE"
	BadRequestBody               = "BAD_REQUEST_BODY"
	BadRequestParameters         = "BAD_REQUEST_PARAMETERS"
	Default4XX                   = "DEFAULT_4XX"
	Default5XX                   = "DEFAULT_5XX"
	ExpiredToken                 = "EXPIRED_TOKEN"
	IntegrationFailure           = "INTEGRATION_FAILURE"
	IntegrationTimeout           = "INTEGRATION_TIMEOUT"
	InvalidAPIKey                = "INVALID_API_KEY"
	InvalidSignature             = "INVALID_SIGNATURE"
	MissingAuthenticationToken   = "MISSING_AUTHENTICATION_TOKEN"
	QuotaExceeded                = "QUOTA_EXCEEDED"
	RequestTooLarge              = "REQUEST_TOO_LARGE"
	ResourceNotFound             = "RESOURCE_NOT_FOUND"
	Throttled                    = "THROTTLED"
	Unauthorized                 = "UNAUTHORIZED"
	UnsupportedMediaType         = "UNSUPPORTED_MEDIA_TYPE"
	WAFFiltered                  = "WAF_FILTERED"
)

// A ResponseType is what API Gateway itself does for one type of gateway response.
type ResponseType struct {
	Status    int
	ErrorType string
	Message   string // "" prints as null
	// Executing tells types that arise while a method runs: their default body has a blank
	// after the colon, the others have none (recorded: Content-Length 36 for
	// "Internal server error").
	Executing bool
}

// ResponseTypes holds every type of gateway response.
// Texts: facts/rest-dataplane.md §3.
var ResponseTypes = map[string]ResponseType{
	AccessDenied:                 {403, "AccessDeniedException", "User is not authorized to access this resource", false},
	APIConfigurationError:        {500, "InternalServerErrorException", "Internal server error", true},
	AuthorizerConfigurationError: {500, "AuthorizerConfigurationException", "", false},
	AuthorizerFailure:            {500, "AuthorizerFailureException", "", false},
	BadRequestBody:               {400, "BadRequestException", "Invalid request body", true},
	BadRequestParameters:         {400, "BadRequestException", "Missing required request parameters", true},
	Default4XX:                   {400, "BadRequestException", "Bad Request", false},
	Default5XX:                   {500, "InternalServerErrorException", "Internal server error", true},
	ExpiredToken:                 {403, "ExpiredTokenException", "The security token included in the request is expired", false},
	IntegrationFailure:           {504, "InternalServerErrorException", "Network error communicating with endpoint", true},
	IntegrationTimeout:           {504, "InternalServerErrorException", "Endpoint request timed out", true},
	InvalidAPIKey:                {403, "ForbiddenException", "Forbidden", false},
	InvalidSignature:             {403, "InvalidSignatureException", "", false},
	MissingAuthenticationToken:   {403, "MissingAuthenticationTokenException", "Missing Authentication Token", false},
	QuotaExceeded:                {429, "LimitExceededException", "Limit Exceeded", false},
	RequestTooLarge:              {413, "RequestTooLargeException", "Request Too Long", false},
	ResourceNotFound:             {404, "NotFoundException", "", false},
	Throttled:                    {429, "TooManyRequestsException", "Too Many Requests", false},
	Unauthorized:                 {401, "UnauthorizedException", "Unauthorized", false},
	UnsupportedMediaType:         {415, "UnsupportedMediaTypeException", "Unsupported Media Type", true},
	WAFFiltered:                  {403, "ForbiddenException", "Forbidden", false},
}

// HTTPStatus is what an HTTP API answers to the rejection. What it says depends on the status alone, which is not
// always that of the type (facts/http-api.md §3).
func (r *Rejection) HTTPStatus() int {
	if r.Status == http.StatusBadGateway { // what a function returned is no response
		return http.StatusInternalServerError
	}
	switch r.Type {
	case IntegrationFailure, IntegrationTimeout:
		return cmp.Or(r.Status, http.StatusServiceUnavailable)
	}
	return cmp.Or(r.Status, ResponseTypes[r.Type].Status)
}

// LogLine is what an execution log says of the rejection, "" for nothing.
func (r *Rejection) LogLine() string {
	switch {
	case r.Line != "":
		return r.Line
	case r.Type == IntegrationTimeout:
		return "Execution failed due to a timeout error"
	case r.Type == IntegrationFailure:
		return "Execution failed due to a network error communicating with endpoint"
	case r.Type == APIConfigurationError && r.Err != nil:
		return configurationError + r.Err.Error()
	case r.Type == Default5XX && r.Status == 0:
		return "Execution failed due to an internal error"
	}
	return ""
}

const configurationError = "Execution failed due to configuration error: "

// ConfigurationError is Misconfigured in AWS's words, with what Postern knows besides; err may be nil.
func ConfigurationError(words string, err error) *Rejection {
	r := &Rejection{Type: APIConfigurationError, Err: errors.New(words), Line: configurationError + words}
	if err != nil {
		r.Err = fmt.Errorf("%s: %w", words, err)
	}
	return r
}

// Misconfigured is the Rejection for what only the API's owner can mend: 500
// "Internal server error" to the client, the reason to the log.
func Misconfigured(format string, args ...any) *Rejection {
	return &Rejection{Type: APIConfigurationError, Err: fmt.Errorf(format, args...)}
}
