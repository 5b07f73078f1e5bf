package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var deployments = part[types.Deployment]{
	Kind: store.Kind[types.Deployment]{Service: service, Name: "deployment"}, owner: apis.Name, missing: "Invalid Deployment identifier specified",
}

// CreateDeployment freezes the API as it is now. With a stage name that stage serves it.
func (s *Service) CreateDeployment(ctx context.Context, in *sdk.CreateDeploymentInput) (*sdk.CreateDeploymentOutput, error) {
	d := types.Deployment{Description: text(in.Description), AutoDeployed: aws.Bool(false)}
	err := s.update(ctx, func(tx *store.Tx) error {
		api, err := getAPI(tx, in.ApiId)
		if err != nil {
			return err
		}
		def, err := read(tx, api.ID)
		if err != nil {
			return err
		}
		if err := def.deployable(); err != nil {
			return err
		}
		if err := freeze(tx, def, &d); err != nil {
			return err
		}
		return deploy(tx, api.ID, text(in.StageName), d)
	})
	if err == nil && text(in.StageName) != nil {
		s.live.Changed(ctx, *in.ApiId, *in.StageName)
	}
	return wire.Answer[sdk.CreateDeploymentOutput](d, err)
}

// freeze writes a definition and a deployment of it.
func freeze(tx *store.Tx, def definition, d *types.Deployment) error {
	d.DeploymentId, d.CreatedDate, d.DeploymentStatus = aws.String(tx.ID(6)), now(tx), types.DeploymentStatusDeployed
	doc := deployments.document(*def.API.ApiId, *d.DeploymentId, "", *d)
	if err := deployments.Insert(tx, doc); err != nil {
		return err
	}
	return definitions.Insert(tx, store.Document[definition]{ID: doc.ID, Parent: &store.Ref{Kind: deployments.Name, ID: doc.ID}, Value: def})
}

// deploy lets a stage serve a deployment; without a name it is nothing to do.
func deploy(tx *store.Tx, api string, name *string, d types.Deployment) error {
	if name == nil {
		return nil
	}
	stage, err := stages.get(tx, api, name)
	if err != nil {
		return err
	}
	if aws.ToBool(stage.Value.AutoDeploy) {
		return errAutoDeployed()
	}
	stage.Value.DeploymentId, stage.Value.LastUpdatedDate = d.DeploymentId, now(tx)
	return stages.Put(tx, stage)
}

// GetDeployment reads a deployment.
func (s *Service) GetDeployment(ctx context.Context, in *sdk.GetDeploymentInput) (*sdk.GetDeploymentOutput, error) {
	d, err := find(ctx, s, deployments, ofAPI(in.ApiId), in.DeploymentId)
	return wire.Answer[sdk.GetDeploymentOutput](d, err)
}

// GetDeployments lists the deployments of an API, oldest first.
func (s *Service) GetDeployments(ctx context.Context, in *sdk.GetDeploymentsInput) (*sdk.GetDeploymentsOutput, error) {
	items, next, err := list(ctx, s, deployments, ofAPI(in.ApiId), in.MaxResults, in.NextToken)
	return &sdk.GetDeploymentsOutput{Items: items, NextToken: next}, err
}

// UpdateDeployment changes the description of a deployment, the only thing about it that can change.
func (s *Service) UpdateDeployment(ctx context.Context, in *sdk.UpdateDeploymentInput) (*sdk.UpdateDeploymentOutput, error) {
	var out types.Deployment
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := deployments.find(tx, ofAPI(in.ApiId), in.DeploymentId)
		if err != nil {
			return err
		}
		setText(&d.Value.Description, in.Description)
		out = d.Value
		return deployments.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateDeploymentOutput](out, err)
}

// DeleteDeployment removes a deployment that no stage serves.
func (s *Service) DeleteDeployment(ctx context.Context, in *sdk.DeleteDeploymentInput) (*sdk.DeleteDeploymentOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := deployments.find(tx, ofAPI(in.ApiId), in.DeploymentId)
		if err != nil {
			return err
		}
		all, err := stages.all(tx, *in.ApiId)
		if err != nil {
			return err
		}
		for _, stage := range all {
			if aws.ToString(stage.DeploymentId) == *d.Value.DeploymentId {
				return badRequest("Active stages pointing to this deployment must be moved or deleted")
			}
		}
		return deployments.Delete(tx, d.ID)
	})
	return &sdk.DeleteDeploymentOutput{}, err
}
