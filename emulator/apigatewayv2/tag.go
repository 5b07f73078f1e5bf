package apigatewayv2

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"

	"postern/emulator/apigateway"
	"postern/emulator/store"
)

// taggable are the things of this service that have tags.
var taggable = []apigateway.Taggable{
	{Form: "/apis/{id}", Find: func(tx *store.Tx, args []string) (apigateway.Tagged, error) {
		d, err := getAPI(tx, &args[0])
		return apigateway.Tagged{Tags: &d.Value.Tags, Save: func() error { return apis.Put(tx, d) }}, err
	}},
	{Form: "/apis/{id}/stages/{name}", Find: func(tx *store.Tx, args []string) (apigateway.Tagged, error) {
		d, err := stages.find(tx, ofAPI(&args[0]), &args[1])
		return apigateway.Tagged{Tags: &d.Value.Tags, Save: func() error { return stages.Put(tx, d) }}, err
	}},
	{Form: "/vpclinks/{id}", Find: func(tx *store.Tx, args []string) (apigateway.Tagged, error) {
		d, err := getVPCLink(tx, &args[0])
		return apigateway.Tagged{Tags: &d.Value.Tags, Save: func() error { return vpcLinks.Put(tx, d) }}, err
	}},
	{Form: "/portals/{id}", Find: func(tx *store.Tx, args []string) (apigateway.Tagged, error) {
		d, err := getPortal(tx, &args[0])
		return apigateway.Tagged{Tags: &d.Value.Tags, Save: func() error { return portals.Put(tx, d) }}, err
	}},
	{Form: "/portalproducts/{id}", Find: func(tx *store.Tx, args []string) (apigateway.Tagged, error) {
		d, err := getPortalProduct(tx, &args[0], nil)
		return apigateway.Tagged{Tags: &d.Value.Tags, Save: func() error { return portalProducts.Put(tx, d) }}, err
	}},
	apigateway.TaggableDomain,
}

func getTagged(tx *store.Tx, arn *string) (apigateway.Tagged, error) {
	// Other than ARNs of all else here, those of portals and their products have the account.
	short := strings.Replace(aws.ToString(arn), ":"+tx.Scope().Account+":/portal", "::/portal", 1)
	return apigateway.FindTagged(tx, short, taggable)
}

// TagResource adds tags to what an ARN names, or changes their values. The tag that pins an id means nothing
// any more.
func (s *Service) TagResource(ctx context.Context, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		t, err := getTagged(tx, in.ResourceArn)
		if err != nil {
			return err
		}
		return t.Set(in.Tags)
	})
	return &sdk.TagResourceOutput{}, err
}

// UntagResource removes tags from what an ARN names.
func (s *Service) UntagResource(ctx context.Context, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		t, err := getTagged(tx, in.ResourceArn)
		if err != nil {
			return err
		}
		return t.Drop(in.TagKeys)
	})
	return &sdk.UntagResourceOutput{}, err
}

// GetTags reads the tags of what an ARN names.
func (s *Service) GetTags(ctx context.Context, in *sdk.GetTagsInput) (*sdk.GetTagsOutput, error) {
	out := &sdk.GetTagsOutput{Tags: map[string]string{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		t, err := getTagged(tx, in.ResourceArn)
		if err == nil {
			maps.Copy(out.Tags, *t.Tags)
		}
		return err
	})
	return out, err
}
