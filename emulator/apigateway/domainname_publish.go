package apigateway

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// A DomainSnapshot is everything that serving a custom domain name needs.
type DomainSnapshot struct {
	Domain   types.DomainName
	Mappings []types.BasePathMapping // the root's BasePath is "(none)"
	// Body, Chain and Key are the PEM of a certificate that is not ACM's, "" where it is.
	Body, Chain, Key string
	Truststore       string   // PEM, "" without mutual TLS
	Endpoints        []string // VPC endpoints that may reach a private name
}

// CertificateARN is the certificate that the name is served with: one name has one here, so
// that of the regional endpoint counts where there are two. "" is the one in Body.
func (s DomainSnapshot) CertificateARN() string {
	if s.Domain.RegionalCertificateArn != nil {
		return *s.Domain.RegionalCertificateArn
	}
	return aws.ToString(s.Domain.CertificateArn)
}

// A DomainPublisher serves custom domain names. It is told of every change after the
// transaction that made it has been committed.
type DomainPublisher interface {
	PublishDomain(ctx context.Context, s DomainSnapshot) error
	UnpublishDomain(ctx context.Context, name string)
}

// ErrNoDomain means that nobody has a domain of the name.
var ErrNoDomain = errors.New("no such domain name")

// DomainNames lists the names of all accounts and regions.
func (s *Service) DomainNames(ctx context.Context) (names []string, err error) {
	err = s.store.View(ctx, everywhere, func(tx *store.Tx) error {
		page, err := hosts.List(tx, store.Query{})
		for _, d := range page.Documents {
			names = append(names, d.ID)
		}
		return err
	})
	return names, err
}

// DomainSnapshot reads what serving a name needs, whosever it is; or ErrNoDomain.
func (s *Service) DomainSnapshot(ctx context.Context, name string) (out DomainSnapshot, err error) {
	err = s.store.View(ctx, everywhere, func(tx *store.Tx) error {
		host, err := hosts.Get(tx, name)
		if err != nil {
			return err
		}
		out, err = readDomain(tx.In(host.Value), name)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		err = ErrNoDomain
	}
	return out, err
}

func readDomain(tx *store.Tx, name string) (out DomainSnapshot, err error) {
	d, err := domainNames.Get(tx, name)
	if err != nil {
		return out, err
	}
	out.Domain, out.Truststore = d.Value.Domain, d.Value.Truststore
	out.Body, out.Chain, out.Key = d.Value.Body, d.Value.Chain, d.Value.Key
	ms, err := mappings.List(tx, store.Query{Parent: domainRef(name)})
	if err != nil {
		return out, err
	}
	for _, m := range ms.Documents {
		out.Mappings = append(out.Mappings, m.Value.Mapping)
	}
	as, err := associations.List(tx, store.Query{Parent: domainRef(name)})
	for _, a := range as.Documents {
		out.Endpoints = append(out.Endpoints, *a.Value.AccessAssociationSource)
	}
	return out, err
}

// publishDomain tells the publisher what a name is now, after a commit that has changed it.
func (s *Service) publishDomain(ctx context.Context, name string) {
	if s.domains == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	turn := s.turn(name)
	turn.Lock()
	defer turn.Unlock()
	snapshot, err := s.DomainSnapshot(ctx, name)
	if errors.Is(err, ErrNoDomain) {
		s.domains.UnpublishDomain(ctx, name)
		return
	}
	if err == nil {
		err = s.domains.PublishDomain(ctx, snapshot)
	}
	if err != nil {
		s.log.Warn("domain name is not published", "domain", name, "error", err)
	}
}

// CertificateChanged publishes the names that a certificate of ACM serves anew.
func (s *Service) CertificateChanged(ctx context.Context, arn string) {
	names, err := s.DomainNames(ctx)
	if err != nil {
		s.log.Warn("domain names are not published", "certificate", arn, "error", err)
		return
	}
	for _, name := range names {
		if d, err := s.DomainSnapshot(ctx, name); err == nil && d.CertificateARN() == arn {
			s.publishDomain(ctx, name)
		}
	}
}

// CertificateUsers are the ARNs of the domain names that use a certificate.
func CertificateUsers(tx *store.Tx, arn string) (users []string, err error) {
	page, err := hosts.List(tx.In(everywhere), store.Query{})
	if err != nil {
		return nil, err
	}
	for _, h := range page.Documents {
		d, err := domainNames.Get(tx.In(h.Value), h.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		n := d.Value.Domain
		for _, used := range []*string{n.CertificateArn, n.RegionalCertificateArn, n.OwnershipVerificationCertificateArn} {
			if aws.ToString(used) == arn {
				users = append(users, "arn:aws:apigateway:"+h.Value.Region+"::/domainnames/"+h.ID)
				break
			}
		}
	}
	return users, nil
}
