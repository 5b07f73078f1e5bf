package main

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// listV2 lists the HTTP and WebSocket APIs.
func (c *client) listV2(ctx context.Context) (all []apiListing, err error) {
	api := apigatewayv2.NewFromConfig(c.aws())
	err = each(func(token *string) (*string, error) {
		page, err := api.GetApis(ctx, &apigatewayv2.GetApisInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, a := range page.Items {
			l, err := c.listOneV2(ctx, api, a)
			if err != nil {
				return nil, err
			}
			all = append(all, l)
		}
		return page.NextToken, nil
	})
	return all, err
}

// each calls a function for every page of a list.
func each(page func(token *string) (next *string, err error)) error {
	var token *string
	for {
		next, err := page(token)
		if err != nil || next == nil {
			return err
		}
		token = next
	}
}

// listOneV2 lists an API. The routes are those of the API as it is now: no operation tells what a
// deployment froze.
func (c *client) listOneV2(ctx context.Context, api *apigatewayv2.Client, a types.Api) (apiListing, error) {
	l := apiListing{ID: *a.ApiId, Name: aws.ToString(a.Name), Protocol: string(a.ProtocolType), Stages: []stageListing{}}
	routes, err := routesOfV2(ctx, api, a.ApiId)
	if err != nil {
		return l, err
	}
	base := c.endpoint
	if a.ProtocolType == types.ProtocolTypeWebsocket {
		base = "ws" + strings.TrimPrefix(base, "http")
	}
	return l, each(func(token *string) (*string, error) {
		page, err := api.GetStages(ctx, &apigatewayv2.GetStagesInput{ApiId: a.ApiId, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, s := range page.Items {
			if s.DeploymentId == nil {
				continue
			}
			at := base + "/_aws/execute-api/" + l.ID
			if *s.StageName != "$default" {
				at += "/" + *s.StageName
			}
			l.Stages = append(l.Stages, stageListing{Name: *s.StageName, URL: at, Routes: routes})
		}
		return page.NextToken, nil
	})
}

func routesOfV2(ctx context.Context, api *apigatewayv2.Client, id *string) (routes []routeListing, err error) {
	behind, err := integrationsOfV2(ctx, api, id)
	if err != nil {
		return nil, err
	}
	err = each(func(token *string) (*string, error) {
		page, err := api.GetRoutes(ctx, &apigatewayv2.GetRoutesInput{ApiId: id, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Items {
			verb, path, _ := strings.Cut(*r.RouteKey, " ")
			routes = append(routes, routeListing{Method: verb, Path: path, Integration: behind[strings.TrimPrefix(aws.ToString(r.Target), "integrations/")]})
		}
		return page.NextToken, nil
	})
	slices.SortFunc(routes, compareRoutes)
	return routes, err
}

// integrationsOfV2 says by their ids what integrations call.
func integrationsOfV2(ctx context.Context, api *apigatewayv2.Client, id *string) (map[string]string, error) {
	behind := map[string]string{}
	err := each(func(token *string) (*string, error) {
		page, err := api.GetIntegrations(ctx, &apigatewayv2.GetIntegrationsInput{ApiId: id, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, i := range page.Items {
			called := aws.ToString(i.IntegrationSubtype)
			if called == "" {
				called = callee(aws.ToString(i.IntegrationUri))
			}
			behind[*i.IntegrationId] = strings.TrimSpace(string(i.IntegrationType) + " " + called)
		}
		return page.NextToken, nil
	})
	return behind, err
}
