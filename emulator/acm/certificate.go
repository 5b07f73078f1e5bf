package acm

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// present fills in what changes with time: whether it has expired, and who uses it.
func (s *Service) present(tx *store.Tx, d *types.CertificateDetail) (err error) {
	d.Status = types.CertificateStatusIssued
	if s.o.Now().After(*d.NotAfter) {
		d.Status = types.CertificateStatusExpired
	}
	if d.InUseBy, err = s.o.Users(tx, *d.CertificateArn); err != nil {
		return err
	}
	if d.InUseBy == nil {
		d.InUseBy = []string{}
	}
	if d.Type == types.CertificateTypeAmazonIssued {
		d.RenewalEligibility = types.RenewalEligibilityIneligible
		if len(d.InUseBy) > 0 {
			d.RenewalEligibility = types.RenewalEligibilityEligible
		}
	}
	return nil
}

// DescribeCertificate says what is known of a certificate.
func (s *Service) DescribeCertificate(ctx context.Context, in *sdk.DescribeCertificateInput) (*sdk.DescribeCertificateOutput, error) {
	out := &sdk.DescribeCertificateOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := get(tx, in.CertificateArn)
		if err != nil {
			return err
		}
		out.Certificate = &d.Value.Detail
		return s.present(tx, out.Certificate)
	})
	return out, err
}

// GetCertificate hands out a certificate and its chain.
func (s *Service) GetCertificate(ctx context.Context, in *sdk.GetCertificateInput) (*sdk.GetCertificateOutput, error) {
	out := &sdk.GetCertificateOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := get(tx, in.CertificateArn)
		if err != nil {
			return err
		}
		out.Certificate = aws.String(string(d.Value.Material.Certificate))
		if len(d.Value.Material.Chain) > 0 {
			out.CertificateChain = aws.String(string(d.Value.Material.Chain))
		}
		return nil
	})
	return out, err
}

// DeleteCertificate removes a certificate that nothing uses.
func (s *Service) DeleteCertificate(ctx context.Context, in *sdk.DeleteCertificateInput) (*sdk.DeleteCertificateOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := get(tx, in.CertificateArn)
		if err != nil {
			return err
		}
		users, err := s.o.Users(tx, *in.CertificateArn)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return &types.ResourceInUseException{Message: aws.String("Certificate " + *in.CertificateArn +
				" in account " + tx.Scope().Account + " is in use.")}
		}
		return certificates.Delete(tx, d.ID)
	})
	return &sdk.DeleteCertificateOutput{}, err
}

// UpdateCertificateOptions sets whether a certificate is to be logged. Nothing here logs
// certificates; that they can be exported is refused.
func (s *Service) UpdateCertificateOptions(ctx context.Context, in *sdk.UpdateCertificateOptionsInput) (*sdk.UpdateCertificateOptionsOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := get(tx, in.CertificateArn)
		if err != nil {
			return err
		}
		if d.Value.Detail.Type != types.CertificateTypeAmazonIssued {
			return &types.InvalidStateException{Message: aws.String("The options of an imported certificate cannot be changed.")}
		}
		if in.Options.Export == types.CertificateExportEnabled {
			return wire.Errorf(501, "UnsupportedOperation", "Certificates are not exported here.")
		}
		d.Value.Detail.Options = options(in.Options)
		return certificates.Put(tx, d)
	})
	return &sdk.UpdateCertificateOptionsOutput{}, err
}
