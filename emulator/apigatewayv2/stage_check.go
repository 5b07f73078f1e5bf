package apigatewayv2

import (
	"cmp"
	"errors"
	"maps"
	"postern/emulator/lazyregexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/emulator/apigateway"
	"postern/emulator/store"
)

var stageName = lazyregexp.New(`^[a-zA-Z0-9_-]{1,128}$`)

// errAutoDeployed: AWS's text is not known.
func errAutoDeployed() error {
	return badRequest("Deployment ID cannot be set on a stage with AutoDeploy enabled")
}

// checkStage refuses what CreateStage and UpdateStage do.
func checkStage(tx *store.Tx, a types.Api, stage types.Stage) error {
	name := *stage.StageName
	if !stageName.MatchString(name) && (isWebSocket(a) || name != apigw.DefaultStage) {
		return badRequest("Stage name only allows a-zA-Z0-9_") // and hyphens, which AWS's text leaves out
	}
	return cmp.Or(
		checkLength("description", stage.Description, maxDescription),
		apigateway.CheckVariables(stage.StageVariables),
		apigateway.CheckTags(stage.Tags),
		checkStageSettings(tx, a, stage),
		checkAccessLog(tx, a, stage.AccessLogSettings),
		checkCertificate(tx, a, stage.ClientCertificateId),
		hasDeployment(tx, a, stage),
	)
}

// hasDeployment requires that a stage's deployment exists, if it has one. The text is that of REST APIs.
func hasDeployment(tx *store.Tx, a types.Api, stage types.Stage) error {
	if stage.DeploymentId == nil {
		return nil
	}
	_, err := deployments.Get(tx, *a.ApiId+"/"+*stage.DeploymentId)
	if errors.Is(err, store.ErrNotFound) {
		return badRequest("Deployment id does not exist")
	}
	return err
}

// checkStageSettings checks the settings of all routes and of each. (The text about keys was seen:
// terraform-aws-apigateway-v2 pull request 80.)
func checkStageSettings(tx *store.Tx, a types.Api, stage types.Stage) error {
	if err := checkSettings(tx, a, *stage.DefaultRouteSettings); err != nil || len(stage.RouteSettings) == 0 {
		return err
	}
	all, err := routes.all(tx, *a.ApiId)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(stage.RouteSettings)) {
		if !slices.ContainsFunc(all, func(r types.Route) bool { return *r.RouteKey == key }) {
			return noSettings(key)
		}
		if err := checkSettings(tx, a, stage.RouteSettings[key]); err != nil {
			return err
		}
	}
	return nil
}

func noSettings(key string) error {
	return notFound("Unable to find Route by key %s within the provided RouteSettings", key)
}

// checkSettings: the text about HTTP APIs was seen (terraform-provider-aws issue 14010), those about
// throttling are not known.
func checkSettings(tx *store.Tx, a types.Api, r types.RouteSettings) error {
	logs := r.LoggingLevel != "" || aws.ToBool(r.DataTraceEnabled)
	switch {
	case aws.ToFloat64(r.ThrottlingRateLimit) < 0:
		return badRequest("Invalid throttling rate limit specified. It must be at least 0.")
	case aws.ToInt32(r.ThrottlingBurstLimit) < 0:
		return badRequest("Invalid throttling burst limit specified. It must be at least 0.")
	case logs && !isWebSocket(a):
		return badRequest("Execution logs are not supported on protocolType HTTP")
	case logs && r.LoggingLevel != types.LoggingLevelOff:
		return apigateway.CanLog(tx)
	}
	return nil
}

// checkAccessLog: only log groups of CloudWatch Logs are taken (cdk-preflight's rules; the text is that of
// REST APIs), for which WebSocket APIs need the account's role (seen: aws-cdk pull request 33977).
func checkAccessLog(tx *store.Tx, a types.Api, log *types.AccessLogSettings) error {
	switch {
	case log == nil:
		return nil
	case !apigateway.IsLogGroup(aws.ToString(log.DestinationArn)):
		return badRequest("The ARN must be a valid CloudWatch Logs log group")
	}
	if err := apigateway.CheckLogFormat(aws.ToString(log.Format)); err != nil || !isWebSocket(a) {
		return err
	}
	return apigateway.CanLog(tx)
}

func checkCertificate(tx *store.Tx, a types.Api, id *string) error {
	switch {
	case id == nil:
		return nil
	case !isWebSocket(a):
		return badRequest("ClientCertificateId is not supported for HTTP protocolType")
	}
	return apigateway.HasCertificate(tx, id)
}
