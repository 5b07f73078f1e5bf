package apigateway

import (
	"cmp"
	"errors"
	"postern/emulator/lazyregexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

const maxAuthorizerTTL = 3600

// fillAuthorizer sets what AWS sets.
func fillAuthorizer(a *types.Authorizer) {
	if aws.ToString(a.AuthType) != "" {
		return
	}
	a.AuthType = aws.String("custom")
	if a.Type == types.AuthorizerTypeCognitoUserPools {
		a.AuthType = aws.String("cognito_user_pools")
	}
}

// checkAuthorizer refuses an authorizer that could never be asked. The texts about the name,
// the URI and the token source are AWS's; of the TTL, providers and credentials none is on record.
func checkAuthorizer(sc store.Scope, tx *store.Tx, api string, a types.Authorizer) error {
	checks := []error{checkAuthorizerTTL(a), checkIdentitySource(a)}
	if a.Type == types.AuthorizerTypeCognitoUserPools {
		checks = append(checks, checkProviders(a.ProviderARNs))
	} else {
		checks = append(checks, CheckAuthorizerURI(a.AuthorizerUri), checkAuthorizerCredentials(sc, a))
	}
	return cmp.Or(append(checks, uniqueAuthorizer(tx, api, a))...)
}

func uniqueAuthorizer(tx *store.Tx, api string, a types.Authorizer) error {
	if aws.ToString(a.Name) == "" {
		return badRequest("Authorizer name must not be empty.")
	}
	all, err := allAuthorizers(tx, api)
	if err != nil {
		return err
	}
	for _, other := range all {
		if *other.Name == *a.Name && *other.Id != *a.Id {
			return conflict("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", *a.Name)
		}
	}
	return nil
}

func checkAuthorizerTTL(a types.Authorizer) error {
	if ttl := aws.ToInt32(a.AuthorizerResultTtlInSeconds); ttl < 0 || ttl > maxAuthorizerTTL {
		return badRequest("Invalid TTL specified: %d. Authorizer result TTL should be between 0 and %d seconds.", ttl, maxAuthorizerTTL)
	}
	return nil
}

var (
	tokenSource    = lazyregexp.New(`^method\.request\.header\.[a-zA-Z0-9._-]+$`)
	identitySource = lazyregexp.New(`^(method\.request\.(multivalue)?(header|querystring)|stageVariables|context)\.[^\s,]+$`)
)

// checkIdentitySource requires where the identity is: a header for a token, one or more places
// for a REQUEST authorizer, which needs none where nothing is cached.
func checkIdentitySource(a types.Authorizer) error {
	source := aws.ToString(a.IdentitySource)
	cached := a.AuthorizerResultTtlInSeconds == nil || *a.AuthorizerResultTtlInSeconds > 0
	switch {
	case source == "" && a.Type == types.AuthorizerTypeRequest && !cached:
		return nil
	case source == "":
		return errInvalidInput()
	case a.Type != types.AuthorizerTypeRequest:
		if !tokenSource.MatchString(source) {
			return badRequest("Invalid token source expression: %s. The source must be a method request header, matching 'method.request.header.[a-zA-Z0-9._-]+'.", source)
		}
		return nil
	}
	for part := range strings.SplitSeq(source, ",") {
		if part = strings.TrimSpace(part); !identitySource.MatchString(part) {
			return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", part)
		}
	}
	return nil
}

// errInvalidInput is all that AWS says of what is missing.
func errInvalidInput() error { return badRequest("Invalid request input") }

var authorizerURI = lazyregexp.New(`^arn:[^:]+:apigateway:[a-z]{2,}(-[a-z]+)+-\d+:lambda:path/\d{4}-\d{2}-\d{2}/functions/(\S+)/invocations$`)

// CheckAuthorizerURI takes the invocation of a function, whose name may have stage variables in it.
func CheckAuthorizerURI(given *string) error {
	uri := "null"
	if given != nil {
		uri = *given
	}
	m := authorizerURI.FindStringSubmatch(uri)
	if m == nil || !functionARN.MatchString(m[2]) {
		return badRequest("Invalid Authorizer URI: %s. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.", uri)
	}
	return nil
}

func checkAuthorizerCredentials(sc store.Scope, a types.Authorizer) error {
	c := aws.ToString(a.AuthorizerCredentials)
	if c == "" || strings.Contains(c, "${stageVariables.") {
		return nil
	}
	return CheckRole(sc, c)
}

var userPoolARN = lazyregexp.New(`^arn:[^:]+:cognito-idp:[a-z0-9-]+:\d*:userpool/\S+$`)

func checkProviders(arns []string) error {
	if len(arns) == 0 {
		return errInvalidInput()
	}
	for _, arn := range arns {
		if !userPoolARN.MatchString(arn) {
			return badRequest("Invalid Cognito User Pool ARN specified: %s", arn)
		}
	}
	return nil
}

// checkMethodAuthorizer requires that the API has the authorizer of a guarded method, and that it is
// of the method's type.
func checkMethodAuthorizer(tx *store.Tx, api string, m types.Method) error {
	invalid := badRequest("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
	id := aws.ToString(m.AuthorizerId)
	if id == "" {
		return invalid
	}
	d, err := authorizers.Get(tx, api+"/"+id)
	if errors.Is(err, store.ErrNotFound) {
		return invalid
	}
	if err != nil {
		return err
	}
	cognito := d.Value.Type == types.AuthorizerTypeCognitoUserPools
	if cognito != (aws.ToString(m.AuthorizationType) == "COGNITO_USER_POOLS") {
		return invalid
	}
	return nil
}
