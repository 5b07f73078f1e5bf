package apigatewayv2

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/domainname"
	"postern/emulator/store"
)

// restModes are apigateway's names of routing modes.
var restModes = map[types.RoutingMode]rest.RoutingMode{
	types.RoutingModeApiMappingOnly:            rest.RoutingModeBasePathMappingOnly,
	types.RoutingModeRoutingRuleOnly:           rest.RoutingModeRoutingRuleOnly,
	types.RoutingModeRoutingRuleThenApiMapping: rest.RoutingModeRoutingRuleThenBasePathMapping,
}

func restMode(m types.RoutingMode) rest.RoutingMode { return restModes[m] }

func describeMode(m rest.RoutingMode) types.RoutingMode {
	for ours, theirs := range restModes {
		if theirs == m {
			return ours
		}
	}
	return types.RoutingModeApiMappingOnly
}

// describeDomain is a domain in this API's words, with a configuration for each of its endpoints.
func describeDomain(sc store.Scope, d rest.DomainName) types.DomainName {
	out := types.DomainName{
		DomainName: d.DomainName, DomainNameArn: aws.String(domainname.ARN(sc, *d.DomainName)), RoutingMode: describeMode(d.RoutingMode),
		ApiMappingSelectionExpression: aws.String("$request.basepath"), Tags: d.Tags,
	}
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	if m := d.MutualTlsAuthentication; m != nil {
		out.MutualTlsAuthentication = &types.MutualTlsAuthentication{
			TruststoreUri: m.TruststoreUri, TruststoreVersion: m.TruststoreVersion, TruststoreWarnings: m.TruststoreWarnings,
		}
	}
	for _, t := range d.EndpointConfiguration.Types {
		out.DomainNameConfigurations = append(out.DomainNameConfigurations, describeEndpoint(d, t))
	}
	return out
}

func describeEndpoint(d rest.DomainName, t rest.EndpointType) types.DomainNameConfiguration {
	c := types.DomainNameConfiguration{
		DomainNameStatus: types.DomainNameStatus(d.DomainNameStatus), DomainNameStatusMessage: d.DomainNameStatusMessage,
		EndpointType: types.EndpointType(t), SecurityPolicy: types.SecurityPolicy(d.SecurityPolicy),
		IpAddressType:                       types.IpAddressType(d.EndpointConfiguration.IpAddressType),
		OwnershipVerificationCertificateArn: d.OwnershipVerificationCertificateArn,
	}
	if t == rest.EndpointTypeEdge {
		c.ApiGatewayDomainName, c.HostedZoneId = d.DistributionDomainName, d.DistributionHostedZoneId
		c.CertificateArn, c.CertificateName, c.CertificateUploadDate = d.CertificateArn, d.CertificateName, d.CertificateUploadDate
		return c
	}
	c.ApiGatewayDomainName, c.HostedZoneId = d.RegionalDomainName, d.RegionalHostedZoneId
	c.CertificateArn, c.CertificateName = d.RegionalCertificateArn, d.RegionalCertificateName
	return c
}
