package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/emulator/apigateway"
	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var stages = part[types.Stage]{
	Kind: store.Kind[types.Stage]{Service: service, Name: "stage"}, owner: apis.Name, missing: "Invalid stage identifier specified",
}

// CreateStage adds a stage. One that deploys by itself serves the API as it is now.
func (s *Service) CreateStage(ctx context.Context, in *sdk.CreateStageInput) (*sdk.CreateStageOutput, error) {
	stage := types.Stage{
		StageName: in.StageName, AccessLogSettings: in.AccessLogSettings, AutoDeploy: in.AutoDeploy, ClientCertificateId: text(in.ClientCertificateId),
		DefaultRouteSettings: in.DefaultRouteSettings, DeploymentId: text(in.DeploymentId), Description: text(in.Description),
		RouteSettings: in.RouteSettings, StageVariables: in.StageVariables, Tags: in.Tags,
	}
	if aws.ToBool(stage.AutoDeploy) && stage.DeploymentId != nil {
		return nil, errAutoDeployed()
	}
	var changed []string
	err := s.update(ctx, func(tx *store.Tx) error {
		api, err := getAPI(tx, in.ApiId)
		if err != nil {
			return err
		}
		if err := insertStage(tx, api.Value, &stage); err != nil {
			return err
		}
		if err := within(tx, s.quotas, quota.Stages, stages, api.ID); err != nil || !aws.ToBool(stage.AutoDeploy) {
			return err
		}
		stage, changed, err = deployFirst(tx, api.ID, stage)
		return err
	})
	if err == nil {
		s.live.Changed(ctx, *in.ApiId, append(changed, *in.StageName, apigw.DefaultStage)...)
	}
	return wire.Answer[sdk.CreateStageOutput](stage, err)
}

// deployFirst makes the first deployment of a stage that deploys by itself from now on. It returns the
// stage as it is then, and what has to be published.
func deployFirst(tx *store.Tx, api string, stage types.Stage) (types.Stage, []string, error) {
	changed, err := autoDeploy(tx, api)
	if err != nil {
		return stage, nil, err
	}
	d, err := stages.get(tx, api, stage.StageName)
	return d.Value, changed, err
}

// insertStage completes and checks a stage and adds it.
func insertStage(tx *store.Tx, a types.Api, stage *types.Stage) error {
	fillStage(stage)
	stage.CreatedDate, stage.LastUpdatedDate = now(tx), now(tx)
	if err := checkStage(tx, a, *stage); err != nil {
		return err
	}
	return taken(stages.Insert(tx, stageDocument(a, *stage)), "Stage already exists")
}

func stageDocument(a types.Api, stage types.Stage) store.Document[types.Stage] {
	return stages.document(*a.ApiId, *stage.StageName, *stage.StageName, stage)
}

// fillStage sets what AWS sets.
func fillStage(stage *types.Stage) {
	if stage.DefaultRouteSettings == nil {
		stage.DefaultRouteSettings = &types.RouteSettings{}
	}
	if stage.DefaultRouteSettings.DetailedMetricsEnabled == nil {
		stage.DefaultRouteSettings.DetailedMetricsEnabled = aws.Bool(false)
	}
	if stage.RouteSettings == nil {
		stage.RouteSettings = map[string]types.RouteSettings{}
	}
	if stage.StageVariables == nil {
		stage.StageVariables = map[string]string{}
	}
	if stage.Tags == nil {
		stage.Tags = map[string]string{}
	}
}

// GetStage reads a stage.
func (s *Service) GetStage(ctx context.Context, in *sdk.GetStageInput) (*sdk.GetStageOutput, error) {
	stage, err := find(ctx, s, stages, ofAPI(in.ApiId), in.StageName)
	return wire.Answer[sdk.GetStageOutput](stage, err)
}

// GetStages lists the stages of an API, oldest first.
func (s *Service) GetStages(ctx context.Context, in *sdk.GetStagesInput) (*sdk.GetStagesOutput, error) {
	items, next, err := list(ctx, s, stages, ofAPI(in.ApiId), in.MaxResults, in.NextToken)
	return &sdk.GetStagesOutput{Items: items, NextToken: next}, err
}

// unmanagedStage reads a stage that may be changed: not one that a quick create made.
func unmanagedStage(tx *store.Tx, api, name *string) (store.Document[types.Stage], error) {
	d, err := stages.find(tx, ofAPI(api), name)
	if err == nil && aws.ToBool(d.Value.ApiGatewayManaged) {
		err = errManaged("stage")
	}
	return d, err
}

// UpdateStage changes a stage, which serves that when UpdateStage returns.
func (s *Service) UpdateStage(ctx context.Context, in *sdk.UpdateStageInput) (*sdk.UpdateStageOutput, error) {
	var out types.Stage
	var changed []string
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := unmanagedStage(tx, in.ApiId, in.StageName)
		if err != nil {
			return err
		}
		if out, err = updatedStage(d.Value, in); err != nil {
			return err
		}
		if err := putStage(tx, *in.ApiId, &out); err != nil || !aws.ToBool(out.AutoDeploy) || aws.ToBool(d.Value.AutoDeploy) {
			return err
		}
		out, changed, err = deployFirst(tx, *in.ApiId, out)
		return err
	})
	if err == nil {
		s.live.Changed(ctx, *in.ApiId, append(changed, *in.StageName)...)
	}
	return wire.Answer[sdk.UpdateStageOutput](out, err)
}

// putStage checks and stores a stage that was changed.
func putStage(tx *store.Tx, api string, stage *types.Stage) error {
	d, err := getAPI(tx, &api)
	if err != nil {
		return err
	}
	stage.LastUpdatedDate = now(tx)
	if err := checkStage(tx, d.Value, *stage); err != nil {
		return err
	}
	return stages.Put(tx, stageDocument(d.Value, *stage))
}

// updatedStage is a stage with what an update has.
func updatedStage(stage types.Stage, in *sdk.UpdateStageInput) (types.Stage, error) {
	if in.AccessLogSettings != nil {
		log := types.AccessLogSettings{}
		if stage.AccessLogSettings != nil {
			log = *stage.AccessLogSettings
		}
		setText(&log.DestinationArn, in.AccessLogSettings.DestinationArn)
		setText(&log.Format, in.AccessLogSettings.Format)
		stage.AccessLogSettings = &log
	}
	set(&stage.AutoDeploy, in.AutoDeploy)
	if aws.ToBool(stage.AutoDeploy) && text(in.DeploymentId) != nil {
		return stage, errAutoDeployed()
	}
	if !aws.ToBool(stage.AutoDeploy) {
		stage.LastDeploymentStatusMessage = nil
	}
	setText(&stage.ClientCertificateId, in.ClientCertificateId)
	setText(&stage.DeploymentId, in.DeploymentId)
	setText(&stage.Description, in.Description)
	if in.DefaultRouteSettings != nil {
		settings := mergeSettings(*stage.DefaultRouteSettings, *in.DefaultRouteSettings)
		stage.DefaultRouteSettings = &settings
	}
	settings := map[string]types.RouteSettings{}
	for key, with := range in.RouteSettings {
		settings[key] = mergeSettings(stage.RouteSettings[key], with)
	}
	merge(&stage.RouteSettings, settings, never)
	mergeMap(&stage.StageVariables, in.StageVariables)
	return stage, nil
}

// DeleteStage removes a stage, from its usage plans too, and ends its service.
func (s *Service) DeleteStage(ctx context.Context, in *sdk.DeleteStageInput) (*sdk.DeleteStageOutput, error) {
	var plans []string
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := unmanagedStage(tx, in.ApiId, in.StageName)
		if err != nil {
			return err
		}
		if plans, err = apigateway.Detach(tx, *in.ApiId, *in.StageName); err != nil {
			return err
		}
		return stages.Delete(tx, d.ID)
	})
	if err == nil {
		s.rest.PlanChanged(ctx, plans...)
		s.live.Changed(ctx, *in.ApiId, *in.StageName, apigw.DefaultStage)
	}
	return &sdk.DeleteStageOutput{}, err
}
