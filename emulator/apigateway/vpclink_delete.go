package apigateway

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// DeleteVpcLink removes a link that no stage uses.
func (s *Service) DeleteVpcLink(ctx context.Context, in *sdk.DeleteVpcLinkInput) (*sdk.DeleteVpcLinkOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getVpcLink(tx, in.VpcLinkId)
		if err != nil {
			return err
		}
		if err := CheckLinkUnused(tx, d.ID); err != nil {
			return err
		}
		return vpcLinks.Delete(tx, d.ID)
	})
	return &sdk.DeleteVpcLinkOutput{}, err
}

// CheckLinkUnused refuses the end of a link, of either version, that a stage of a REST API uses.
func CheckLinkUnused(tx *store.Tx, id string) error {
	users, err := usersOfLink(tx, id)
	if len(users) > 0 { // as users of Terraform and Pulumi were told
		return badRequest("Cannot delete vpc link. Vpc link '%s', is referenced in [%s] in format of [RESTApiId:Method:Resource:Stage].",
			id, strings.Join(users, ", "))
	}
	return err
}

// usersOfLink names the methods of stages that call through a link.
func usersOfLink(tx *store.Tx, id string) (users []string, err error) {
	all, err := stages.List(tx, store.Query{})
	for _, d := range all.Documents {
		if err != nil {
			return nil, err
		}
		api, _, _ := strings.Cut(d.ID, "/")
		served := []types.Stage{d.Value}
		if d.Value.CanarySettings != nil {
			served = append(served, canaryOf(d.Value))
		}
		for _, stage := range served {
			def, err := definitions.Get(tx, api+"/"+aws.ToString(stage.DeploymentId))
			if err != nil {
				return nil, err
			}
			users = append(users, linked(def.Value, stage, api, id)...)
		}
	}
	return slices.Compact(users), err
}

func linked(def definition, stage types.Stage, api, id string) (users []string) {
	for _, r := range slices.SortedFunc(slices.Values(def.Resources), func(a, b types.Resource) int { return cmp.Compare(*a.Id, *b.Id) }) {
		for _, verb := range slices.Sorted(maps.Keys(r.ResourceMethods)) {
			if i := r.ResourceMethods[verb].MethodIntegration; i != nil && connection(*i, stage.Variables) == id {
				users = append(users, strings.Join([]string{api, verb, *r.Id, *stage.StageName}, ":"))
			}
		}
	}
	return users
}

// connection is the connectionId of an integration on a stage, whose variables may name it.
func connection(i types.Integration, variables map[string]string) string {
	id := aws.ToString(i.ConnectionId)
	for name, value := range variables {
		id = strings.ReplaceAll(id, "${stageVariables."+name+"}", value)
	}
	return id
}
