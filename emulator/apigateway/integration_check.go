package apigateway

import (
	"cmp"
	"net/http"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// checkIntegration refuses an integration that could never be called, or that its
// method does not feed.
func checkIntegration(tx *store.Tx, api *string, m types.Method) error {
	i := *m.MethodIntegration
	d, err := getAPI(tx, api)
	if err != nil {
		return err
	}
	return cmp.Or(
		checkTarget(i),
		checkCredentials(tx.Scope(), i),
		checkConnection(tx, i),
		checkTimeout(i, longestTimeout(d.Value.API, i)),
		checkPassthrough(i),
		checkRequestMapping(i.RequestParameters, m.RequestParameters),
		CheckTemplates(i.RequestTemplates),
		checkCacheKeys(i, m.RequestParameters),
	)
}

func checkTarget(i types.Integration) error {
	if i.Type == types.IntegrationTypeMock {
		return nil
	}
	verb, uri := aws.ToString(i.HttpMethod), aws.ToString(i.Uri)
	switch {
	case verb == "":
		return badRequest("Enumeration value for HttpMethod must be non-empty")
	case !slices.Contains(verbs, verb):
		return badRequest("Invalid HttpMethod specified. Valid options are %s", strings.Join(verbs, ","))
	case i.Type == types.IntegrationTypeHttp || i.Type == types.IntegrationTypeHttpProxy:
		return CheckHTTPEndpoint(uri)
	}
	return CheckServiceARN(i.Type, uri)
}

// A stage variable may stand for anything after the scheme.
var httpEndpoint = lazyregexp.New(`^https?://[^/?#\s]+\S*$`)

// CheckHTTPEndpoint takes the URL of a backend.
func CheckHTTPEndpoint(uri string) error {
	if !httpEndpoint.MatchString(uri) {
		return badRequest("Invalid HTTP endpoint specified for URI")
	}
	return nil
}

var (
	serviceARN   = lazyregexp.New(`^arn:[^:]*:[^:]*:[^:]*:([^:]*):(.+)$`)
	lambdaTarget = lazyregexp.New(`^path/\d{4}-\d{2}-\d{2}/functions/(\S+)/(invocations|response-streaming-invocations)$`)
	functionARN  = lazyregexp.New(`^(arn:[^:]+:lambda:[^:]*:[^:]*:function:\S+|\S*\$\{stageVariables\.\w+\}\S*)$`)
)

// CheckServiceARN takes arn:aws:apigateway:{region}:{service}:path/… or action/….
func CheckServiceARN(kind types.IntegrationType, uri string) error {
	m := serviceARN.FindStringSubmatch(uri)
	if m == nil {
		return badRequest("Invalid ARN specified in the request")
	}
	called, resource := m[1], m[2]
	if !strings.HasPrefix(resource, "path/") && !strings.HasPrefix(resource, "action/") {
		return badRequest("AWS ARN for integration must contain path or action")
	}
	if kind == types.IntegrationTypeAwsProxy && called != "lambda" && called != "firehose" {
		return badRequest("Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.")
	}
	if called != "lambda" || !strings.Contains(resource, "/functions/") {
		return nil
	}
	f := lambdaTarget.FindStringSubmatch(resource)
	if f == nil {
		return CheckFunction("")
	}
	return CheckFunction(f[1])
}

// CheckFunction takes the ARN of a function, or one with stage variables in it.
func CheckFunction(arn string) error {
	if !functionARN.MatchString(arn) {
		return badRequest("Invalid function ARN or invalid uri")
	}
	return nil
}

const passCaller = "arn:aws:iam::*:user/*" // "call with the caller's credentials"

var roleARN = lazyregexp.New(`^arn:[^:]+:iam::(\d{12}):role/\S+$`)

func checkCredentials(sc store.Scope, i types.Integration) error {
	role := aws.ToString(i.Credentials)
	switch i.Type {
	case types.IntegrationTypeAws, types.IntegrationTypeAwsProxy:
		isFunction := strings.Contains(aws.ToString(i.Uri), ":lambda:path/")
		if role == "" && !isFunction {
			return badRequest("Role ARN must be specified for AWS integrations")
		}
	}
	if role == "" || role == passCaller || strings.Contains(role, "${stageVariables.") {
		return nil
	}
	return CheckRole(sc, role)
}

// CheckRole requires a role of the account, whose policies are not looked at.
func CheckRole(sc store.Scope, role string) error {
	m := roleARN.FindStringSubmatch(role)
	switch {
	case m == nil:
		return badRequest("Invalid ARN specified in the request")
	case m[1] != sc.Account:
		return wire.Errorf(http.StatusForbidden, "AccessDeniedException", "Cross-account pass role is not allowed.")
	}
	return nil
}

// checkConnection: whether the link of a connectionId is there turns out when it is used, as on AWS
// (LocalStack's recordings have ids of no link accepted).
func checkConnection(tx *store.Tx, i types.Integration) error {
	isHTTP := i.Type == types.IntegrationTypeHttp || i.Type == types.IntegrationTypeHttpProxy
	hasTarget := aws.ToString(i.IntegrationTarget) != ""
	switch {
	case i.ConnectionType != types.ConnectionTypeVpcLink && hasTarget:
		return badRequest("Invalid integration target specified. It is for connections of type VPC_LINK")
	case i.ConnectionType != types.ConnectionTypeVpcLink:
		return nil
	case !isHTTP:
		return badRequest("Invalid connection type specified. VPC_LINK is for integrations of type HTTP and HTTP_PROXY")
	case aws.ToString(i.ConnectionId) == "":
		return badRequest("Invalid connection specified: VPC_LINK requires a connectionId")
	}
	return checkIntegrationTarget(tx, i)
}

const (
	maxStreaming = 900000 // for which a function or endpoint may stream its response
	maxRaised    = 300000 // to which AWS raises the quota of regional and private APIs
)

// longestTimeout is the limit on timeoutInMillis. Unlike AWS, a regional or private API need not ask
// for more than 29 seconds first.
func longestTimeout(api types.RestApi, i types.Integration) int32 {
	edge := api.EndpointConfiguration == nil || slices.Contains(api.EndpointConfiguration.Types, types.EndpointTypeEdge)
	switch {
	case i.ResponseTransferMode == types.ResponseTransferModeStream:
		return maxStreaming
	case edge:
		return defaultTimeout
	}
	return maxRaised
}

func checkTimeout(i types.Integration, longest int32) error {
	if i.TimeoutInMillis < 50 || i.TimeoutInMillis > longest {
		return badRequest("Timeout should be between 50 ms and %d ms", longest)
	}
	return nil
}

var passthroughs = []string{"WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"}

func checkPassthrough(i types.Integration) error {
	if !slices.Contains(passthroughs, aws.ToString(i.PassthroughBehavior)) {
		return badRequest("Invalid passthrough behavior specified. Valid options are %s", strings.Join(passthroughs, ","))
	}
	return nil
}

// checkCacheKeys requires that keys are parameters of the method or integration.
func checkCacheKeys(i types.Integration, declared map[string]bool) error {
	for _, key := range i.CacheKeyParameters {
		_, ofMethod := declared[key]
		_, ofIntegration := i.RequestParameters[key]
		if !ofMethod && !ofIntegration {
			return badRequest("Invalid cache key parameter specified")
		}
	}
	return nil
}
