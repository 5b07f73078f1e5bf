package apigatewayv2

import (
	"cmp"
	"context"
	"errors"

	"postern/emulator/store"
)

// Snapshot reads what serving a stage needs, whosever the API is: ErrNoAPI or ErrNoStage where there is
// none. With ErrNoStage comes a Snapshot that has the API alone.
func (s *Service) Snapshot(ctx context.Context, apiID, stageName string) (out Snapshot, err error) {
	sc, err := s.store.Locate(ctx, service, apis.Name, apiID)
	if errors.Is(err, store.ErrNotFound) {
		return out, ErrNoAPI
	}
	if err != nil {
		return out, err
	}
	err = s.store.View(ctx, sc, func(tx *store.Tx) error {
		out, err = readSnapshot(tx, apiID, stageName)
		return err
	})
	return out, err
}

// readSnapshot joins a stage with what its deployment froze, and with what both name and is not frozen.
func readSnapshot(tx *store.Tx, api, stageName string) (out Snapshot, err error) {
	all, err := stages.all(tx, api)
	if err != nil {
		return out, err
	}
	found := false
	for _, stage := range all {
		if *stage.StageName == stageName {
			out.Stage, found = stage, stage.DeploymentId != nil
		} else {
			out.Siblings = append(out.Siblings, *stage.StageName)
		}
	}
	if !found {
		d, err := apis.Get(tx, api)
		return Snapshot{API: d.Value}, cmp.Or(err, ErrNoStage)
	}
	d, err := definitions.Get(tx, api+"/"+*out.Stage.DeploymentId)
	if err != nil {
		return out, err
	}
	def := d.Value
	out.AccountID, out.Region = tx.Scope().Account, tx.Scope().Region
	out.API, out.Routes, out.Integrations, out.Authorizers, out.Models = def.API, def.Routes, def.Integrations, def.Authorizers, def.Models
	out.IntegrationResponses, out.RouteResponses = def.IntegrationResponses, def.RouteResponses
	out.VPCLinks, err = allVPCLinks(tx)
	return out, err
}
