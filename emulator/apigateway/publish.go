package apigateway

import (
	"cmp"
	"context"
	"errors"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// Snapshot reads what serving a stage needs, whosever the API is: ErrNoAPI or
// ErrNoStage where there is none.
func (s *Service) Snapshot(ctx context.Context, restAPIID, stageName string) (Snapshot, error) {
	var out Snapshot
	sc, err := s.store.Locate(ctx, service, restAPIs.Name, restAPIID)
	if errors.Is(err, store.ErrNotFound) {
		return out, ErrNoAPI
	}
	if err != nil {
		return out, err
	}
	err = s.store.View(ctx, sc, func(tx *store.Tx) error {
		stage, err := stages.Get(tx, restAPIID+"/"+stageName)
		if errors.Is(err, store.ErrNotFound) {
			return ErrNoStage
		}
		if err != nil {
			return err
		}
		if out, err = readSnapshot(tx, restAPIID, stage.Value); err != nil {
			return err
		}
		if stage.Value.CanarySettings != nil {
			canary, err := readSnapshot(tx, restAPIID, canaryOf(stage.Value))
			out.Canary = &canary
			return err
		}
		return nil
	})
	return out, err
}

// readSnapshot reads what a stage's deployment froze.
func readSnapshot(tx *store.Tx, api string, stage types.Stage) (Snapshot, error) {
	def, err := definitions.Get(tx, api+"/"+aws.ToString(stage.DeploymentId))
	if err != nil {
		return Snapshot{}, err
	}
	return snapshotOf(tx, def.Value, stage)
}

// snapshotOf joins a definition and a stage with what both name and is not frozen.
func snapshotOf(tx *store.Tx, d definition, stage types.Stage) (Snapshot, error) {
	sc := tx.Scope()
	links, err := allVpcLinks(tx)
	if err != nil {
		return Snapshot{}, err
	}
	linksV2, err := VPCLinksV2.List(tx, store.Query{})
	if err != nil {
		return Snapshot{}, err
	}
	certificate, err := privateCertificate(tx, stage)
	return Snapshot{
		AccountID: sc.Account, Region: sc.Region,
		API: d.API, Resources: d.Resources, Models: d.Models,
		RequestValidators: d.RequestValidators, Authorizers: d.Authorizers, GatewayResponses: d.GatewayResponses,
		Stage: stage, VPCLinks: links, VPCLinksV2: linksV2.Values(), ClientCertificate: certificate,
	}, err
}

// canaryOf is a stage as its canary serves it: another deployment, and variables over
// the stage's own.
func canaryOf(s types.Stage) types.Stage {
	c := s.CanarySettings
	s.DeploymentId = cmp.Or(c.DeploymentId, s.DeploymentId)
	s.Variables = maps.Clone(s.Variables)
	for name, value := range c.StageVariableOverrides {
		setVariable(&s, name, value)
	}
	return s
}
