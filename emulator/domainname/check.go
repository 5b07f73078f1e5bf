package domainname

import (
	"postern/emulator/lazyregexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

const maxDomainName = 253

var domainPattern = lazyregexp.New(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// CheckName refuses what is no domain name, and the names that AWS's own endpoints and
// Postern's have.
func CheckName(name string) error {
	if len(name) > maxDomainName || !domainPattern.MatchString(name) {
		return badRequest("Invalid domain name specified: %s", name)
	}
	bare := strings.TrimPrefix(name, "*.")
	if strings.HasSuffix("."+bare, ".amazonaws.com") || strings.Contains("."+name, ".execute-api.") || bare == "localhost.localstack.cloud" {
		return badRequest("Invalid domain name specified: %s is reserved", name)
	}
	return nil
}

// Check refuses a domain that AWS would not have, and completes it: it takes a truststore that is
// new, which Reading has read, and says what is doubtful in it.
func (k *Keeper) Check(tx *store.Tx, d *Domain, read *Truststore) error {
	if err := d.checkEndpoint(); err != nil {
		return err
	}
	all, err := MappingsOf(tx, *d.Domain.DomainName)
	if err != nil {
		return err
	}
	if err := d.fits(all); err != nil {
		return err
	}
	imported, err := k.checkCertificates(tx, d)
	if err != nil {
		return err
	}
	return k.checkMutual(tx, d, imported, read)
}

func (d *Domain) checkEndpoint() error {
	e, private := d.Domain.EndpointConfiguration, d.Has(types.EndpointTypePrivate)
	security := d.Domain.SecurityPolicy
	switch {
	case len(e.Types) == 0:
		return badRequest("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
	case private && len(e.Types) > 1:
		return badRequest("A private custom domain name cannot have other endpoint types.")
	case private && e.IpAddressType == types.IpAddressTypeIpv4:
		return badRequest("Only dualstack ipAddressType is supported for Private custom domain names.")
	case private && security == types.SecurityPolicyTls10:
		return badRequest("Invalid securityPolicy specified. Private custom domain names only support TLS_1_2.")
	}
	if e.IpAddressType == "" {
		e.IpAddressType = types.IpAddressTypeIpv4
		if private {
			e.IpAddressType = types.IpAddressTypeDualstack
		}
	}
	forEdge := strings.HasSuffix(string(security), "_EDGE")
	if strings.HasPrefix(string(security), "SecurityPolicy_") && forEdge != d.Has(types.EndpointTypeEdge) {
		return badRequest("Invalid securityPolicy specified: %s is not supported for the endpoint type of the domain name.", security)
	}
	return nil
}
