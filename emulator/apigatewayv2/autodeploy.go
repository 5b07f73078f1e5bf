package apigatewayv2

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// keptDeployments is how many automatic deployments that nothing serves any more an API keeps.
//
// Unlike AWS, older ones go: each holds the whole API, and there is one for every change.
const keptDeployments = 10

// autoDeploy freezes an API that has changed and lets those of its stages serve it that deploy by
// themselves. It returns their names.
func autoDeploy(tx *store.Tx, api string) (names []string, err error) {
	page, err := stages.List(tx, stages.of(api))
	if err != nil {
		return nil, err
	}
	auto := slices.DeleteFunc(slices.Clone(page.Documents), func(d store.Document[types.Stage]) bool { return !aws.ToBool(d.Value.AutoDeploy) })
	if len(auto) == 0 {
		return nil, nil
	}
	id, message, err := deployAutomatically(tx, api)
	if err != nil {
		return nil, err
	}
	served := []string{}
	for _, d := range page.Documents {
		if aws.ToBool(d.Value.AutoDeploy) {
			set(&d.Value.DeploymentId, id)
			d.Value.LastDeploymentStatusMessage, d.Value.LastUpdatedDate = &message, now(tx)
			if err := stages.Put(tx, d); err != nil {
				return nil, err
			}
			names = append(names, *d.Value.StageName)
		}
		served = append(served, aws.ToString(d.Value.DeploymentId))
	}
	return names, dropAutomatic(tx, api, served)
}

// deployAutomatically makes a deployment of an API, and AWS's text about that; both texts were recorded.
func deployAutomatically(tx *store.Tx, api string) (id *string, message string, err error) {
	def, err := read(tx, api)
	if err != nil {
		return nil, "", err
	}
	var refused *types.BadRequestException
	if err := def.deployable(); errors.As(err, &refused) {
		return nil, "Deployment attempt failed: " + *refused.Message, nil
	}
	d := types.Deployment{
		AutoDeployed: aws.Bool(true), Description: aws.String("Automatic deployment triggered by changes to the Api configuration"),
	}
	err = freeze(tx, def, &d)
	return d.DeploymentId, "Successfully deployed stage with deployment ID '" + aws.ToString(d.DeploymentId) + "'", err
}

// dropAutomatic removes the oldest automatic deployments, but for those that are served.
func dropAutomatic(tx *store.Tx, api string, served []string) error {
	page, err := deployments.List(tx, deployments.of(api))
	if err != nil {
		return err
	}
	unused := slices.DeleteFunc(page.Documents, func(d store.Document[types.Deployment]) bool {
		return !aws.ToBool(d.Value.AutoDeployed) || slices.Contains(served, *d.Value.DeploymentId)
	})
	for _, d := range unused[:max(0, len(unused)-keptDeployments)] {
		if err := deployments.Delete(tx, d.ID); err != nil {
			return err
		}
	}
	return nil
}
