package domainname

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// A Snapshot is everything that serving a custom domain name needs.
type Snapshot struct {
	Domain   types.DomainName
	Mappings []types.BasePathMapping // the root's BasePath is Root
	Rules    []v2types.RoutingRule
	// Body, Chain and Key are the PEM of a certificate that is not ACM's, "" where it is.
	Body, Chain, Key string
	Truststore       string   // PEM, "" without mutual TLS
	Endpoints        []string // VPC endpoints that may reach a private name
	// Portal is the id of the portal whose pages are served at the name, "" for none.
	Portal string
}

// CertificateARN is the certificate that the name is served with: one name has one here, so
// that of the regional endpoint counts where there are two. "" is the one in Body.
func (s Snapshot) CertificateARN() string {
	if s.Domain.RegionalCertificateArn != nil {
		return *s.Domain.RegionalCertificateArn
	}
	return aws.ToString(s.Domain.CertificateArn)
}

// A Publisher serves custom domain names. It is told of every change after the
// transaction that made it has been committed.
type Publisher interface {
	PublishDomain(ctx context.Context, s Snapshot) error
	UnpublishDomain(ctx context.Context, name string)
}

// ErrNone means that nobody has a domain of the name.
var ErrNone = errors.New("no such domain name")

// Names lists the names of all accounts and regions.
func (k *Keeper) Names(ctx context.Context) (names []string, err error) {
	err = k.o.Store.View(ctx, everywhere, func(tx *store.Tx) error {
		page, err := hosts.List(tx, store.Query{})
		for _, d := range page.Documents {
			names = append(names, d.ID)
		}
		return err
	})
	return names, err
}

// Snapshot reads what serving a name needs, whosever it is; or ErrNone.
func (k *Keeper) Snapshot(ctx context.Context, name string) (out Snapshot, err error) {
	err = k.o.Store.View(ctx, everywhere, func(tx *store.Tx) error {
		host, err := hosts.Get(tx, name)
		if err != nil {
			return err
		}
		out, err = readDomain(tx.In(host.Value), name)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		err = ErrNone
	}
	return out, err
}

func readDomain(tx *store.Tx, name string) (out Snapshot, err error) {
	d, err := Domains.Get(tx, name)
	if errors.Is(err, store.ErrNotFound) {
		p, err := portalNames.Get(tx, name)
		return p.Value.snapshot(name), err
	}
	if err != nil {
		return out, err
	}
	out.Domain, out.Truststore = d.Value.Domain, d.Value.Truststore
	out.Body, out.Chain, out.Key = d.Value.Body, d.Value.Chain, d.Value.Key
	ms, err := MappingsOf(tx, name)
	if err != nil {
		return out, err
	}
	for _, m := range ms {
		out.Mappings = append(out.Mappings, m.Mapping)
	}
	if out.Rules, err = RulesOf(tx, name); err != nil {
		return out, err
	}
	as, err := Associations.List(tx, store.Query{Parent: Ref(name)})
	for _, a := range as.Documents {
		out.Endpoints = append(out.Endpoints, *a.Value.AccessAssociationSource)
	}
	return out, err
}

// Publish tells the publisher what a name is now, after a commit that has changed it.
func (k *Keeper) Publish(ctx context.Context, name string) {
	if k.o.Publisher == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	defer k.turns.Take(name)()
	snapshot, err := k.Snapshot(ctx, name)
	if errors.Is(err, ErrNone) {
		k.o.Publisher.UnpublishDomain(ctx, name)
		return
	}
	if err == nil {
		err = k.o.Publisher.PublishDomain(ctx, snapshot)
	}
	if err != nil {
		k.o.Logger.Warn("domain name is not published", "domain", name, "error", err)
	}
}

// CertificateChanged publishes the names that a certificate of ACM serves anew.
func (k *Keeper) CertificateChanged(ctx context.Context, arn string) {
	names, err := k.Names(ctx)
	if err != nil {
		k.o.Logger.Warn("domain names are not published", "certificate", arn, "error", err)
		return
	}
	for _, name := range names {
		if d, err := k.Snapshot(ctx, name); err == nil && d.CertificateARN() == arn {
			k.Publish(ctx, name)
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
		d, err := readDomain(tx.In(h.Value), h.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		n := d.Domain
		for _, used := range []*string{n.CertificateArn, n.RegionalCertificateArn, n.OwnershipVerificationCertificateArn} {
			if aws.ToString(used) == arn {
				users = append(users, ARN(h.Value, h.ID))
				break
			}
		}
	}
	return users, nil
}
