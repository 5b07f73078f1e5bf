package compile

import (
	"crypto/tls"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/integration"
)

// link is the VPC link of an integration, nil for none. An integrationTarget makes it one of the second version.
func (c *compiler) link(i types.Integration) *integration.Link {
	if i.ConnectionType != types.ConnectionTypeVpcLink {
		return nil
	}
	known := map[string]*url.URL{}
	if target := aws.ToString(i.IntegrationTarget); target != "" {
		for _, l := range c.def.VPCLinksV2 {
			known[aws.ToString(l.VpcLinkId)] = c.deps.behind(target, l)
		}
	} else {
		for _, l := range c.def.VPCLinks {
			known[aws.ToString(l.Id)] = c.leads(l)
		}
	}
	return &integration.Link{ID: integration.ParseText(aws.ToString(i.ConnectionId)), Known: known}
}

// leads is where a VPC link leads here: the address that was given for its id, its load
// balancer or its name.
func (c *compiler) leads(l types.VpcLink) *url.URL {
	for _, name := range append([]string{aws.ToString(l.Id), aws.ToString(l.Name)}, l.TargetArns...) {
		if to, ok := c.deps.Links[name]; ok {
			return to
		}
	}
	return nil
}

// openCertificate reads the stage's client certificate.
func (c *compiler) openCertificate() {
	if c.def.ClientCertificate.PEM == "" {
		return
	}
	pair, err := tls.X509KeyPair([]byte(c.def.ClientCertificate.PEM), []byte(c.def.ClientCertificate.Key))
	if err != nil {
		c.impossible("client certificate", err)
		return
	}
	c.certificate = &pair
}
