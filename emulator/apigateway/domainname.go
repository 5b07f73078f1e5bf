package apigateway

import (
	"cmp"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/domainname"
	"postern/emulator/store"
	"postern/emulator/wire"
)

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
	err = s.updateDomain(ctx, func(tx *store.Tx, read *domainname.Truststore) error {
		d.Locate(tx)
		if err := s.checkDomain(tx, &d, read); err != nil {
			return err
		}
		err := domainname.Insert(tx, d)
		if errors.Is(err, domainname.ErrTaken) {
			err = conflict("The domain name you provided already exists.")
		}
		if err != nil {
			return err
		}
		return withinDomains(tx, s.quotas, d.Has(types.EndpointTypePrivate))
	})
	if err == nil {
		s.domains.Publish(ctx, *in.DomainName)
	}
	return wire.Answer[sdk.CreateDomainNameOutput](describeDomain(d.Domain), err)
}

// updateDomain is update with what has been read of a truststore, if any.
func (s *Service) updateDomain(ctx context.Context, fn func(*store.Tx, *domainname.Truststore) error) error {
	return s.domains.Reading(ctx, func(read *domainname.Truststore) error {
		return s.update(ctx, func(tx *store.Tx) error { return fn(tx, read) })
	})
}

// newDomain is the domain that a request asks for, with AWS's defaults.
func newDomain(in *sdk.CreateDomainNameInput) (domainname.Domain, error) {
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
		return domainname.Domain{}, badRequest("Exactly one endpoint type must be specified.")
	}
	d.EndpointConfiguration = &e
	if m := in.MutualTlsAuthentication; m != nil && aws.ToString(m.TruststoreUri) != "" {
		d.MutualTlsAuthentication = &types.MutualTlsAuthentication{TruststoreUri: m.TruststoreUri, TruststoreVersion: m.TruststoreVersion}
	}
	out := domainname.Domain{Domain: d, Body: aws.ToString(in.CertificateBody), Chain: aws.ToString(in.CertificateChain), Key: aws.ToString(in.CertificatePrivateKey)}
	if err := domainname.CheckName(*in.DomainName); err != nil {
		return out, err
	}
	return out, CheckTags(in.Tags)
}

// checkDomain is what else must be right with a domain before it is stored.
func (s *Service) checkDomain(tx *store.Tx, d *domainname.Domain, read *domainname.Truststore) error {
	n := &d.Domain
	for _, p := range []**string{&n.Policy, &n.ManagementPolicy} {
		if *p != nil && !d.Has(types.EndpointTypePrivate) {
			return badRequest("Policies are only supported for private custom domain names.")
		}
		a := types.RestApi{Policy: *p}
		if aws.ToString(*p) == "" {
			*p = nil
		} else if err := compactPolicy(&a); err != nil {
			return err
		} else {
			*p = a.Policy
		}
	}
	return s.domains.Check(tx, d, read)
}

// GetDomainName reads a custom domain name.
func (s *Service) GetDomainName(ctx context.Context, in *sdk.GetDomainNameInput) (*sdk.GetDomainNameOutput, error) {
	var d types.DomainName
	err := s.view(ctx, func(tx *store.Tx) error {
		doc, err := domainname.Get(tx, in.DomainName, in.DomainNameId)
		d = doc.Value.Domain
		return err
	})
	return wire.Answer[sdk.GetDomainNameOutput](describeDomain(d), err)
}

// GetDomainNames lists the caller's custom domain names. None of another account's are shared.
func (s *Service) GetDomainNames(ctx context.Context, in *sdk.GetDomainNamesInput) (*sdk.GetDomainNamesOutput, error) {
	out := &sdk.GetDomainNamesOutput{Items: []types.DomainName{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		found, next, err := list(tx, domainname.Domains, store.Query{}, in.Limit, in.Position)
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
		d, err := domainname.Get(tx, in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		return domainname.Delete(tx, d.ID)
	})
	if err != nil {
		return nil, err
	}
	s.domains.Publish(ctx, *in.DomainName)
	return &sdk.DeleteDomainNameOutput{}, nil
}
