package apigatewayv2

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/emulator/store"
)

// quickCreate adds what a CreateApi with a target asks for: an integration with it, a route to that and a
// stage that deploys by itself. It returns the stages to publish.
func quickCreate(tx *store.Tx, a types.Api, in *sdk.CreateApiInput) ([]string, error) {
	if text(in.Target) == nil {
		if text(in.RouteKey) != nil || text(in.CredentialsArn) != nil {
			return nil, badRequest("RouteKey and CredentialsArn are only supported for quick create, which has a Target")
		}
		return nil, nil
	}
	if a.ProtocolType != types.ProtocolTypeHttp {
		return nil, badRequest("Target is only supported for HTTP APIs")
	}
	managed := aws.Bool(true)
	i := targetIntegration(*in.Target)
	i.ApiGatewayManaged, i.CredentialsArn = managed, text(in.CredentialsArn)
	if err := insertIntegration(tx, a, &i); err != nil {
		return nil, err
	}
	key := cmp.Or(aws.ToString(in.RouteKey), defaultRoute)
	r := types.Route{RouteKey: &key, Target: aws.String("integrations/" + *i.IntegrationId), ApiGatewayManaged: managed}
	if err := insertRoute(tx, a, &r); err != nil {
		return nil, err
	}
	stage := types.Stage{StageName: aws.String(apigw.DefaultStage), AutoDeploy: aws.Bool(true), ApiGatewayManaged: managed}
	if err := insertStage(tx, a, &stage); err != nil {
		return nil, err
	}
	return autoDeploy(tx, *a.ApiId)
}

// targetIntegration is the integration with what a quick create names: a function by its ARN, else a URL.
func targetIntegration(target string) types.Integration {
	if strings.HasPrefix(target, "arn:") {
		return types.Integration{IntegrationType: types.IntegrationTypeAwsProxy, IntegrationUri: &target, PayloadFormatVersion: aws.String("2.0")}
	}
	return types.Integration{
		IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"), IntegrationUri: &target,
		PayloadFormatVersion: aws.String("1.0"),
	}
}

// quickUpdate changes the integration and the route of a quick create.
func quickUpdate(tx *store.Tx, a types.Api, in *sdk.UpdateApiInput) error {
	if in.Target == nil && in.RouteKey == nil && in.CredentialsArn == nil {
		return nil
	}
	route, integration, err := managed(tx, *a.ApiId)
	if err != nil {
		return err
	}
	if route == nil || integration == nil {
		return badRequest("Target, RouteKey and CredentialsArn can only be updated for APIs that were created using quick create")
	}
	if in.RouteKey != nil {
		route.RouteKey = in.RouteKey
		if err := putRoute(tx, a, route); err != nil {
			return err
		}
	}
	if in.Target != nil {
		i := targetIntegration(*in.Target)
		i.IntegrationId, i.ApiGatewayManaged, i.CredentialsArn = integration.IntegrationId, integration.ApiGatewayManaged, integration.CredentialsArn
		integration = &i
	}
	setText(&integration.CredentialsArn, in.CredentialsArn)
	return putIntegration(tx, a, integration)
}

// managed finds what a quick create has made, nil where it is no more.
func managed(tx *store.Tx, api string) (route *types.Route, integration *types.Integration, err error) {
	rs, err := routes.all(tx, api)
	if err != nil {
		return nil, nil, err
	}
	for i := range rs {
		if aws.ToBool(rs[i].ApiGatewayManaged) {
			route = &rs[i]
		}
	}
	is, err := integrations.all(tx, api)
	for i := range is {
		if aws.ToBool(is[i].ApiGatewayManaged) {
			integration = &is[i]
		}
	}
	return route, integration, err
}

// errManaged: what of a quick create cannot be changed or deleted is in the API reference ("apiGatewayManaged"),
// AWS's text is not known.
func errManaged(thing string) error {
	return badRequest("Unable to modify or delete a %s that is managed by API Gateway", thing)
}
