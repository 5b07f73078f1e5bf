package domainname

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// A Portal has a domain name of its own, at which its pages are served.
type Portal struct{ ID, CertificateARN string }

// portalNames are the names that portals have, stored under them.
var portalNames = store.Kind[Portal]{Service: service, Name: "portalname"}

// TakeForPortal gives a name to a portal: one that nobody has, with a certificate that CloudFront takes,
// which such portals are behind (REST API guide, "Create a portal in API Gateway", read 2026-11).
func (k *Keeper) TakeForPortal(tx *store.Tx, name string, p Portal) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if _, err := k.checkCertificate(tx, &p.CertificateARN, name, edgeRegion); err != nil {
		return err
	}
	err := takeHost(tx, name)
	if errors.Is(err, ErrTaken) {
		return badRequest("The domain name you provided already exists.")
	}
	if err != nil {
		return err
	}
	return portalNames.Put(tx, store.Document[Portal]{ID: name, Value: p})
}

// ReleasePortal takes a name from its portal.
func ReleasePortal(tx *store.Tx, name string) error {
	if err := releaseHost(tx, name); err != nil {
		return err
	}
	return portalNames.Delete(tx, name)
}

// snapshot is what serving the portal at a name needs: a name behind CloudFront without any mappings.
func (p Portal) snapshot(name string) Snapshot {
	return Snapshot{Portal: p.ID, Domain: types.DomainName{
		DomainName: &name, CertificateArn: aws.String(p.CertificateARN),
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeEdge}},
		SecurityPolicy:        types.SecurityPolicyTls12,
	}}
}
