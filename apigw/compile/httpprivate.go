package compile

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/apigw/httpapi"
	"postern/apigw/integration"
)

// private compiles the call of a backend behind a VPC link: a listener of a load balancer or a service of
// Cloud Map, whose ARN is the integration's URI. Requests go there in HTTP unless tlsConfig says otherwise,
// with their whole path, the stage's name included. (HTTP API guide, "Create private integrations", read 2026-11.)
//
// Unlike AWS, what is behind the ARN is what --vpc-link says, and it is that address that tells
// whether TLS is spoken.
func (c *httpCompiler) private(place string, i types.Integration, h *httpapi.HTTP) step {
	id := aws.ToString(i.ConnectionId)
	at := slices.IndexFunc(c.def.VPCLinks, func(l types.VpcLink) bool { return aws.ToString(l.VpcLinkId) == id })
	if at < 0 {
		return c.broken(place, "there is no VPC link %q", id)
	}
	target, err := c.resolved(aws.ToString(i.IntegrationUri))
	if err != nil {
		return c.broken(place, "%w", err)
	}
	if !isPrivateTarget(target) {
		return c.broken(place, "%q is neither the ARN of a load balancer's listener nor that of a Cloud Map service", target)
	}
	to := c.deps.behind(target, c.def.VPCLinks[at])
	if to == nil {
		arn, _, _ := strings.Cut(target, "?")
		err := fmt.Errorf("no address for %s, behind a VPC link: give --vpc-link %s=URL", arn, arn)
		c.warn(place, "%v", err)
		return reject(&apigw.Rejection{Type: apigw.IntegrationFailure, Err: err})
	}
	name := to.Host // that the backend's certificate is for
	if i.TlsConfig != nil {
		name = cmp.Or(aws.ToString(i.TlsConfig.ServerNameToVerify), name)
	}
	h.URI, h.Private = integration.ParseText(to.Scheme+"://"+name), true
	h.Link = &integration.Link{ID: integration.ParseText(id), Known: map[string]*url.URL{id: to}}
	return h.Run
}

// resolved fills the stage's variables into text.
func (c *httpCompiler) resolved(text string) (string, error) {
	return integration.ParseText(text).Resolve(&apigw.Exchange{Stage: &apigw.Stage{Variables: c.def.Stage.StageVariables}})
}

func isPrivateTarget(arn string) bool {
	return strings.HasPrefix(arn, "arn:aws:elasticloadbalancing:") && strings.Contains(arn, ":listener/") ||
		strings.HasPrefix(arn, "arn:aws:servicediscovery:") && strings.Contains(arn, ":service/")
}

// behind is where the target of a VPC link is here: the address that was given for its ARN, for the load balancer of a
// listener, or for the link; nil for none.
//
// Unlike AWS, all instances of a Cloud Map service are at one address, whatever attributes follow its ARN.
func (d Deps) behind(target string, link types.VpcLink) *url.URL {
	arn, _, _ := strings.Cut(target, "?")
	names := []string{arn}
	if listener := strings.LastIndexByte(arn, '/'); strings.Contains(arn, ":listener/") {
		names = append(names, strings.Replace(arn[:listener], ":listener/", ":loadbalancer/", 1))
	}
	for _, name := range append(names, aws.ToString(link.VpcLinkId), aws.ToString(link.Name)) {
		if to, ok := d.Links[name]; ok {
			return to
		}
	}
	return nil
}
