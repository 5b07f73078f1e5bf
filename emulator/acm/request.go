//lint:file-ignore SA1019 AWS still takes and shows CertificateTransparencyLoggingPreference

package acm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// tokenLife is how long a request with the token of another is that other.
const tokenLife = time.Hour

// maxNames is how many names a certificate may have, the first included.
const maxNames = 100

// domainPattern is awsDomainPattern without what Go's expressions lack.
var domainPattern = lazyregexp.New(`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`)

const awsDomainPattern = `(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])`

// RequestCertificate issues a certificate. Unlike AWS, nobody has to prove that the names
// are theirs: it is there at once, and its validation is shown as done.
func (s *Service) RequestCertificate(ctx context.Context, in *sdk.RequestCertificateInput) (*sdk.RequestCertificateOutput, error) {
	names, err := checkRequest(in)
	if err != nil {
		return nil, err
	}
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	algorithm := in.KeyAlgorithm
	if algorithm == "" {
		algorithm = types.KeyAlgorithmRsa2048
	}
	if arn, err := s.requested(ctx, in, names); err != nil || arn != "" {
		return &sdk.RequestCertificateOutput{CertificateArn: &arn}, err
	}
	material, err := s.o.Issue(names, algorithm)
	if err != nil {
		return nil, err
	}
	out := &sdk.RequestCertificateOutput{}
	err = s.update(ctx, func(tx *store.Tx) error {
		id := tx.UUID()
		out.CertificateArn = aws.String(arnOf(tx.Scope(), id))
		c := certificate{Material: material, Tags: tags, Token: aws.ToString(in.IdempotencyToken), Detail: types.CertificateDetail{
			CertificateArn: out.CertificateArn, Type: types.CertificateTypeAmazonIssued, CreatedAt: now(tx),
			CertificateKeyPairOrigin: types.CertificateKeyPairOriginAwsManaged,
			Options:                  options(in.Options), ManagedBy: in.ManagedBy,
			DomainValidationOptions: validations(tx.Scope().Account, in, names),
		}}
		if err := issued(tx, &c, material); err != nil {
			return err
		}
		return certificates.Insert(tx, store.Document[certificate]{ID: id, Name: names[0], Value: c})
	})
	return out, err
}

// issued records that a certificate got material from the issuer.
func issued(tx *store.Tx, c *certificate, m Material) error {
	all, err := readCertificates(m.Certificate)
	if err != nil {
		return err
	}
	c.Material, c.Detail.IssuedAt = m, now(tx)
	describe(&c.Detail, all[0])
	return nil
}

// requested is the certificate that a request with the same token made within the hour, or "".
func (s *Service) requested(ctx context.Context, in *sdk.RequestCertificateInput, names []string) (arn string, err error) {
	if in.IdempotencyToken == nil {
		return "", nil
	}
	err = s.view(ctx, func(tx *store.Tx) error {
		page, err := certificates.List(tx, store.Query{Order: store.ByCreatedDesc})
		for _, d := range page.Documents {
			if d.Value.Token == *in.IdempotencyToken && tx.Now().Sub(d.Created) < tokenLife && d.Name == names[0] {
				arn = *d.Value.Detail.CertificateArn
				return nil
			}
		}
		return err
	})
	return arn, err
}

// checkRequest returns the names that a certificate is to be for.
func checkRequest(in *sdk.RequestCertificateInput) (names []string, err error) {
	var c wire.Constraints
	for i, name := range append([]string{aws.ToString(in.DomainName)}, in.SubjectAlternativeNames...) {
		member := "domainName"
		if i > 0 {
			member = "subjectAlternativeNames"
		}
		c.Length(member, name, 1, 253)
		if !domainPattern.MatchString(name) {
			c.Add(member, name, "Member must satisfy regular expression pattern: "+awsDomainPattern)
		}
		if name = strings.ToLower(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if err := violated(c); err != nil {
		return nil, err
	}
	if len(*in.DomainName) > 64 {
		return nil, invalid("The first domain name can be no longer than 64 bytes.")
	}
	if len(names) > maxNames {
		return nil, &types.LimitExceededException{Message: aws.String("The number of domain names exceeds the limit of 100.")}
	}
	switch in.KeyAlgorithm {
	case "", types.KeyAlgorithmRsa2048, types.KeyAlgorithmEcPrime256v1, types.KeyAlgorithmEcSecp384r1:
	default:
		return nil, invalid("The key algorithm " + string(in.KeyAlgorithm) + " is not supported for certificates that ACM issues.")
	}
	if in.CertificateAuthorityArn != nil {
		return nil, wire.Errorf(501, "UnsupportedOperation", "There is no AWS Private CA here: leave CertificateAuthorityArn out.")
	}
	for _, o := range in.DomainValidationOptions {
		if !slices.Contains(names, strings.ToLower(aws.ToString(o.DomainName))) {
			return nil, &types.InvalidDomainValidationOptionsException{Message: aws.String("The domain name " +
				aws.ToString(o.DomainName) + " is not one of the certificate's.")}
		}
	}
	return names, nil
}

func options(asked *types.CertificateOptions) *types.CertificateOptions {
	o := types.CertificateOptions{
		CertificateTransparencyLoggingPreference: types.CertificateTransparencyLoggingPreferenceEnabled,
		Export:                                   types.CertificateExportDisabled,
	}
	if asked != nil && asked.CertificateTransparencyLoggingPreference != "" {
		o.CertificateTransparencyLoggingPreference = asked.CertificateTransparencyLoggingPreference
	}
	return &o
}

// validations say for each name how its ownership was shown: by DNS with the record that
// AWS would look for, which is the same for a name and its wildcard; by e-mail by default.
func validations(account string, in *sdk.RequestCertificateInput, names []string) (all []types.DomainValidation) {
	method := in.ValidationMethod
	if method == "" {
		method = types.ValidationMethodEmail
	}
	for _, name := range names {
		base := strings.TrimPrefix(name, "*.")
		v := types.DomainValidation{
			DomainName: aws.String(name), ValidationDomain: aws.String(name),
			ValidationMethod: method, ValidationStatus: types.DomainStatusSuccess,
		}
		for _, o := range in.DomainValidationOptions {
			if strings.EqualFold(aws.ToString(o.DomainName), name) {
				v.ValidationDomain = o.ValidationDomain
			}
		}
		switch method {
		case types.ValidationMethodDns:
			v.ResourceRecord = record(account, base)
		case types.ValidationMethodEmail:
			for _, who := range []string{"admin", "administrator", "hostmaster", "postmaster", "webmaster"} {
				v.ValidationEmails = append(v.ValidationEmails, who+"@"+strings.TrimPrefix(*v.ValidationDomain, "*."))
			}
		}
		all = append(all, v)
	}
	return all
}

// record is the CNAME for a name: of one account always the same.
func record(account, name string) *types.ResourceRecord {
	sum := sha256.Sum256([]byte(account + "/" + name))
	text := hex.EncodeToString(sum[:])
	return &types.ResourceRecord{
		Name: aws.String("_" + text[:32] + "." + name + "."), Type: types.RecordTypeCname,
		Value: aws.String("_" + text[32:] + ".acm-validations.aws."),
	}
}

// RenewCertificate issues an issued certificate anew. Unlike AWS, where this is for
// exported ones, it does for any.
func (s *Service) RenewCertificate(ctx context.Context, in *sdk.RenewCertificateInput) (*sdk.RenewCertificateOutput, error) {
	var names []string
	var algorithm types.KeyAlgorithm
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := get(tx, in.CertificateArn)
		if err == nil && d.Value.Detail.Type != types.CertificateTypeAmazonIssued {
			err = invalid("The certificate " + *in.CertificateArn + " was imported: ACM cannot renew it.")
		}
		names, algorithm = d.Value.Detail.SubjectAlternativeNames, enumOf(d.Value.Detail.KeyAlgorithm)
		return err
	})
	if err != nil {
		return nil, err
	}
	material, err := s.o.Issue(names, algorithm)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		d, err := get(tx, in.CertificateArn)
		if err != nil {
			return err
		}
		d.Value.Detail.RenewalSummary = &types.RenewalSummary{
			RenewalStatus: types.RenewalStatusSuccess, UpdatedAt: now(tx),
			DomainValidationOptions: d.Value.Detail.DomainValidationOptions,
		}
		if err := issued(tx, &d.Value, material); err != nil {
			return err
		}
		return certificates.Put(tx, d)
	})
	if err != nil {
		return nil, err
	}
	s.o.Changed(ctx, *in.CertificateArn)
	return &sdk.RenewCertificateOutput{}, nil
}
