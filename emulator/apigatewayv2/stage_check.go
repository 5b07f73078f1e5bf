package apigatewayv2

import (
	"errors"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/emulator/store"
)

var stageName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)

func errAutoDeployed() error {
	return badRequest("Deployment ID cannot be set on a stage with AutoDeploy enabled")
}

// checkStage refuses what CreateStage and UpdateStage do.
func checkStage(tx *store.Tx, a types.Api, stage types.Stage) error {
	name, websocket := *stage.StageName, a.ProtocolType == types.ProtocolTypeWebsocket
	switch {
	case !stageName.MatchString(name) && (websocket || name != apigw.DefaultStage):
		return badRequest("Stage name only allows a-zA-Z0-9_")
	case websocket && aws.ToBool(stage.AutoDeploy):
		return badRequest("AutoDeploy is not supported for WEBSOCKET APIs")
	}
	return hasDeployment(tx, a, stage)
}

// hasDeployment requires that a stage's deployment exists, if it has one.
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
