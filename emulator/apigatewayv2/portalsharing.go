package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"

	"postern/apigw/policy"
	"postern/emulator/store"
)

// errNoSharing is about a product without a sharing policy.
func errNoSharing() error { return notFound("No sharing policy exists for the portal product") }

// changeSharing changes the sharing policy of a product, whom nobody shares here: it is kept for reading.
func (s *Service) changeSharing(ctx context.Context, id *string, fn func(*portalProduct) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		d, err := getPortalProduct(tx, id, nil)
		if err != nil {
			return err
		}
		if err := fn(&d.Value); err != nil {
			return err
		}
		return portalProducts.Put(tx, d)
	})
}

// PutPortalProductSharingPolicy sets whom a product is shared with.
func (s *Service) PutPortalProductSharingPolicy(ctx context.Context, in *sdk.PutPortalProductSharingPolicyInput) (*sdk.PutPortalProductSharingPolicyOutput, error) {
	if err := sized("policyDocument", in.PolicyDocument, 1, 307200); err != nil {
		return nil, err
	}
	if _, err := policy.Parse([]byte(*in.PolicyDocument)); err != nil {
		return nil, badRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	}
	err := s.changeSharing(ctx, in.PortalProductId, func(p *portalProduct) error {
		p.Policy = in.PolicyDocument
		return nil
	})
	return &sdk.PutPortalProductSharingPolicyOutput{}, err
}

// GetPortalProductSharingPolicy reads whom a product is shared with.
func (s *Service) GetPortalProductSharingPolicy(ctx context.Context, in *sdk.GetPortalProductSharingPolicyInput) (*sdk.GetPortalProductSharingPolicyOutput, error) {
	out := &sdk.GetPortalProductSharingPolicyOutput{PortalProductId: in.PortalProductId}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getPortalProduct(tx, in.PortalProductId, nil)
		if err == nil && aws.ToString(d.Value.Policy) == "" {
			err = errNoSharing()
		}
		out.PolicyDocument = d.Value.Policy
		return err
	})
	return out, err
}

// DeletePortalProductSharingPolicy ends the sharing of a product.
func (s *Service) DeletePortalProductSharingPolicy(ctx context.Context, in *sdk.DeletePortalProductSharingPolicyInput) (*sdk.DeletePortalProductSharingPolicyOutput, error) {
	err := s.changeSharing(ctx, in.PortalProductId, func(p *portalProduct) error {
		if p.Policy == nil {
			return errNoSharing()
		}
		p.Policy = nil
		return nil
	})
	return &sdk.DeletePortalProductSharingPolicyOutput{}, err
}
