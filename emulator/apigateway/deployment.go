package apigateway

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// deployments are stored under "restApiId/deploymentId".
var deployments = store.Kind[types.Deployment]{Service: service, Name: "deployment"}

func deploymentRef(api, id string) *store.Ref {
	return &store.Ref{Kind: deployments.Name, ID: api + "/" + id}
}

// getDeployment reads a deployment of an API, which may be the one not to be there.
func getDeployment(tx *store.Tx, api, id *string) (store.Document[types.Deployment], error) {
	d, err := deployments.Get(tx, aws.ToString(api)+"/"+aws.ToString(id))
	if errors.Is(err, store.ErrNotFound) {
		if _, err := getAPI(tx, api); err != nil {
			return d, err
		}
	}
	return d, missing(err, "Invalid Deployment identifier specified")
}

// hasDeployment requires that a stage's deployment exists; the error is not the
// one of GetDeployment (recorded).
func hasDeployment(tx *store.Tx, api string, id *string) error {
	_, err := deployments.Get(tx, api+"/"+aws.ToString(id))
	if errors.Is(err, store.ErrNotFound) {
		return badRequest("Deployment id does not exist")
	}
	return err
}

// CreateDeployment freezes the API as it is now. With a stage name it creates the
// stage or lets it serve the new deployment, with canary settings a part of it.
func (s *Service) CreateDeployment(ctx context.Context, in *sdk.CreateDeploymentInput) (*sdk.CreateDeploymentOutput, error) {
	if err := checkDeployment(in); err != nil {
		return nil, err
	}
	var d types.Deployment
	err := s.update(ctx, func(tx *store.Tx) error {
		api, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		if d, err = freeze(tx, api, in.Description); err != nil {
			return err
		}
		if err := deploy(tx, in, *d.Id); err != nil {
			return err
		}
		return within(tx, s.quotas, quota.Stages, stages, api.ID)
	})
	if err == nil && aws.ToString(in.StageName) != "" {
		s.live.Changed(ctx, *in.RestApiId, *in.StageName)
	}
	return wire.Answer[sdk.CreateDeploymentOutput](d, err)
}

func checkDeployment(in *sdk.CreateDeploymentInput) error {
	name := aws.ToString(in.StageName)
	switch {
	case in.CanarySettings != nil && in.StageName == nil:
		return badRequest("Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided value is null")
	case in.CanarySettings != nil && name == "":
		return badRequest("Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided value is ")
	case name == "":
		return nil
	}
	if err := checkStageName(name); err != nil {
		return err
	}
	if err := CheckVariables(in.Variables); err != nil {
		return err
	}
	if c := in.CanarySettings; c != nil {
		return checkCanary(c.PercentTraffic, c.StageVariableOverrides)
	}
	return nil
}

// freeze writes the definition of an API as it is now, and a deployment of it.
func freeze(tx *store.Tx, api store.Document[restAPI], description *string) (types.Deployment, error) {
	d := types.Deployment{
		Id:          aws.String(tx.ID(6)),
		CreatedDate: aws.Time(tx.Now().Truncate(time.Second)),
		Description: description,
	}
	def, err := read(tx, api)
	if err != nil {
		return d, err
	}
	if err := def.deployable(); err != nil {
		return d, err
	}
	id := api.ID + "/" + *d.Id
	if err := deployments.Insert(tx, store.Document[types.Deployment]{ID: id, Parent: apiRef(api.ID), Value: d}); err != nil {
		return d, err
	}
	return d, definitions.Insert(tx, store.Document[definition]{ID: id, Parent: deploymentRef(api.ID, *d.Id), Value: def})
}

// deploy lets the stage that a CreateDeployment names serve the new deployment.
func deploy(tx *store.Tx, in *sdk.CreateDeploymentInput, deployment string) error {
	name := aws.ToString(in.StageName)
	if name == "" {
		return nil
	}
	d, err := stages.Get(tx, *in.RestApiId+"/"+name)
	isNew := errors.Is(err, store.ErrNotFound)
	switch {
	case isNew && in.CanarySettings != nil:
		return badRequest("Invalid deployment content specified.Stage %s must already be created before making a canary release deployment", name)
	case isNew:
		d = stageDocument(*in.RestApiId, newStage(tx, name))
	case err != nil:
		return err
	}
	redeploy(&d.Value, in, deployment)
	d.Value.LastUpdatedDate = aws.Time(tx.Now().Truncate(time.Second))
	return stages.Put(tx, d)
}

// redeploy changes a stage as a CreateDeployment asks: what it leaves out stays.
func redeploy(s *types.Stage, in *sdk.CreateDeploymentInput, deployment string) {
	if c := in.CanarySettings; c != nil {
		s.CanarySettings = &types.CanarySettings{
			DeploymentId: &deployment, PercentTraffic: c.PercentTraffic,
			StageVariableOverrides: c.StageVariableOverrides, UseStageCache: c.UseStageCache,
		}
	} else {
		s.DeploymentId = &deployment
	}
	if in.StageDescription != nil {
		s.Description = in.StageDescription
	}
	if in.TracingEnabled != nil {
		s.TracingEnabled = *in.TracingEnabled
	}
	if in.CacheClusterSize != "" {
		s.CacheClusterSize = in.CacheClusterSize
	}
	if in.CacheClusterEnabled != nil {
		enableCache(s, *in.CacheClusterEnabled)
	}
	for name, value := range in.Variables {
		setVariable(s, name, value)
	}
}

// GetDeployment reads a deployment; embed=apisummary adds what it serves.
func (s *Service) GetDeployment(ctx context.Context, in *sdk.GetDeploymentInput) (*sdk.GetDeploymentOutput, error) {
	for _, e := range in.Embed {
		if e != "apisummary" {
			return nil, badRequest("Invalid embed parameter: %s", e)
		}
	}
	var d types.Deployment
	err := s.view(ctx, func(tx *store.Tx) error {
		found, err := getDeployment(tx, in.RestApiId, in.DeploymentId)
		if d = found.Value; err != nil || len(in.Embed) == 0 {
			return err
		}
		def, err := definitions.Get(tx, found.ID)
		d.ApiSummary = def.Value.summary()
		return err
	})
	return wire.Answer[sdk.GetDeploymentOutput](d, err)
}

// GetDeployments lists the deployments of an API, oldest first.
func (s *Service) GetDeployments(ctx context.Context, in *sdk.GetDeploymentsInput) (*sdk.GetDeploymentsOutput, error) {
	out := &sdk.GetDeploymentsOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		q := store.Query{Parent: apiRef(d.ID), Order: store.ByCreated}
		out.Items, out.Position, err = list(tx, deployments, q, in.Limit, in.Position)
		return err
	})
	return out, err
}

// DeleteDeployment removes a deployment that no stage serves.
func (s *Service) DeleteDeployment(ctx context.Context, in *sdk.DeleteDeploymentInput) (*sdk.DeleteDeploymentOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getDeployment(tx, in.RestApiId, in.DeploymentId)
		if err != nil {
			return err
		}
		p, err := stages.List(tx, store.Query{Parent: apiRef(*in.RestApiId)})
		if err != nil {
			return err
		}
		for _, stage := range p.Documents {
			if serves(stage.Value, *d.Value.Id) {
				return badRequest("Active stages pointing to this deployment must be moved or deleted")
			}
		}
		return deployments.Delete(tx, d.ID)
	})
	return &sdk.DeleteDeploymentOutput{}, err
}

func serves(s types.Stage, deployment string) bool {
	return aws.ToString(s.DeploymentId) == deployment ||
		s.CanarySettings != nil && aws.ToString(s.CanarySettings.DeploymentId) == deployment
}

var deploymentPatches = patchTable[types.Deployment]{
	rules: []rule[types.Deployment]{
		{types.OpReplace, "/description", setText(func(d *types.Deployment) **string { return &d.Description })},
	},
	unknown: strict,
}

// UpdateDeployment changes the description of a deployment, the only thing about
// it that can change.
func (s *Service) UpdateDeployment(ctx context.Context, in *sdk.UpdateDeploymentInput) (*sdk.UpdateDeploymentOutput, error) {
	var out types.Deployment
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getDeployment(tx, in.RestApiId, in.DeploymentId)
		if err != nil {
			return err
		}
		if err := deploymentPatches.apply(&d.Value, in.PatchOperations); err != nil {
			return err
		}
		out = d.Value
		return deployments.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateDeploymentOutput](out, err)
}
