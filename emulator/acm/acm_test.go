//lint:file-ignore SA1019 AWS still takes and shows CertificateTransparencyLoggingPreference

package acm_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"postern/emulator/acm"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// A bench is an ACM with the SDK's client of it. Its issuer signs its own certificates.
type bench struct {
	*sdk.Client
	t       *testing.T
	ctx     context.Context
	service *acm.Service
	users   []string
	changed []string
	now     time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, ctx: t.Context(), now: time.Now()}
	st, err := store.Open(t.Context(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	b.service = acm.New(acm.Options{
		Store:   st,
		Issue:   func(names []string, _ types.KeyAlgorithm) (acm.Material, error) { return selfSigned(t, names...), nil },
		Users:   func(*store.Tx, string) ([]string, error) { return b.users, nil },
		Changed: func(_ context.Context, arn string) { b.changed = append(b.changed, arn) },
		Now:     func() time.Time { return b.now },
	})
	server := httptest.NewServer(wire.NewMux(wire.Options{Services: []wire.Service{b.service.Wire()}}))
	t.Cleanup(server.Close)
	b.Client = sdk.New(sdk.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("123456789012", "secret", ""),
	})
	return b
}

func selfSigned(t *testing.T, names ...string) acm.Material {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x0a1b2c), Subject: pkix.Name{CommonName: names[0], Organization: []string{"Test"}}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return acm.Material{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}),
	}
}

func (b *bench) imported(names ...string) *string {
	b.t.Helper()
	m := selfSigned(b.t, names...)
	out, err := b.ImportCertificate(b.ctx, &sdk.ImportCertificateInput{Certificate: m.Certificate, PrivateKey: m.Key})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.CertificateArn
}

func (b *bench) described(arn *string) *types.CertificateDetail {
	b.t.Helper()
	out, err := b.DescribeCertificate(b.ctx, &sdk.DescribeCertificateInput{CertificateArn: arn})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.Certificate
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestAnImportedCertificateIsDescribed(t *testing.T) {
	b := newBench(t)
	arn := b.imported("api.example.com", "*.example.com")
	d := b.described(arn)
	if !strings.HasPrefix(*arn, "arn:aws:acm:eu-west-1:123456789012:certificate/") || *d.DomainName != "api.example.com" ||
		d.Status != types.CertificateStatusIssued || d.Type != types.CertificateTypeImported || d.KeyAlgorithm != "EC-prime256v1" ||
		*d.Serial != "0a:1b:2c" || *d.SignatureAlgorithm != "SHA256WITHECDSA" || *d.Issuer != "Test" || d.ImportedAt == nil || d.IssuedAt != nil ||
		!slices.Equal(d.SubjectAlternativeNames, []string{"api.example.com", "*.example.com"}) ||
		d.KeyUsages[0].Name != types.KeyUsageNameDigitalSignature || *d.ExtendedKeyUsages[0].OID != "1.3.6.1.5.5.7.3.1" {
		t.Errorf("%+v", d)
	}
	b.now = b.now.Add(48 * time.Hour)
	if d := b.described(arn); d.Status != types.CertificateStatusExpired {
		t.Errorf("after its time it is %s", d.Status)
	}
}

func TestImportRefusesWhatDoesNotFit(t *testing.T) {
	b := newBench(t)
	one, other := selfSigned(t, "a.example.com"), selfSigned(t, "b.example.com")
	cases := []struct {
		name string
		m    acm.Material
		want string
	}{
		{"no PEM", acm.Material{Certificate: []byte("x"), Key: one.Key}, "ValidationException: Could not parse the certificate: it must be PEM-encoded X.509."},
		{"two certificates", acm.Material{Certificate: slices.Concat(one.Certificate, other.Certificate), Key: one.Key},
			"ValidationException: The certificate field contains more than one certificate. You can specify only one certificate in this field."},
		{"no key", acm.Material{Certificate: one.Certificate, Key: []byte("x")}, "ValidationException: The private key is not supported: it must be PEM-encoded and not encrypted."},
		{"an encrypted key", acm.Material{Certificate: one.Certificate, Key: bytes.ReplaceAll(one.Key, []byte("EC PRIVATE"), []byte("ENCRYPTED PRIVATE"))},
			"ValidationException: The private key is not supported: it must be PEM-encoded and not encrypted."},
		{"the key of another", acm.Material{Certificate: one.Certificate, Key: other.Key}, "ValidationException: The private key does not match the certificate."},
		{"the chain of another", acm.Material{Certificate: one.Certificate, Key: one.Key, Chain: other.Certificate},
			"ValidationException: Could not validate the certificate with the certificate chain."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := &sdk.ImportCertificateInput{Certificate: c.m.Certificate, PrivateKey: c.m.Key, CertificateChain: c.m.Chain}
			_, err := b.ImportCertificate(b.ctx, in)
			wantError(t, err, c.want)
		})
	}
	t.Run("one that is no longer valid", func(t *testing.T) {
		b := newBench(t)
		b.now = b.now.Add(48 * time.Hour)
		_, err := b.ImportCertificate(b.ctx, &sdk.ImportCertificateInput{Certificate: one.Certificate, PrivateKey: one.Key})
		if err == nil || !strings.Contains(err.Error(), "ValidationException: The certificate is not valid") {
			t.Error(err)
		}
	})
}

func TestAReimportKeepsTheARNAndTellsWhoUsesIt(t *testing.T) {
	b := newBench(t)
	arn, m := b.imported("a.example.com"), selfSigned(t, "b.example.com")
	in := &sdk.ImportCertificateInput{CertificateArn: arn, Certificate: m.Certificate, PrivateKey: m.Key}
	if _, err := b.ImportCertificate(b.ctx, in); err != nil {
		t.Fatal(err)
	}
	if d := b.described(arn); *d.DomainName != "b.example.com" || !slices.Equal(b.changed, []string{*arn}) {
		t.Errorf("%s, told of %v", *d.DomainName, b.changed)
	}
	in.Tags = []types.Tag{{Key: aws.String("a")}}
	_, err := b.ImportCertificate(b.ctx, in)
	wantError(t, err, "ValidationException: Tagging is not permitted on re-import.")
	in.Tags, in.CertificateArn = nil, aws.String("arn:aws:acm:eu-west-1:123456789012:certificate/none")
	_, err = b.ImportCertificate(b.ctx, in)
	wantError(t, err, "ResourceNotFoundException: Could not find certificate arn:aws:acm:eu-west-1:123456789012:certificate/none.")
}

func TestARequestedCertificateIsThereAtOnce(t *testing.T) {
	b := newBench(t)
	in := &sdk.RequestCertificateInput{
		DomainName: aws.String("Example.com"), SubjectAlternativeNames: []string{"*.example.com", "example.com"},
		ValidationMethod: types.ValidationMethodDns, IdempotencyToken: aws.String("t"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	}
	out, err := b.RequestCertificate(b.ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	d := b.described(out.CertificateArn)
	v := d.DomainValidationOptions
	if d.Status != types.CertificateStatusIssued || d.Type != types.CertificateTypeAmazonIssued || *d.DomainName != "example.com" || len(v) != 2 ||
		v[0].ValidationStatus != types.DomainStatusSuccess || *v[0].ResourceRecord.Name != *v[1].ResourceRecord.Name ||
		!strings.HasSuffix(*v[0].ResourceRecord.Name, ".example.com.") || !strings.HasSuffix(*v[0].ResourceRecord.Value, ".acm-validations.aws.") {
		t.Errorf("%+v", d)
	}
	again, err := b.RequestCertificate(b.ctx, in)
	if err != nil || *again.CertificateArn != *out.CertificateArn {
		t.Errorf("the same token made another: %v %v", again, err)
	}
	if _, err := b.RenewCertificate(b.ctx, &sdk.RenewCertificateInput{CertificateArn: out.CertificateArn}); err != nil {
		t.Fatal(err)
	}
	if d := b.described(out.CertificateArn); d.RenewalSummary == nil || d.RenewalSummary.RenewalStatus != types.RenewalStatusSuccess || len(b.changed) != 1 {
		t.Errorf("%+v, told of %v", d.RenewalSummary, b.changed)
	}
}

func TestRequestRefusesWhatIsNoName(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"example", "-a.example.com", "a_b.example.com", "a.*.example.com", "*.com*"} {
		_, err := b.RequestCertificate(b.ctx, &sdk.RequestCertificateInput{DomainName: &name})
		wantError(t, err, "1 validation error detected: Value '"+name+"' at 'domainName' failed to satisfy constraint: Member must satisfy regular expression pattern: "+
			`(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])`)
	}
	_, err := b.RequestCertificate(b.ctx, &sdk.RequestCertificateInput{DomainName: aws.String("a.example.com"), KeyAlgorithm: types.KeyAlgorithmRsa4096})
	wantError(t, err, "ValidationException: The key algorithm RSA_4096 is not supported for certificates that ACM issues.")
}

func TestListsAreFilteredAndPaged(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"a.example.com", "b.example.com", "c.example.com"} {
		b.imported(name)
	}
	list := func(in sdk.ListCertificatesInput) (names []string, next *string) {
		out, err := b.ListCertificates(b.ctx, &in)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range out.CertificateSummaryList {
			names = append(names, (*c.DomainName)[:1])
		}
		return names, out.NextToken
	}
	if names, _ := list(sdk.ListCertificatesInput{}); len(names) != 0 {
		t.Errorf("keys that are not RSA are only listed when they are asked for: %v", names)
	}
	elliptic := &types.Filters{KeyTypes: []types.KeyAlgorithm{types.KeyAlgorithmEcPrime256v1}}
	first, next := list(sdk.ListCertificatesInput{Includes: elliptic, MaxItems: aws.Int32(2)})
	second, end := list(sdk.ListCertificatesInput{Includes: elliptic, MaxItems: aws.Int32(2), NextToken: next})
	if len(first) != 2 || len(second) != 1 || end != nil {
		t.Errorf("%v then %v then %v", first, second, end)
	}
	expired := sdk.ListCertificatesInput{Includes: elliptic, CertificateStatuses: []types.CertificateStatus{types.CertificateStatusExpired}}
	if names, _ := list(expired); len(names) != 0 {
		t.Errorf("%v", names)
	}
	_, err := b.ListCertificates(b.ctx, &sdk.ListCertificatesInput{NextToken: aws.String("x")})
	wantError(t, err, "InvalidArgsException: The NextToken is not valid.")
}

func TestACertificateInUseIsNotDeleted(t *testing.T) {
	b := newBench(t)
	arn := b.imported("a.example.com")
	b.users = []string{"arn:aws:apigateway:eu-west-1::/domainnames/a.example.com"}
	_, err := b.DeleteCertificate(b.ctx, &sdk.DeleteCertificateInput{CertificateArn: arn})
	wantError(t, err, "ResourceInUseException: Certificate "+*arn+" in account 123456789012 is in use.")
	if d := b.described(arn); !slices.Equal(d.InUseBy, b.users) {
		t.Errorf("%v", d.InUseBy)
	}
	b.users = nil
	if _, err := b.DeleteCertificate(b.ctx, &sdk.DeleteCertificateInput{CertificateArn: arn}); err != nil {
		t.Error(err)
	}
	_, err = b.GetCertificate(b.ctx, &sdk.GetCertificateInput{CertificateArn: arn})
	wantError(t, err, "ResourceNotFoundException: Could not find certificate "+*arn+".")
	_, err = b.GetCertificate(b.ctx, &sdk.GetCertificateInput{CertificateArn: aws.String("this-is-not-an-arn-at-all")})
	wantError(t, err, `Member must satisfy regular expression pattern: arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(/[\w+=,.@-]+)*`)
}

func TestTagsOfCertificates(t *testing.T) {
	b := newBench(t)
	arn := b.imported("a.example.com")
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	_, err := b.AddTagsToCertificate(b.ctx, &sdk.AddTagsToCertificateInput{CertificateArn: arn, Tags: []types.Tag{tag("a", "1"), tag("b", "2"), tag("c", "3")}})
	if err != nil {
		t.Fatal(err)
	}
	gone := []types.Tag{tag("a", "1"), tag("b", "other"), {Key: aws.String("c")}}
	if _, err := b.RemoveTagsFromCertificate(b.ctx, &sdk.RemoveTagsFromCertificateInput{CertificateArn: arn, Tags: gone}); err != nil {
		t.Fatal(err)
	}
	out, err := b.ListTagsForCertificate(b.ctx, &sdk.ListTagsForCertificateInput{CertificateArn: arn})
	if err != nil || len(out.Tags) != 1 || *out.Tags[0].Key != "b" {
		t.Errorf("%+v %v", out, err)
	}
}

func TestTheOptionsOfAnIssuedCertificateChange(t *testing.T) {
	b := newBench(t)
	out, err := b.RequestCertificate(b.ctx, &sdk.RequestCertificateInput{DomainName: aws.String("a.example.com")})
	if err != nil {
		t.Fatal(err)
	}
	off := &types.CertificateOptions{CertificateTransparencyLoggingPreference: types.CertificateTransparencyLoggingPreferenceDisabled}
	if _, err := b.UpdateCertificateOptions(b.ctx, &sdk.UpdateCertificateOptionsInput{CertificateArn: out.CertificateArn, Options: off}); err != nil {
		t.Fatal(err)
	}
	d := b.described(out.CertificateArn)
	if d.Options.CertificateTransparencyLoggingPreference != off.CertificateTransparencyLoggingPreference || len(d.DomainValidationOptions[0].ValidationEmails) != 5 {
		t.Errorf("%+v", d)
	}
}

func TestEveryOperationOfTheSDKIsServedOrRefusedWithAReason(t *testing.T) {
	w := newBench(t).service.Wire()
	served := map[string]bool{}
	for _, op := range w.Operations {
		served[op.Name] = true
	}
	client := reflect.TypeFor[*sdk.Client]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if name != "Options" && served[name] == (w.Unsupported[name] != "") {
			t.Errorf("%s is neither served nor refused, or both", name)
		}
	}
	for name := range w.Unsupported {
		if _, ok := client.MethodByName(name); !ok {
			t.Errorf("%s is no operation", name)
		}
	}
}
