package apigatewayv2

import (
	"cmp"
	"net/url"
	"postern/emulator/lazyregexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/store"
)

const (
	maxTTL       = 3600
	maxAudiences = 50 // HTTP API guide, "Quotas"
)

// checkAuthorizer refuses an authorizer that could never be asked. (Texts: cdk-preflight's rules, which were
// measured, unless said otherwise.)
func checkAuthorizer(tx *store.Tx, a types.Api, az types.Authorizer) error {
	protocol := checkHTTPAuthorizer
	switch {
	case isWebSocket(a):
		protocol = checkWebSocketAuthorizer
	case az.AuthorizerType == types.AuthorizerTypeJwt:
		protocol = checkJWT
	}
	return cmp.Or(
		checkLength("name", az.Name, maxName),
		protocol(az),
		checkAuthorizerRole(tx.Scope(), az),
		uniqueAuthorizer(tx, a, az),
	)
}

// uniqueAuthorizer: the text about names was seen, with RestApi.
func uniqueAuthorizer(tx *store.Tx, a types.Api, az types.Authorizer) error {
	if aws.ToString(az.Name) == "" {
		return badRequest("Authorizer name must not be empty.")
	}
	all, err := authorizers.all(tx, *a.ApiId)
	if err != nil {
		return err
	}
	for _, other := range all {
		if *other.Name == *az.Name && *other.AuthorizerId != *az.AuthorizerId {
			return conflict("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", *az.Name)
		}
	}
	return nil
}

func checkAuthorizerRole(sc store.Scope, az types.Authorizer) error {
	if az.AuthorizerCredentialsArn == nil {
		return nil
	}
	return apigateway.CheckRole(sc, *az.AuthorizerCredentialsArn)
}

var (
	selection     = lazyregexp.New(`^\$(request\.(header|querystring)|context|stageVariables)\.[^\s,]+$`)
	tokenSource   = lazyregexp.New(`^\$request\.(header|querystring)\.[^\s,]+$`)
	requestPlaces = lazyregexp.New(`^(route\.request\.(header|querystring)|context|stageVariables)\.[^\s,]+$`)
)

// checkHTTPAuthorizer checks a Lambda authorizer of an HTTP API.
func checkHTTPAuthorizer(az types.Authorizer) error {
	version, ttl := aws.ToString(az.AuthorizerPayloadFormatVersion), aws.ToInt32(az.AuthorizerResultTtlInSeconds)
	switch {
	case version == "":
		return badRequest("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer")
	case version != "1.0" && version != "2.0":
		return badRequest("AuthorizerPayloadFormatVersion %s is not supported", version)
	case version != "2.0" && aws.ToBool(az.EnableSimpleResponses):
		return badRequest(`EnableSimpleResponses can only be set for AuthorizerPayloadFormatVersion "2.0".`)
	case ttl < 0 || ttl > maxTTL:
		return badRequest("Authorizer result TTL outside allowable range. TTL must be between 0 and %d seconds.", maxTTL)
	case ttl > 0 && len(az.IdentitySource) == 0:
		return badRequest("Identity source must be set if authorizer caching is enabled (TTL is greater than 0)")
	}
	if err := checkSources(az.IdentitySource, selection, "Invalid identity source expression: %s"); err != nil {
		return err
	}
	return checkLambdaAuthorizer(az)
}

// checkSources requires that sources are expressions of a kind.
func checkSources(sources []string, kind lazyregexp.Regexp, text string) error {
	for _, s := range sources {
		if !kind.MatchString(s) {
			return badRequest(text, s)
		}
	}
	return nil
}

func checkLambdaAuthorizer(az types.Authorizer) error {
	if az.AuthorizerUri == nil {
		return badRequest("AuthorizerUri is a required field in an Authorizer")
	}
	return apigateway.CheckAuthorizerURI(az.AuthorizerUri)
}

// checkJWT checks an authorizer that wants tokens of an issuer; how the texts about the audience and about
// sources end is not known.
//
// Unlike AWS, which fetches the issuer's discovery document, that is done when the first token comes; and an
// issuer may have a URL of http, as those on one's own machine have.
func checkJWT(az types.Authorizer) error {
	if az.JwtConfiguration == nil {
		return badRequest("JwtConfiguration must not be null for JWT Authorizer")
	}
	issuer, err := url.Parse(aws.ToString(az.JwtConfiguration.Issuer))
	switch {
	case err != nil || issuer.Scheme != "https" && issuer.Scheme != "http" || issuer.Host == "" || issuer.RawQuery != "" || issuer.Fragment != "":
		return badRequest("Invalid issuer: Issuer is not a valid URL for JWT Authorizer")
	case len(az.JwtConfiguration.Audience) == 0:
		return badRequest("Audience must not be empty for JWT Authorizer")
	case len(az.JwtConfiguration.Audience) > maxAudiences:
		return badRequest("A JWT Authorizer has at most %d audiences", maxAudiences)
	case len(az.IdentitySource) != 1:
		return badRequest("Exactly one identity source must be set for JWT Authorizer")
	}
	return checkSources(az.IdentitySource, tokenSource, "Invalid identity source expression: %s")
}

func checkWebSocketAuthorizer(az types.Authorizer) error {
	switch {
	case az.AuthorizerType != types.AuthorizerTypeRequest:
		return badRequest("Only REQUEST authorizer type is supported on WEBSOCKET protocol Apis.")
	case aws.ToBool(az.EnableSimpleResponses): // AWS's text is not known
		return badRequest("EnableSimpleResponses is not supported on WEBSOCKET protocol Apis.")
	}
	if err := checkSources(az.IdentitySource, requestPlaces, "Invalid request identity source expression: %s"); err != nil {
		return err
	}
	return checkLambdaAuthorizer(az)
}
