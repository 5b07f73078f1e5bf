package apigateway

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/lazyregexp"
	"postern/emulator/store"
)

// VPCLinksV2 are the VPC links that apigatewayv2 makes. Integrations of REST APIs lead through them too: the
// load balancer behind is their integrationTarget. (REST API guide, "Set up a private integration", read 2026-11.)
var VPCLinksV2 = store.Kind[v2types.VpcLink]{Service: "apigatewayv2", Name: "vpclink"}

// AWS's page has the ARN of a load balancer, the API's reference that of a listener.
var loadBalancer = lazyregexp.New(`^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:(loadbalancer|listener)/(app|net)/\S+$`)

// checkIntegrationTarget holds an integration's target against its link, where that is known by now: a
// stage variable may name it. (The text about a missing target: terraform-provider-aws issue 45230; the
// others are ours.)
func checkIntegrationTarget(tx *store.Tx, i types.Integration) error {
	target := aws.ToString(i.IntegrationTarget)
	if target != "" && !loadBalancer.MatchString(target) {
		return badRequest("Invalid integration target specified. It must be the ARN of an Application or Network Load Balancer or of a listener of one")
	}
	var err error
	if target == "" {
		if _, err = VPCLinksV2.Get(tx, *i.ConnectionId); err == nil {
			return badRequest("IntegrationTarget is required for VpcLinkV2")
		}
	} else if _, err = vpcLinks.Get(tx, *i.ConnectionId); err == nil {
		return badRequest("IntegrationTarget is only supported for VpcLinkV2")
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
