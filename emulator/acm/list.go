package acm

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

const (
	maxItems      = 1000
	shownNames    = 100
	defaultToPage = 1000
)

// ListCertificates lists certificates, oldest first unless asked otherwise. Without a
// filter of key types only RSA keys of 1024 and 2048 bits are listed, as on AWS.
func (s *Service) ListCertificates(ctx context.Context, in *sdk.ListCertificatesInput) (*sdk.ListCertificatesOutput, error) {
	var c wire.Constraints
	if in.MaxItems != nil {
		c.Range("maxItems", int(*in.MaxItems), 1, maxItems)
	}
	if err := violated(c); err != nil {
		return nil, err
	}
	if (in.SortBy == "") != (in.SortOrder == "") {
		return nil, invalid("SortBy and SortOrder must be given together.")
	}
	q := store.Query{Order: store.ByCreated, After: aws.ToString(in.NextToken), Limit: defaultToPage}
	if in.SortOrder == types.SortOrderDescending {
		q.Order = store.ByCreatedDesc
	}
	if in.MaxItems != nil {
		q.Limit = int(*in.MaxItems)
	}
	out := &sdk.ListCertificatesOutput{CertificateSummaryList: []types.CertificateSummary{}}
	err := s.view(ctx, func(tx *store.Tx) error { return s.list(tx, q, in, out) })
	return out, err
}

// list fills a page with what passes the filters, reading on as long as it has room.
func (s *Service) list(tx *store.Tx, q store.Query, in *sdk.ListCertificatesInput, out *sdk.ListCertificatesOutput) error {
	for wanted := q.Limit; ; q.Limit = wanted - len(out.CertificateSummaryList) {
		page, err := certificates.List(tx, q)
		if errors.Is(err, store.ErrPosition) {
			return &types.InvalidArgsException{Message: aws.String("The NextToken is not valid.")}
		}
		if err != nil {
			return err
		}
		for _, d := range page.Documents {
			if err := s.present(tx, &d.Value.Detail); err != nil {
				return err
			}
			if wants(in, &d.Value.Detail) {
				out.CertificateSummaryList = append(out.CertificateSummaryList, summary(&d.Value.Detail))
			}
		}
		if page.Next == "" || len(out.CertificateSummaryList) == wanted {
			if page.Next != "" {
				out.NextToken = &page.Next
			}
			return nil
		}
		q.After = page.Next
	}
}

// wants tells whether a certificate passes the filters of a list.
func wants(in *sdk.ListCertificatesInput, d *types.CertificateDetail) bool {
	f := types.Filters{}
	if in.Includes != nil {
		f = *in.Includes
	}
	if len(f.KeyTypes) == 0 {
		f.KeyTypes = []types.KeyAlgorithm{types.KeyAlgorithmRsa1024, types.KeyAlgorithmRsa2048}
	}
	return slices.Contains(f.KeyTypes, enumOf(d.KeyAlgorithm)) &&
		(len(in.CertificateStatuses) == 0 || slices.Contains(in.CertificateStatuses, d.Status)) &&
		(len(in.CertificateKeyPairOrigins) == 0 || slices.Contains(in.CertificateKeyPairOrigins, d.CertificateKeyPairOrigin)) &&
		(f.ManagedBy == "" || f.ManagedBy == d.ManagedBy) &&
		(f.ExportOption == "" || f.ExportOption == d.Options.Export) &&
		hasAll(f.KeyUsage, usageNames(d)) && hasAll(f.ExtendedKeyUsage, extendedNames(d))
}

func hasAll[T comparable](wanted, there []T) bool {
	for _, w := range wanted {
		if !slices.Contains(there, w) {
			return false
		}
	}
	return true
}

func usageNames(d *types.CertificateDetail) []types.KeyUsageName {
	names := []types.KeyUsageName{}
	for _, u := range d.KeyUsages {
		names = append(names, u.Name)
	}
	return names
}

func extendedNames(d *types.CertificateDetail) []types.ExtendedKeyUsageName {
	names := []types.ExtendedKeyUsageName{}
	for _, u := range d.ExtendedKeyUsages {
		names = append(names, u.Name)
	}
	return names
}

// summary is a certificate as lists show it.
func summary(d *types.CertificateDetail) types.CertificateSummary {
	s := types.CertificateSummary{
		CertificateArn: d.CertificateArn, CertificateKeyPairOrigin: d.CertificateKeyPairOrigin, CreatedAt: d.CreatedAt,
		DomainName: d.DomainName, ExportOption: d.Options.Export, ImportedAt: d.ImportedAt, IssuedAt: d.IssuedAt,
		Exported: aws.Bool(false), InUse: aws.Bool(len(d.InUseBy) > 0),
		ExtendedKeyUsages: extendedNames(d), KeyUsages: usageNames(d), KeyAlgorithm: d.KeyAlgorithm, ManagedBy: d.ManagedBy,
		NotAfter: d.NotAfter, NotBefore: d.NotBefore, RenewalEligibility: d.RenewalEligibility,
		Status: d.Status, Type: d.Type,
		SubjectAlternativeNameSummaries:      d.SubjectAlternativeNames,
		HasAdditionalSubjectAlternativeNames: aws.Bool(len(d.SubjectAlternativeNames) > shownNames),
	}
	if len(d.SubjectAlternativeNames) > shownNames {
		s.SubjectAlternativeNameSummaries = d.SubjectAlternativeNames[:shownNames]
	}
	return s
}
