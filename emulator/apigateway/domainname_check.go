package apigateway

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// A Certificate is what a domain name needs to know of one of ACM.
type Certificate struct {
	Names    []string
	Imported bool // rather than issued by ACM
}

// covers tells whether a client would take a certificate for a name.
func (c Certificate) covers(name string) bool {
	for _, n := range c.Names {
		if strings.EqualFold(n, name) {
			return true
		}
		if _, parent, ok := strings.Cut(name, "."); ok && strings.EqualFold(n, "*."+parent) {
			return true
		}
	}
	return false
}

const maxDomainName = 253

var domainPattern = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checkName refuses what is no domain name, and the names that AWS's own endpoints and
// Postern's have.
func checkName(name string) error {
	if len(name) > maxDomainName || !domainPattern.MatchString(name) {
		return badRequest("Invalid domain name specified: %s", name)
	}
	bare := strings.TrimPrefix(name, "*.")
	if strings.HasSuffix("."+bare, ".amazonaws.com") || strings.Contains("."+name, ".execute-api.") || bare == "localhost.localstack.cloud" {
		return badRequest("Invalid domain name specified: %s is reserved", name)
	}
	return nil
}

// newDomain is the domain that a request asks for, with AWS's defaults.
func newDomain(in *sdk.CreateDomainNameInput) (domainName, error) {
	d := types.DomainName{
		DomainName: in.DomainName, CertificateArn: in.CertificateArn, CertificateName: in.CertificateName,
		RegionalCertificateArn: in.RegionalCertificateArn, RegionalCertificateName: in.RegionalCertificateName,
		OwnershipVerificationCertificateArn: in.OwnershipVerificationCertificateArn,
		DomainNameStatus:                    types.DomainNameStatusAvailable,
		EndpointAccessMode:                  in.EndpointAccessMode, Policy: in.Policy, Tags: in.Tags,
		RoutingMode:    cmp.Or(in.RoutingMode, types.RoutingModeBasePathMappingOnly),
		SecurityPolicy: cmp.Or(in.SecurityPolicy, types.SecurityPolicyTls12),
	}
	e := types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeEdge}}
	if c := in.EndpointConfiguration; c != nil {
		e.IpAddressType = c.IpAddressType
		if c.Types != nil {
			e.Types = c.Types
		}
	}
	if len(e.Types) != 1 {
		return domainName{}, badRequest("Exactly one endpoint type must be specified.")
	}
	d.EndpointConfiguration = &e
	if m := in.MutualTlsAuthentication; m != nil && aws.ToString(m.TruststoreUri) != "" {
		d.MutualTlsAuthentication = &types.MutualTlsAuthentication{TruststoreUri: m.TruststoreUri, TruststoreVersion: m.TruststoreVersion}
	}
	out := domainName{Domain: d, Body: aws.ToString(in.CertificateBody), Chain: aws.ToString(in.CertificateChain), Key: aws.ToString(in.CertificatePrivateKey)}
	if err := checkName(*in.DomainName); err != nil {
		return out, err
	}
	return out, checkTags(in.Tags)
}

// has tells whether one of a domain's endpoints is of a type.
func has(d *types.DomainName, t types.EndpointType) bool {
	return slices.Contains(d.EndpointConfiguration.Types, t)
}

// checkDomain refuses a domain that AWS would not have, and completes it: it reads a
// truststore that is new, and says what is doubtful in it.
func (s *Service) checkDomain(tx *store.Tx, d *domainName) error {
	n := &d.Domain
	if err := checkDomainEndpoint(n); err != nil {
		return err
	}
	if has(n, types.EndpointTypePrivate) {
		for _, p := range []**string{&n.Policy, &n.ManagementPolicy} {
			a := types.RestApi{Policy: *p}
			if aws.ToString(*p) == "" {
				*p = nil
			} else if err := compactPolicy(&a); err != nil {
				return err
			} else {
				*p = a.Policy
			}
		}
	} else if n.Policy != nil || n.ManagementPolicy != nil {
		return badRequest("Policies are only supported for private custom domain names.")
	}
	imported, err := s.checkCertificates(tx, d)
	if err != nil {
		return err
	}
	return s.checkMutual(tx, d, imported)
}

func checkDomainEndpoint(d *types.DomainName) error {
	e, private := d.EndpointConfiguration, has(d, types.EndpointTypePrivate)
	switch {
	case len(e.Types) == 0:
		return badRequest("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
	case private && len(e.Types) > 1:
		return badRequest("A private custom domain name cannot have other endpoint types.")
	case private && e.IpAddressType == types.IpAddressTypeIpv4:
		return badRequest("Only dualstack ipAddressType is supported for Private custom domain names.")
	case private && d.SecurityPolicy == types.SecurityPolicyTls10:
		return badRequest("Invalid securityPolicy specified. Private custom domain names only support TLS_1_2.")
	}
	if e.IpAddressType == "" {
		e.IpAddressType = types.IpAddressTypeIpv4
		if private {
			e.IpAddressType = types.IpAddressTypeDualstack
		}
	}
	forEdge := strings.HasSuffix(string(d.SecurityPolicy), "_EDGE")
	if strings.HasPrefix(string(d.SecurityPolicy), "SecurityPolicy_") && forEdge != has(d, types.EndpointTypeEdge) {
		return badRequest("Invalid securityPolicy specified: %s is not supported for the endpoint type of the domain name.", d.SecurityPolicy)
	}
	return nil
}

// edgeRegion is where the certificates of edge-optimized names must be.
const edgeRegion = "us-east-1"

// checkCertificates wants a certificate that is there and fits for each endpoint; imported
// tells whether that of the regional one was.
func (s *Service) checkCertificates(tx *store.Tx, d *domainName) (imported bool, err error) {
	n, region := &d.Domain, tx.Scope().Region
	if has(n, types.EndpointTypeRegional) {
		c, err := s.checkCertificate(tx, n.RegionalCertificateArn, *n.DomainName, region)
		if err != nil {
			return false, err
		}
		imported = c.Imported
	}
	switch {
	case has(n, types.EndpointTypePrivate):
		_, err = s.checkCertificate(tx, n.CertificateArn, *n.DomainName, region)
	case has(n, types.EndpointTypeEdge) && n.CertificateArn == nil && d.Body != "":
		_, err = tls.X509KeyPair([]byte(d.Body+"\n"+d.Chain), []byte(d.Key))
		if err != nil {
			err = badRequest("Invalid certificate specified: %s", strings.TrimPrefix(err.Error(), "tls: "))
		}
	case has(n, types.EndpointTypeEdge):
		_, err = s.checkCertificate(tx, n.CertificateArn, *n.DomainName, edgeRegion)
	}
	return imported, err
}

func (s *Service) checkCertificate(tx *store.Tx, arn *string, name, region string) (c Certificate, err error) {
	if aws.ToString(arn) == "" {
		return c, badRequest("A certificate ARN must be specified for the endpoint type of the domain name.")
	}
	part := strings.SplitN(*arn, ":", 6)
	switch {
	case len(part) != 6 || part[0] != "arn" || part[2] != "acm" || !strings.HasPrefix(part[5], "certificate/"):
		return c, badRequest("Invalid certificate ARN: %s.", *arn)
	case part[3] != region:
		return c, badRequest("Invalid certificate ARN: %s. Certificate must be in '%s'.", *arn, region)
	case part[4] != tx.Scope().Account:
		return c, badRequest("Cross-account certificate references are not allowed.")
	}
	if c, err = s.certificate(tx, *arn); errors.Is(err, store.ErrNotFound) {
		return c, badRequest("The provided certificate does not exist: %s", *arn)
	}
	if err == nil && !c.covers(name) {
		err = badRequest("The certificate %s does not cover the domain name %s.", *arn, name)
	}
	return c, err
}

// checkMutual reads the truststore of a domain with mutual TLS.
func (s *Service) checkMutual(tx *store.Tx, d *domainName, imported bool) error {
	n := &d.Domain
	m := n.MutualTlsAuthentication
	if m == nil {
		d.Truststore = ""
		return nil
	}
	switch {
	case !has(n, types.EndpointTypeRegional) || len(n.EndpointConfiguration.Types) > 1:
		return badRequest("Mutual TLS is only supported for REGIONAL domain names.")
	case n.SecurityPolicy == types.SecurityPolicyTls10:
		return badRequest("Mutual TLS requires a security policy of TLS_1_2.")
	case imported && n.OwnershipVerificationCertificateArn == nil:
		return badRequest("Missing ownershipVerificationCertificate.")
	}
	if n.OwnershipVerificationCertificateArn != nil {
		c, err := s.checkCertificate(tx, n.OwnershipVerificationCertificateArn, *n.DomainName, tx.Scope().Region)
		if err != nil {
			return err
		}
		if c.Imported {
			return badRequest("The ownershipVerificationCertificate must be issued by ACM.")
		}
	}
	if d.Truststore != "" {
		return nil
	}
	text, err := s.truststore(*m.TruststoreUri, aws.ToString(m.TruststoreVersion))
	if err != nil {
		return badRequest("Invalid truststore specified: %s", err)
	}
	if m.TruststoreWarnings, err = readTruststore(text, tx.Now()); err != nil {
		return badRequest("Invalid truststore specified: %s: %s", *m.TruststoreUri, err)
	}
	d.Truststore = string(text)
	return nil
}

// maxTrusted is how many certificates a truststore may have.
const maxTrusted = 1000

// readTruststore checks that a text is PEM certificates, and warns of those that let nobody in.
func readTruststore(text []byte, now time.Time) (warnings []string, err error) {
	count := 0
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
			return nil, errors.New("it must hold PEM certificates and nothing else")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		switch {
		case now.After(c.NotAfter):
			warnings = append(warnings, "Certificate "+c.Subject.String()+" has expired.")
		case now.Before(c.NotBefore):
			warnings = append(warnings, "Certificate "+c.Subject.String()+" is not valid yet.")
		}
		count++
	}
	if count == 0 || count > maxTrusted {
		return nil, errors.New("it must hold 1 to 1000 certificates")
	}
	return warnings, nil
}
