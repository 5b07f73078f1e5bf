package apigatewayv2

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"

	"postern/emulator/apigateway"
	"postern/emulator/store"
)

// DeleteVpcLink removes a link that no route, and no stage of a REST API, leads through.
func (s *Service) DeleteVpcLink(ctx context.Context, in *sdk.DeleteVpcLinkInput) (*sdk.DeleteVpcLinkOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getVPCLink(tx, in.VpcLinkId)
		if err != nil {
			return err
		}
		users, err := usersOfLink(tx, d.ID)
		if err != nil {
			return err
		}
		if len(users) > 0 { // as a user of Terraform was told
			return badRequest("Cannot delete vpc link. Vpc link '%s', is referenced in [%s] in format of [Method:Resource].", d.ID, strings.Join(users, ", "))
		}
		if err := apigateway.CheckLinkUnused(tx, d.ID); err != nil {
			return err
		}
		return vpcLinks.Delete(tx, d.ID)
	})
	return &sdk.DeleteVpcLinkOutput{}, err
}

// usersOfLink names the routes, with the verb of their integration, that lead through a link.
func usersOfLink(tx *store.Tx, id string) (users []string, err error) {
	all, err := integrations.List(tx, store.Query{})
	for _, d := range all.Documents {
		if aws.ToString(d.Value.ConnectionId) != id || err != nil {
			continue
		}
		leading, err := routes.all(tx, d.Parent.ID)
		if err != nil {
			return nil, err
		}
		for _, r := range leading {
			if aws.ToString(r.Target) == "integrations/"+*d.Value.IntegrationId {
				users = append(users, aws.ToString(d.Value.IntegrationMethod)+":"+*r.RouteId)
			}
		}
	}
	return users, err
}
