package apigatewayv2

import (
	"cmp"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/domainname"
	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// domainOf reads a domain that is to be changed, or looked into, through this API.
func domainOf(tx *store.Tx, name, id *string) (store.Document[domainname.Domain], error) {
	d, err := domainname.Get(tx, name, id)
	if err == nil {
		err = d.Value.CheckV2()
	}
	return d, err
}

// changeDomain changes a domain, or what hangs from it, which is served so when changeDomain returns.
func (s *Service) changeDomain(ctx context.Context, name, id *string, fn func(*store.Tx, store.Document[domainname.Domain]) error) error {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := domainOf(tx, name, id)
		if err != nil {
			return err
		}
		return fn(tx, d)
	})
	if err == nil {
		s.domains.Publish(ctx, *name)
	}
	return err
}

// CreateDomainName adds a custom domain name. It is there at once.
func (s *Service) CreateDomainName(ctx context.Context, in *sdk.CreateDomainNameInput) (*sdk.CreateDomainNameOutput, error) {
	d := domainname.Domain{Domain: rest.DomainName{
		DomainName: in.DomainName, DomainNameStatus: rest.DomainNameStatusAvailable, Tags: in.Tags,
		RoutingMode: restMode(cmp.Or(in.RoutingMode, types.RoutingModeApiMappingOnly)),
	}}
	if err := configure(&d, in.DomainNameConfigurations); err != nil {
		return nil, err
	}
	trust(&d, in.MutualTlsAuthentication)
	if err := domainname.CheckName(*in.DomainName); err != nil {
		return nil, err
	}
	if err := apigateway.CheckTags(in.Tags); err != nil {
		return nil, err
	}
	var out types.DomainName
	create := func(tx *store.Tx, read *domainname.Truststore) error {
		d.Locate(tx)
		if err := s.domains.Check(tx, &d, read); err != nil {
			return err
		}
		out = describeDomain(tx.Scope(), d.Domain)
		err := domainname.Insert(tx, d)
		if errors.Is(err, domainname.ErrTaken) { // not a conflict, as users of AWS measured
			err = badRequest("The domain name you provided already exists.")
		}
		if err != nil {
			return err
		}
		has, err := domainname.Count(tx, false)
		if err != nil {
			return err
		}
		return exceededByAccount(s.quotas, quota.Domains, has)
	}
	err := s.domains.Reading(ctx, func(read *domainname.Truststore) error {
		return s.update(ctx, func(tx *store.Tx) error { return create(tx, read) })
	})
	if err == nil {
		s.domains.Publish(ctx, *in.DomainName)
	}
	return wire.Answer[sdk.CreateDomainNameOutput](out, err)
}

// GetDomainName reads a custom domain name.
func (s *Service) GetDomainName(ctx context.Context, in *sdk.GetDomainNameInput) (*sdk.GetDomainNameOutput, error) {
	var out types.DomainName
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := domainname.Get(tx, in.DomainName, nil)
		if err == nil {
			out = describeDomain(tx.Scope(), d.Value.Domain)
		}
		return err
	})
	return wire.Answer[sdk.GetDomainNameOutput](out, err)
}

// GetDomainNames lists the public custom domain names, whichever API made them.
func (s *Service) GetDomainNames(ctx context.Context, in *sdk.GetDomainNamesInput) (*sdk.GetDomainNamesOutput, error) {
	out := &sdk.GetDomainNamesOutput{Items: []types.DomainName{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		found, next, err := page(tx, domainname.Domains, store.Query{}, in.MaxResults, in.NextToken)
		for _, d := range found {
			if !d.Has(rest.EndpointTypePrivate) {
				out.Items = append(out.Items, describeDomain(tx.Scope(), d.Domain))
			}
		}
		out.NextToken = next
		return err
	})
	return out, err
}

// UpdateDomainName changes a custom domain name. What the input leaves out stays; a configuration takes
// the place of the former one as a whole.
func (s *Service) UpdateDomainName(ctx context.Context, in *sdk.UpdateDomainNameInput) (*sdk.UpdateDomainNameOutput, error) {
	var out types.DomainName
	update := func(tx *store.Tx, d store.Document[domainname.Domain], read *domainname.Truststore) error {
		if in.DomainNameConfigurations != nil {
			if err := configure(&d.Value, in.DomainNameConfigurations); err != nil {
				return err
			}
		}
		if in.MutualTlsAuthentication != nil {
			trust(&d.Value, in.MutualTlsAuthentication)
		}
		if in.RoutingMode != "" {
			d.Value.Domain.RoutingMode = restMode(in.RoutingMode)
		}
		if err := s.domains.Check(tx, &d.Value, read); err != nil {
			return err
		}
		out = describeDomain(tx.Scope(), d.Value.Domain)
		return domainname.Domains.Put(tx, d)
	}
	err := s.domains.Reading(ctx, func(read *domainname.Truststore) error {
		return s.changeDomain(ctx, in.DomainName, nil, func(tx *store.Tx, d store.Document[domainname.Domain]) error { return update(tx, d, read) })
	})
	return wire.Answer[sdk.UpdateDomainNameOutput](out, err)
}

// DeleteDomainName removes a custom domain name with its mappings and routing rules.
func (s *Service) DeleteDomainName(ctx context.Context, in *sdk.DeleteDomainNameInput) (*sdk.DeleteDomainNameOutput, error) {
	err := s.changeDomain(ctx, in.DomainName, nil, func(tx *store.Tx, d store.Document[domainname.Domain]) error {
		return domainname.Delete(tx, d.ID)
	})
	return &sdk.DeleteDomainNameOutput{}, err
}

// configure gives a domain its endpoint. Measured by users of AWS: it is regional whatever type is asked
// for, but for EDGE, which is refused.
func configure(d *domainname.Domain, all []types.DomainNameConfiguration) error {
	if len(all) != 1 {
		return badRequest("Invalid input. Expected one domain name configuration")
	}
	c, n := all[0], &d.Domain
	if c.EndpointType == types.EndpointTypeEdge {
		return badRequest("EDGE endpoint type is not supported for APIGatewayV2 domainName")
	}
	n.RegionalCertificateArn, n.RegionalCertificateName = c.CertificateArn, c.CertificateName
	n.OwnershipVerificationCertificateArn = c.OwnershipVerificationCertificateArn
	n.SecurityPolicy = rest.SecurityPolicy(cmp.Or(c.SecurityPolicy, types.SecurityPolicyTls12))
	n.EndpointConfiguration = &rest.EndpointConfiguration{
		Types: []rest.EndpointType{rest.EndpointTypeRegional}, IpAddressType: rest.IpAddressType(c.IpAddressType),
	}
	return d.CheckV2()
}

// trust sets the truststore of a domain, which is then read again. Without a URI mutual TLS ends.
func trust(d *domainname.Domain, in *types.MutualTlsAuthenticationInput) {
	d.Domain.MutualTlsAuthentication, d.Truststore = nil, ""
	if in != nil && aws.ToString(in.TruststoreUri) != "" {
		d.Domain.MutualTlsAuthentication = &rest.MutualTlsAuthentication{TruststoreUri: in.TruststoreUri, TruststoreVersion: in.TruststoreVersion}
	}
}
