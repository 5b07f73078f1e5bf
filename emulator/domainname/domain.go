package domainname

import (
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// service is whose documents these are: apigateway had domain names first.
const service = "apigateway"

// A Domain is what is stored of a custom domain name under that name.
type Domain struct {
	Domain types.DomainName
	// Body, Chain and Key are the PEM of an edge-optimized name whose certificate is not ACM's.
	Body, Chain, Key string `json:",omitempty"`
	// Truststore is what truststoreUri named when it was last set, "" where it has yet to be read.
	Truststore string `json:",omitempty"`
}

// Domains are the names of an account and region.
var Domains = store.Kind[Domain]{Service: service, Name: "domainname"}

// hosts are the names that are taken, whoever has them: a request brings nothing but the
// name. The value is where the domain lives.
var hosts = store.Kind[store.Scope]{Service: service, Name: "host"}

// everywhere is the scope of hosts.
var everywhere = store.Scope{Region: "aws-global"}

// ErrTaken means that somebody has the name already.
var ErrTaken = errors.New("the domain name is taken")

// Ref is what hangs from a name refers to.
func Ref(name string) *store.Ref { return &store.Ref{Kind: Domains.Name, ID: name} }

// Has tells whether one of the name's endpoints is of a type.
func (d *Domain) Has(t types.EndpointType) bool {
	return slices.Contains(d.Domain.EndpointConfiguration.Types, t)
}

// Get reads a domain. A private one is named by its id too.
func Get(tx *store.Tx, name, id *string) (store.Document[Domain], error) {
	d, err := Domains.Get(tx, aws.ToString(name))
	if err == nil && aws.ToString(d.Value.Domain.DomainNameId) != aws.ToString(id) {
		err = store.ErrNotFound
	}
	return d, missing(err, "Invalid domain name identifier specified")
}

// Insert adds a domain, or returns ErrTaken.
func Insert(tx *store.Tx, d Domain) error {
	name := *d.Domain.DomainName
	if err := takeHost(tx, name); err != nil {
		return err
	}
	err := Domains.Insert(tx, store.Document[Domain]{ID: name, Name: name, Value: d})
	if errors.Is(err, store.ErrExists) {
		err = ErrTaken
	}
	return err
}

// Count is how many public or private domains there are.
func Count(tx *store.Tx, private bool) (n int, err error) {
	all, err := Domains.List(tx, store.Query{})
	for _, d := range all.Documents {
		if d.Value.Has(types.EndpointTypePrivate) == private {
			n++
		}
	}
	return n, err
}

// takeHost reserves a name among all accounts and regions. Unlike AWS, where the same regional
// name may be in several regions of an account, it is there once: no DNS says which is meant.
func takeHost(tx *store.Tx, name string) error {
	global := tx.In(everywhere)
	holder := store.Document[store.Scope]{ID: name, Name: name, Value: tx.Scope()}
	err := hosts.Insert(global, holder)
	if !errors.Is(err, store.ErrExists) {
		return err
	}
	was, err := hosts.Get(global, name)
	if err != nil {
		return err
	}
	_, err = readDomain(tx.In(was.Value), name)
	if errors.Is(err, store.ErrNotFound) { // its account or region was reset
		return hosts.Put(global, holder)
	}
	if err == nil {
		err = ErrTaken
	}
	return err
}

// Delete removes a domain with all that hangs from it.
func Delete(tx *store.Tx, name string) error {
	if err := releaseHost(tx, name); err != nil {
		return err
	}
	return Domains.Delete(tx, name)
}

func releaseHost(tx *store.Tx, name string) error {
	err := hosts.Delete(tx.In(everywhere), name)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return err
}

// Locate gives a domain the names under which DNS would find its endpoints.
func (d *Domain) Locate(tx *store.Tx) {
	n := &d.Domain
	n.CertificateUploadDate = nil
	for _, t := range n.EndpointConfiguration.Types {
		switch {
		case t == types.EndpointTypePrivate && n.DomainNameId == nil:
			n.DomainNameId = aws.String(tx.ID(10))
			n.DomainNameArn = aws.String(PrivateARNs(tx.Scope()) + *n.DomainName + "+" + *n.DomainNameId)
		case t == types.EndpointTypeEdge && n.DistributionDomainName == nil:
			n.DistributionDomainName = aws.String("d" + tx.ID(13) + ".cloudfront.net")
			n.DistributionHostedZoneId = aws.String(EdgeZone)
		case t == types.EndpointTypeRegional && n.RegionalDomainName == nil:
			n.RegionalDomainName = aws.String("d-" + tx.ID(10) + ".execute-api." + tx.Scope().Region + ".amazonaws.com")
			if zone := regionalZones[tx.Scope().Region]; zone != "" {
				n.RegionalHostedZoneId = aws.String(zone)
			}
		}
		if t != types.EndpointTypeRegional {
			n.CertificateUploadDate = aws.Time(tx.Now().Truncate(time.Second))
		}
	}
}

// Forget drops what belongs to endpoints that the domain no longer has.
func (d *Domain) Forget() {
	n := &d.Domain
	if !d.Has(types.EndpointTypeEdge) {
		n.DistributionDomainName, n.DistributionHostedZoneId = nil, nil
		d.Body, d.Chain, d.Key = "", "", ""
		if !d.Has(types.EndpointTypePrivate) {
			n.CertificateArn, n.CertificateName = nil, nil
		}
	}
	if !d.Has(types.EndpointTypeRegional) {
		n.RegionalDomainName, n.RegionalHostedZoneId, n.RegionalCertificateArn, n.RegionalCertificateName = nil, nil, nil, nil
	}
}

// ARN is that of a public domain.
func ARN(sc store.Scope, name string) string {
	return "arn:aws:apigateway:" + sc.Region + "::/domainnames/" + name
}

// PrivateARNs is how the ARNs of private domains begin; name+id follows.
func PrivateARNs(sc store.Scope) string {
	return "arn:aws:apigateway:" + sc.Region + ":" + sc.Account + ":/domainnames/"
}

// Associations let VPC endpoints reach private names. They are stored under their ARNs and hang from
// their domains.
var Associations = store.Kind[types.DomainNameAccessAssociation]{Service: service, Name: "accessassociation"}
