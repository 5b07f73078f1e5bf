package apigatewayv2

import (
	"postern/emulator/lazyregexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// A private integration leads to a listener of a load balancer or to a service of Cloud Map.
var privateTarget = lazyregexp.New(`^arn:[^:]+:(elasticloadbalancing:[^:]+:\d{12}:listener/\S+|servicediscovery:[^:]+:\d{12}:service/\S+)$`)

// checkConnection checks what leads an integration into a VPC. (Texts: cdk-preflight's rules; that of a TLS
// configuration without a link is not known.)
func checkConnection(tx *store.Tx, a types.Api, i types.Integration) error {
	id := aws.ToString(i.ConnectionId)
	switch {
	case i.ConnectionType != types.ConnectionTypeVpcLink:
		if i.TlsConfig != nil {
			return badRequest("TlsConfig is only supported for private integrations")
		}
		return nil
	case i.IntegrationType != types.IntegrationTypeHttp && i.IntegrationType != types.IntegrationTypeHttpProxy:
		return badRequest("Invalid connection type specified. VPC_LINK is for integrations of type HTTP and HTTP_PROXY")
	case id == "":
		return badRequest("ConnectionId must be set to vpcLinkId for ConnectionType VPC_LINK")
	case isWebSocket(a): // those of REST APIs, which turn out when they are used
		return nil
	case !privateTarget.MatchString(aws.ToString(i.IntegrationUri)):
		return badRequest("For VpcLink VPC_LINK, integration uri should be a valid ELB listener ARN or a valid Cloud Map service ARN.")
	}
	links, err := allVPCLinks(tx)
	if err == nil && !slices.ContainsFunc(links, func(l types.VpcLink) bool { return *l.VpcLinkId == id }) {
		return notFound("Invalid Vpc Link identifier specified")
	}
	return err
}
