//lint:file-ignore SA1019 AWS still takes and shows CertificateTransparencyLoggingPreference

package acm

import (
	"context"
	"crypto"
	"crypto/x509"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"postern/emulator/store"
)

// ImportCertificate takes a certificate that was made elsewhere, or new material for one
// that was imported before.
func (s *Service) ImportCertificate(ctx context.Context, in *sdk.ImportCertificateInput) (*sdk.ImportCertificateOutput, error) {
	material := Material{in.Certificate, in.CertificateChain, in.PrivateKey}
	leaf, err := checkMaterial(material, s.o.Now())
	if err != nil {
		return nil, err
	}
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if in.CertificateArn != nil && len(tags) > 0 {
		return nil, invalid("Tagging is not permitted on re-import.")
	}
	out := &sdk.ImportCertificateOutput{CertificateArn: in.CertificateArn}
	err = s.update(ctx, func(tx *store.Tx) error {
		if in.CertificateArn != nil {
			return reimport(tx, in.CertificateArn, material, leaf)
		}
		id := tx.UUID()
		out.CertificateArn = aws.String(arnOf(tx.Scope(), id))
		c := certificate{Material: material, Tags: tags, Detail: types.CertificateDetail{
			CertificateArn: out.CertificateArn, Type: types.CertificateTypeImported,
			CreatedAt: now(tx), RenewalEligibility: types.RenewalEligibilityIneligible,
			CertificateKeyPairOrigin: types.CertificateKeyPairOriginCustomerProvided,
			Options: &types.CertificateOptions{
				CertificateTransparencyLoggingPreference: types.CertificateTransparencyLoggingPreferenceDisabled,
				Export:                                   types.CertificateExportDisabled,
			},
		}}
		c.Detail.ImportedAt = c.Detail.CreatedAt
		describe(&c.Detail, leaf)
		return certificates.Insert(tx, store.Document[certificate]{ID: id, Name: *c.Detail.DomainName, Value: c})
	})
	if err != nil {
		return nil, err
	}
	if in.CertificateArn != nil {
		s.o.Changed(ctx, *in.CertificateArn)
	}
	return out, nil
}

// reimport gives an imported certificate new material; its ARN and tags stay.
func reimport(tx *store.Tx, arn *string, m Material, leaf *x509.Certificate) error {
	d, err := get(tx, arn)
	if err != nil {
		return err
	}
	if d.Value.Detail.Type != types.CertificateTypeImported {
		return invalid("The certificate " + *arn + " was not imported and cannot be re-imported.")
	}
	d.Value.Material, d.Value.Detail.ImportedAt = m, now(tx)
	describe(&d.Value.Detail, leaf)
	d.Name = *d.Value.Detail.DomainName
	return certificates.Put(tx, d)
}

func now(tx *store.Tx) *time.Time { return aws.Time(tx.Now()) }

// checkMaterial refuses what ACM does not import (ACM user guide, "Prerequisites for
// importing certificates", read 2026-11) and returns the certificate.
func checkMaterial(m Material, now time.Time) (*x509.Certificate, error) {
	all, err := readCertificates(m.Certificate)
	switch {
	case err != nil || len(all) == 0:
		return nil, invalid("Could not parse the certificate: it must be PEM-encoded X.509.")
	case len(all) > 1:
		return nil, invalid("The certificate field contains more than one certificate. You can specify only one certificate in this field.")
	}
	leaf := all[0]
	key, err := readKey(m.Key)
	if err != nil {
		return nil, invalid("The private key is not supported: it must be PEM-encoded and not encrypted.")
	}
	if public, ok := leaf.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(key.Public()) {
		return nil, invalid("The private key does not match the certificate.")
	}
	if keyAlgorithm(leaf.PublicKey) == "" {
		return nil, invalid("The key algorithm of the certificate is not supported.")
	}
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		return nil, invalid("The certificate is not valid: it is valid from " +
			leaf.NotBefore.UTC().Format(time.RFC3339) + " to " + leaf.NotAfter.UTC().Format(time.RFC3339) + ".")
	}
	return leaf, checkChain(leaf, m.Chain)
}

// checkChain wants each certificate signed by the next.
func checkChain(leaf *x509.Certificate, chain []byte) error {
	all, err := readCertificates(chain)
	if err != nil {
		return invalid("Could not parse the certificate chain: it must be PEM-encoded X.509.")
	}
	for _, issuer := range all {
		if leaf.CheckSignatureFrom(issuer) != nil {
			return invalid("Could not validate the certificate with the certificate chain.")
		}
		leaf = issuer
	}
	return nil
}

// newTags are tags with more of them added.
func newTags(tags map[string]string, more []types.Tag) (map[string]string, error) {
	out := maps.Clone(tags)
	for _, t := range more {
		key := aws.ToString(t.Key)
		if key == "" || len(key) > 128 || len(aws.ToString(t.Value)) > 256 {
			return nil, &types.InvalidTagException{Message: aws.String("Tag keys have 1 to 128 characters, values at most 256.")}
		}
		if out == nil {
			out = map[string]string{}
		}
		out[key] = aws.ToString(t.Value)
	}
	if len(out) > 50 {
		return nil, &types.TooManyTagsException{Message: aws.String("Resource cannot have more than 50 tags.")}
	}
	return out, nil
}
