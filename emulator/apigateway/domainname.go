package apigateway

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A domainName is what is stored of a custom domain name under that name.
type domainName struct {
	Domain types.DomainName
	// Body, Chain and Key are the PEM of an edge-optimized name whose certificate is not ACM's.
	Body, Chain, Key string `json:",omitempty"`
	// Truststore is what truststoreUri named when it was last set, "" where it has yet to be read.
	Truststore string `json:",omitempty"`
}

var domainNames = store.Kind[domainName]{Service: service, Name: "domainname"}

// hosts are the names that are taken, whoever has them: a request brings nothing but the
// name. The value is where the domain lives.
var hosts = store.Kind[store.Scope]{Service: service, Name: "host"}

// everywhere is the scope of hosts.
var everywhere = store.Scope{Region: "aws-global"}

func domainRef(name string) *store.Ref { return &store.Ref{Kind: domainNames.Name, ID: name} }

// getDomain reads a domain. A private one is named by its id too.
func getDomain(tx *store.Tx, name, id *string) (store.Document[domainName], error) {
	d, err := domainNames.Get(tx, aws.ToString(name))
	if err == nil && aws.ToString(d.Value.Domain.DomainNameId) != aws.ToString(id) {
		err = store.ErrNotFound
	}
	return d, missing(err, "Invalid domain name identifier specified")
}

// describeDomain is a domain as AWS shows it.
func describeDomain(d types.DomainName) types.DomainName {
	if len(d.Tags) == 0 {
		d.Tags = nil
	}
	return d
}

// CreateDomainName adds a custom domain name. It is there at once.
func (s *Service) CreateDomainName(ctx context.Context, in *sdk.CreateDomainNameInput) (*sdk.CreateDomainNameOutput, error) {
	d, err := newDomain(in)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		nameDomain(tx, &d.Domain)
		if err := s.checkDomain(tx, &d); err != nil {
			return err
		}
		if err := takeHost(tx, *in.DomainName); err != nil {
			return err
		}
		return taken(domainNames.Insert(tx, store.Document[domainName]{ID: *in.DomainName, Name: *in.DomainName, Value: d}),
			"The domain name you provided already exists.")
	})
	if err == nil {
		s.publishDomain(ctx, *in.DomainName)
	}
	return wire.Answer[sdk.CreateDomainNameOutput](describeDomain(d.Domain), err)
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
	_, err = domainNames.Get(tx.In(was.Value), name)
	if errors.Is(err, store.ErrNotFound) { // its account or region was reset
		return hosts.Put(global, holder)
	}
	if err == nil {
		err = conflict("The domain name you provided already exists.")
	}
	return err
}

// nameDomain gives a domain the names under which DNS would find its endpoints.
func nameDomain(tx *store.Tx, d *types.DomainName) {
	d.CertificateUploadDate = nil
	for _, t := range d.EndpointConfiguration.Types {
		switch {
		case t == types.EndpointTypePrivate && d.DomainNameId == nil:
			d.DomainNameId = aws.String(tx.ID(10))
			d.DomainNameArn = aws.String(privateDomains(tx.Scope()) + *d.DomainName + "+" + *d.DomainNameId)
		case t == types.EndpointTypeEdge && d.DistributionDomainName == nil:
			d.DistributionDomainName = aws.String("d" + tx.ID(13) + ".cloudfront.net")
			d.DistributionHostedZoneId = aws.String(edgeZone)
		case t == types.EndpointTypeRegional && d.RegionalDomainName == nil:
			d.RegionalDomainName = aws.String("d-" + tx.ID(10) + ".execute-api." + tx.Scope().Region + ".amazonaws.com")
			if zone := regionalZones[tx.Scope().Region]; zone != "" {
				d.RegionalHostedZoneId = aws.String(zone)
			}
		}
		if t != types.EndpointTypeRegional {
			d.CertificateUploadDate = aws.Time(tx.Now().Truncate(time.Second))
		}
	}
}

// privateDomains is how the ARNs of private domains begin; name+id follows.
func privateDomains(sc store.Scope) string {
	return "arn:aws:apigateway:" + sc.Region + ":" + sc.Account + ":/domainnames/"
}

// GetDomainName reads a custom domain name.
func (s *Service) GetDomainName(ctx context.Context, in *sdk.GetDomainNameInput) (*sdk.GetDomainNameOutput, error) {
	var d types.DomainName
	err := s.view(ctx, func(tx *store.Tx) error {
		doc, err := getDomain(tx, in.DomainName, in.DomainNameId)
		d = doc.Value.Domain
		return err
	})
	return wire.Answer[sdk.GetDomainNameOutput](describeDomain(d), err)
}

// GetDomainNames lists the caller's custom domain names. None of another account's are shared.
func (s *Service) GetDomainNames(ctx context.Context, in *sdk.GetDomainNamesInput) (*sdk.GetDomainNamesOutput, error) {
	out := &sdk.GetDomainNamesOutput{Items: []types.DomainName{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		found, next, err := list(tx, domainNames, store.Query{}, in.Limit, in.Position)
		if err != nil || in.ResourceOwner == types.ResourceOwnerOtherAccounts {
			return err
		}
		for _, d := range found {
			out.Items = append(out.Items, describeDomain(d.Domain))
		}
		out.Position = next
		return nil
	})
	return out, err
}

// DeleteDomainName removes a custom domain name with its mappings.
func (s *Service) DeleteDomainName(ctx context.Context, in *sdk.DeleteDomainNameInput) (*sdk.DeleteDomainNameOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getDomain(tx, in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		if err := hosts.Delete(tx.In(everywhere), d.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return domainNames.Delete(tx, d.ID)
	})
	if err != nil {
		return nil, err
	}
	s.publishDomain(ctx, *in.DomainName)
	return &sdk.DeleteDomainNameOutput{}, nil
}
