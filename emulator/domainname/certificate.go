package domainname

import (
	"crypto/tls"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
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

// edgeRegion is where the certificates of edge-optimized names must be.
const edgeRegion = "us-east-1"

// checkCertificates wants a certificate that is there and fits for each endpoint; imported
// tells whether that of the regional one was.
func (k *Keeper) checkCertificates(tx *store.Tx, d *Domain) (imported bool, err error) {
	n, region := &d.Domain, tx.Scope().Region
	if d.Has(types.EndpointTypeRegional) {
		c, err := k.checkCertificate(tx, n.RegionalCertificateArn, *n.DomainName, region)
		if err != nil {
			return false, err
		}
		imported = c.Imported
	}
	switch {
	case d.Has(types.EndpointTypePrivate):
		_, err = k.checkCertificate(tx, n.CertificateArn, *n.DomainName, region)
	case d.Has(types.EndpointTypeEdge) && n.CertificateArn == nil && d.Body != "":
		_, err = tls.X509KeyPair([]byte(d.Body+"\n"+d.Chain), []byte(d.Key))
		if err != nil {
			err = badRequest("Invalid certificate specified: %s", strings.TrimPrefix(err.Error(), "tls: "))
		}
	case d.Has(types.EndpointTypeEdge):
		_, err = k.checkCertificate(tx, n.CertificateArn, *n.DomainName, edgeRegion)
	}
	return imported, err
}

func (k *Keeper) checkCertificate(tx *store.Tx, arn *string, name, region string) (c Certificate, err error) {
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
	if c, err = k.o.Certificate(tx, *arn); errors.Is(err, store.ErrNotFound) {
		return c, badRequest("The provided certificate does not exist: %s", *arn)
	}
	if err == nil && !c.covers(name) {
		err = badRequest("The certificate %s does not cover the domain name %s.", *arn, name)
	}
	return c, err
}
