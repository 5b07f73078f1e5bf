package apigateway

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/domainname"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var domainPatches = patchTable[domainname.Domain]{
	rules: slices.Concat(
		domainTexts("/certificateName", func(d *domainname.Domain) **string { return &d.Domain.CertificateName }),
		domainTexts("/certificateArn", func(d *domainname.Domain) **string { return &d.Domain.CertificateArn }),
		domainTexts("/regionalCertificateName", func(d *domainname.Domain) **string { return &d.Domain.RegionalCertificateName }),
		domainTexts("/regionalCertificateArn", func(d *domainname.Domain) **string { return &d.Domain.RegionalCertificateArn }),
		domainTexts("/ownershipVerificationCertificateArn", func(d *domainname.Domain) **string { return &d.Domain.OwnershipVerificationCertificateArn }),
		truststoreRules("/mutualTlsAuthentication/truststoreUri", func(m *types.MutualTlsAuthentication) **string { return &m.TruststoreUri }),
		truststoreRules("/mutualTlsAuthentication/truststoreVersion", func(m *types.MutualTlsAuthentication) **string { return &m.TruststoreVersion }),
		[]rule[domainname.Domain]{
			{types.OpAdd, "/endpointConfiguration/types", addDomainType},
			{types.OpRemove, "/endpointConfiguration/types", removeDomainType},
			{types.OpReplace, "/endpointConfiguration/types/{old}", replaceDomainType},
			{types.OpReplace, "/endpointConfiguration/ipAddressType", setDomainAddressType},
			{types.OpReplace, "/securityPolicy", setDomainSecurity},
			{types.OpReplace, "/endpointAccessMode", setDomainAccess},
			{types.OpReplace, "/routingMode", setRoutingMode},
			{types.OpRemove, "/mutualTlsAuthentication", func(d *domainname.Domain, _ change) error { d.Domain.MutualTlsAuthentication = nil; return nil }},
			{types.OpReplace, "/policy", setText(func(d *domainname.Domain) **string { return &d.Domain.Policy })},
			{types.OpReplace, "/managementPolicy", setText(func(d *domainname.Domain) **string { return &d.Domain.ManagementPolicy })},
		},
	),
	unknown: loose,
}

// domainTexts are the rules of a text that can be added and removed, as a certificate is with its endpoint.
func domainTexts(path string, member func(*domainname.Domain) **string) []rule[domainname.Domain] {
	return []rule[domainname.Domain]{
		{types.OpReplace, path, setText(member)},
		{types.OpAdd, path, setText(member)},
		{types.OpRemove, path, func(d *domainname.Domain, _ change) error { *member(d) = nil; return nil }},
	}
}

// UpdateDomainName changes a custom domain name. It is served so at once.
func (s *Service) UpdateDomainName(ctx context.Context, in *sdk.UpdateDomainNameInput) (*sdk.UpdateDomainNameOutput, error) {
	var out types.DomainName
	err := s.updateDomain(ctx, func(tx *store.Tx, read *domainname.Truststore) error {
		d, err := domainname.Get(tx, in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		uploaded, certificate := d.Value.Domain.CertificateUploadDate, aws.ToString(d.Value.Domain.CertificateArn)
		if err := domainPatches.apply(&d.Value, in.PatchOperations); err != nil {
			return err
		}
		if err := s.checkDomain(tx, &d.Value, read); err != nil {
			return err
		}
		d.Value.Forget()
		d.Value.Locate(tx)
		if aws.ToString(d.Value.Domain.CertificateArn) == certificate && uploaded != nil && d.Value.Domain.CertificateUploadDate != nil {
			d.Value.Domain.CertificateUploadDate = uploaded
		}
		out = d.Value.Domain
		return domainname.Domains.Put(tx, d)
	})
	if err == nil {
		s.domains.Publish(ctx, *in.DomainName)
	}
	return wire.Answer[sdk.UpdateDomainNameOutput](describeDomain(out), err)
}

func domainType(c change) (types.EndpointType, error) {
	t := types.EndpointType(c.text())
	if !valid(t, t.Values()) {
		return t, badRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
	}
	return t, nil
}

func addDomainType(d *domainname.Domain, c change) error {
	t, err := domainType(c)
	if err != nil {
		return err
	}
	if !d.Has(t) {
		d.Domain.EndpointConfiguration.Types = append(slices.Clone(d.Domain.EndpointConfiguration.Types), t)
	}
	return onlyPublic(d, t)
}

func removeDomainType(d *domainname.Domain, c change) error {
	t, err := domainType(c)
	if err != nil {
		return err
	}
	d.Domain.EndpointConfiguration.Types = slices.DeleteFunc(d.Domain.EndpointConfiguration.Types, func(have types.EndpointType) bool { return have == t })
	return nil
}

// replaceDomainType takes the type to replace, or its place, from the path.
func replaceDomainType(d *domainname.Domain, c change) error {
	t, err := domainType(c)
	if err != nil {
		return err
	}
	have := slices.Clone(d.Domain.EndpointConfiguration.Types)
	i := slices.Index(have, types.EndpointType(c.args[0]))
	if c.args[0] == "0" {
		i = 0
	}
	if i < 0 {
		return loose(c, nil)
	}
	have[i] = t
	d.Domain.EndpointConfiguration.Types = slices.Compact(have)
	return onlyPublic(d, t)
}

// onlyPublic refuses that a name becomes private, or a private one public.
func onlyPublic(d *domainname.Domain, t types.EndpointType) error {
	if (t == types.EndpointTypePrivate) != (d.Domain.DomainNameId != nil) {
		return badRequest("The endpoint type of a private custom domain name cannot be changed, nor can another become private.")
	}
	return nil
}

func setDomainAddressType(d *domainname.Domain, c change) error {
	t := types.IpAddressType(c.text())
	if !valid(t, t.Values()) {
		return badRequest("ipAddressType must be either ipv4 or dualstack.")
	}
	d.Domain.EndpointConfiguration.IpAddressType = t
	return nil
}

func setDomainSecurity(d *domainname.Domain, c change) error {
	d.Domain.SecurityPolicy = types.SecurityPolicy(c.text())
	if !valid(d.Domain.SecurityPolicy, d.Domain.SecurityPolicy.Values()) {
		return badRequest("Invalid securityPolicy specified: %s", c.text())
	}
	return nil
}

func setDomainAccess(d *domainname.Domain, c change) error {
	d.Domain.EndpointAccessMode = types.EndpointAccessMode(c.text())
	if !valid(d.Domain.EndpointAccessMode, d.Domain.EndpointAccessMode.Values()) {
		return badRequest("Invalid endpointAccessMode specified. Valid options are BASIC,STRICT")
	}
	return nil
}

func setRoutingMode(d *domainname.Domain, c change) error {
	d.Domain.RoutingMode = types.RoutingMode(c.text())
	if !valid(d.Domain.RoutingMode, d.Domain.RoutingMode.Values()) {
		return badRequest("Invalid routingMode specified: %s", c.text())
	}
	return nil
}

func truststoreRules(path string, member func(*types.MutualTlsAuthentication) **string) []rule[domainname.Domain] {
	set := setTruststore(member)
	return []rule[domainname.Domain]{
		{types.OpReplace, path, set},
		{types.OpAdd, path, set},
		{types.OpRemove, path, func(d *domainname.Domain, _ change) error { return set(d, change{}) }},
	}
}

// setTruststore changes where the truststore is, which is then read again. With no URI mutual
// TLS ends.
func setTruststore(member func(*types.MutualTlsAuthentication) **string) func(*domainname.Domain, change) error {
	return func(d *domainname.Domain, c change) error {
		m := types.MutualTlsAuthentication{}
		if d.Domain.MutualTlsAuthentication != nil {
			m = *d.Domain.MutualTlsAuthentication
		}
		*member(&m) = nil
		if c.text() != "" {
			*member(&m) = c.value
		}
		d.Domain.MutualTlsAuthentication, d.Truststore = &m, ""
		if m.TruststoreUri == nil {
			d.Domain.MutualTlsAuthentication = nil
		}
		return nil
	}
}
