package apigateway

import (
	"context"
	"postern/emulator/lazyregexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var vpcLinks = store.Kind[types.VpcLink]{Service: service, Name: "vpclink"}

func vpcLinkDocument(l types.VpcLink) store.Document[types.VpcLink] {
	return store.Document[types.VpcLink]{ID: *l.Id, Name: aws.ToString(l.Name), Value: l}
}

func getVpcLink(tx *store.Tx, id *string) (store.Document[types.VpcLink], error) {
	d, err := vpcLinks.Get(tx, aws.ToString(id))
	return d, missing(err, "Invalid Vpc Link identifier specified")
}

// allVpcLinks are those of the account and region.
func allVpcLinks(tx *store.Tx) (all []types.VpcLink, err error) {
	p, err := vpcLinks.List(tx, store.Query{Order: store.ByCreated})
	for _, d := range p.Documents {
		all = append(all, d.Value)
	}
	return all, err
}

var wellFormedARN = lazyregexp.New(`^arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+$`)

// checkVpcLink refuses what CreateVpcLink does. Unlike AWS, which finds out later and makes the
// link FAILED, nobody looks whether the target is there.
func checkVpcLink(in *sdk.CreateVpcLinkInput) error {
	switch {
	case aws.ToString(in.Name) == "":
		return badRequest("Name cannot be empty")
	case len(in.TargetArns) == 0:
		return badRequest("At least one target arn must be specified for vpc link.")
	case len(in.TargetArns) > 1:
		return badRequest("More than one target arn specified for vpc link.")
	case !wellFormedARN.MatchString(in.TargetArns[0]):
		return badRequest("Invalid ARN. ARN is not well formed %s", in.TargetArns[0])
	}
	return CheckTags(in.Tags)
}

// CreateVpcLink adds a link. What it answers is the link as AWS begins it; the next look finds it
// available.
func (s *Service) CreateVpcLink(ctx context.Context, in *sdk.CreateVpcLinkInput) (*sdk.CreateVpcLinkOutput, error) {
	if err := checkVpcLink(in); err != nil {
		return nil, err
	}
	l := types.VpcLink{
		Name: in.Name, Description: in.Description, TargetArns: in.TargetArns, Tags: in.Tags,
		Status: types.VpcLinkStatusAvailable, StatusMessage: aws.String("Your vpc link is ready for use"),
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		l.Id = aws.String(tx.ID(6))
		if err := vpcLinks.Insert(tx, vpcLinkDocument(l)); err != nil {
			return err
		}
		return withinAccount(tx, s.quotas, quota.VPCLinks, vpcLinks)
	})
	l.Status, l.StatusMessage = types.VpcLinkStatusPending, nil
	return wire.Answer[sdk.CreateVpcLinkOutput](l, err)
}

// describeVpcLink is a link as all other operations show it: with tags, be they none.
func describeVpcLink(l types.VpcLink) types.VpcLink {
	if l.Tags == nil {
		l.Tags = map[string]string{}
	}
	return l
}

// GetVpcLink reads a link.
func (s *Service) GetVpcLink(ctx context.Context, in *sdk.GetVpcLinkInput) (*sdk.GetVpcLinkOutput, error) {
	var l types.VpcLink
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getVpcLink(tx, in.VpcLinkId)
		l = describeVpcLink(d.Value)
		return err
	})
	return wire.Answer[sdk.GetVpcLinkOutput](l, err)
}

// GetVpcLinks lists links, oldest first.
func (s *Service) GetVpcLinks(ctx context.Context, in *sdk.GetVpcLinksInput) (*sdk.GetVpcLinksOutput, error) {
	out := &sdk.GetVpcLinksOutput{}
	err := s.view(ctx, func(tx *store.Tx) (err error) {
		out.Items, out.Position, err = list(tx, vpcLinks, store.Query{Order: store.ByCreated}, in.Limit, in.Position)
		for i := range out.Items {
			out.Items[i] = describeVpcLink(out.Items[i])
		}
		return err
	})
	return out, err
}

var vpcLinkPatches = patchTable[types.VpcLink]{
	rules: []rule[types.VpcLink]{
		{types.OpReplace, "/name", func(l *types.VpcLink, c change) error {
			if c.text() == "" {
				return badRequest("Name cannot be empty")
			}
			l.Name = c.value
			return nil
		}},
		{types.OpReplace, "/description", setText(func(l *types.VpcLink) **string { return &l.Description })},
		{types.OpReplace, "/targetArns", keepTargets},
		{types.OpAdd, "/targetArns", keepTargets},
	},
	unknown: loose,
}

// keepTargets is AWS's answer to a change of targets (users of Terraform reported it).
func keepTargets(*types.VpcLink, change) error {
	return badRequest("Target arns are not allowed to be changed/added.")
}

// UpdateVpcLink changes the name or description of a link.
func (s *Service) UpdateVpcLink(ctx context.Context, in *sdk.UpdateVpcLinkInput) (*sdk.UpdateVpcLinkOutput, error) {
	var l types.VpcLink
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getVpcLink(tx, in.VpcLinkId)
		if err != nil {
			return err
		}
		if err := vpcLinkPatches.apply(&d.Value, in.PatchOperations); err != nil {
			return err
		}
		l, d.Name = describeVpcLink(d.Value), aws.ToString(d.Value.Name)
		return vpcLinks.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateVpcLinkOutput](l, err)
}
