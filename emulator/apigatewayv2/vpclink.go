package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var vpcLinks = apigateway.VPCLinksV2

func vpcLinkDocument(l types.VpcLink) store.Document[types.VpcLink] {
	return store.Document[types.VpcLink]{ID: *l.VpcLinkId, Name: *l.Name, Value: l}
}

func getVPCLink(tx *store.Tx, id *string) (store.Document[types.VpcLink], error) {
	d, err := vpcLinks.Get(tx, aws.ToString(id))
	return d, missing(err, "Invalid Vpc Link identifier specified")
}

// allVPCLinks reads the VPC links of the account and region.
func allVPCLinks(tx *store.Tx) ([]types.VpcLink, error) {
	p, err := vpcLinks.List(tx, store.Query{Order: store.ByCreated})
	return p.Values(), err
}

const (
	maxLinkName = 128
	maxSubnets  = 10 // HTTP API guide, "Quotas"
)

func checkLinkName(name *string) error {
	if n := len(aws.ToString(name)); n < 1 || n > maxLinkName {
		return badRequest("Invalid name specified. It must have 1 to %d characters.", maxLinkName)
	}
	return nil
}

// checkVPCLink refuses what CreateVpcLink does. Unlike AWS, which looks for them in the account's VPCs,
// any subnets and security groups will do: there are none here.
func checkVPCLink(in *sdk.CreateVpcLinkInput) error {
	if err := checkLinkName(in.Name); err != nil {
		return err
	}
	if n := len(in.SubnetIds); n < 1 || n > maxSubnets {
		return badRequest("Invalid subnetIds specified. There must be 1 to %d subnets.", maxSubnets)
	}
	return apigateway.CheckTags(in.Tags)
}

// CreateVpcLink adds a link. What it answers is the link as AWS begins it; the next look finds it
// available (AWS CLI's examples).
func (s *Service) CreateVpcLink(ctx context.Context, in *sdk.CreateVpcLinkInput) (*sdk.CreateVpcLinkOutput, error) {
	if err := checkVPCLink(in); err != nil {
		return nil, err
	}
	l := types.VpcLink{
		Name: in.Name, SubnetIds: in.SubnetIds, SecurityGroupIds: in.SecurityGroupIds, Tags: in.Tags, VpcLinkVersion: types.VpcLinkVersionV2,
		VpcLinkStatus: types.VpcLinkStatusAvailable, VpcLinkStatusMessage: aws.String("VPC link is ready to route traffic"),
	}
	if l.SecurityGroupIds == nil {
		l.SecurityGroupIds = []string{}
	}
	if l.Tags == nil {
		l.Tags = map[string]string{}
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		l.VpcLinkId, l.CreatedDate = aws.String(tx.ID(6)), now(tx)
		if err := vpcLinks.Insert(tx, vpcLinkDocument(l)); err != nil {
			return err
		}
		has, err := vpcLinks.Count(tx, store.Query{})
		if err != nil {
			return err
		}
		return exceededByAccount(s.quotas, quota.VPCLinksV2, has)
	})
	l.VpcLinkStatus, l.VpcLinkStatusMessage = types.VpcLinkStatusPending, aws.String("VPC link is provisioning ENIs")
	return wire.Answer[sdk.CreateVpcLinkOutput](l, err)
}

// GetVpcLink reads a link.
func (s *Service) GetVpcLink(ctx context.Context, in *sdk.GetVpcLinkInput) (*sdk.GetVpcLinkOutput, error) {
	var l types.VpcLink
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getVPCLink(tx, in.VpcLinkId)
		l = d.Value
		return err
	})
	return wire.Answer[sdk.GetVpcLinkOutput](l, err)
}

// GetVpcLinks lists links, oldest first.
func (s *Service) GetVpcLinks(ctx context.Context, in *sdk.GetVpcLinksInput) (*sdk.GetVpcLinksOutput, error) {
	out := &sdk.GetVpcLinksOutput{}
	err := s.view(ctx, func(tx *store.Tx) (err error) {
		out.Items, out.NextToken, err = page(tx, vpcLinks, store.Query{Order: store.ByCreated}, in.MaxResults, in.NextToken)
		return err
	})
	return out, err
}

// UpdateVpcLink changes the name of a link: nothing else of it can be.
func (s *Service) UpdateVpcLink(ctx context.Context, in *sdk.UpdateVpcLinkInput) (*sdk.UpdateVpcLinkOutput, error) {
	var l types.VpcLink
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getVPCLink(tx, in.VpcLinkId)
		if err != nil {
			return err
		}
		if l = d.Value; in.Name == nil {
			return nil
		}
		if err := checkLinkName(in.Name); err != nil {
			return err
		}
		l.Name = in.Name
		return vpcLinks.Put(tx, vpcLinkDocument(l))
	})
	return wire.Answer[sdk.UpdateVpcLinkOutput](l, err)
}
