package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var routeResponses = part[types.RouteResponse]{
	Kind: store.Kind[types.RouteResponse]{Service: service, Name: "routeresponse"}, owner: routes.Name, missing: "Invalid RouteResponse identifier specified",
}

func ofRoute(api, id *string) owner {
	return func(tx *store.Tx) (string, error) {
		d, err := routes.find(tx, ofAPI(api), id)
		return d.ID, err
	}
}

// CreateRouteResponse lets a route of a WebSocket API answer.
func (s *Service) CreateRouteResponse(ctx context.Context, in *sdk.CreateRouteResponseInput) (*sdk.CreateRouteResponseOutput, error) {
	r := types.RouteResponse{RouteResponseKey: in.RouteResponseKey, ModelSelectionExpression: text(in.ModelSelectionExpression)}
	setMap(&r.ResponseModels, in.ResponseModels)
	setMap(&r.ResponseParameters, in.ResponseParameters)
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		route, err := routes.get(tx, *a.ApiId, in.RouteId)
		if err != nil {
			return err
		}
		r.RouteResponseId = aws.String(tx.ID(7))
		if err := checkRouteResponse(tx, a, route.ID, r); err != nil {
			return err
		}
		return routeResponses.Insert(tx, routeResponses.document(route.ID, *r.RouteResponseId, *r.RouteResponseKey, r))
	})
	return wire.Answer[sdk.CreateRouteResponseOutput](r, err)
}

// checkRouteResponse: the text about another of the key is not known, the others are cdk-preflight's.
func checkRouteResponse(tx *store.Tx, a types.Api, route string, r types.RouteResponse) error {
	switch {
	case !isWebSocket(a):
		return badRequest("RouteResponses are currently not supported for this API protocol type.")
	case aws.ToString(r.RouteResponseKey) != defaultRoute:
		return badRequest("Currently, only $default is supported as a RouteResponseKey.")
	}
	if err := checkModels(tx, a, r.ResponseModels); err != nil {
		return err
	}
	all, err := routeResponses.all(tx, route)
	for _, other := range all {
		if *other.RouteResponseId != *r.RouteResponseId {
			return conflict("RouteResponse with key %s already exists for this route", defaultRoute)
		}
	}
	return err
}

// GetRouteResponse reads a response of a route.
func (s *Service) GetRouteResponse(ctx context.Context, in *sdk.GetRouteResponseInput) (*sdk.GetRouteResponseOutput, error) {
	r, err := find(ctx, s, routeResponses, ofRoute(in.ApiId, in.RouteId), in.RouteResponseId)
	return wire.Answer[sdk.GetRouteResponseOutput](r, err)
}

// GetRouteResponses lists the responses of a route.
func (s *Service) GetRouteResponses(ctx context.Context, in *sdk.GetRouteResponsesInput) (*sdk.GetRouteResponsesOutput, error) {
	items, next, err := list(ctx, s, routeResponses, ofRoute(in.ApiId, in.RouteId), in.MaxResults, in.NextToken)
	return &sdk.GetRouteResponsesOutput{Items: items, NextToken: next}, err
}

// UpdateRouteResponse changes a response of a route.
func (s *Service) UpdateRouteResponse(ctx context.Context, in *sdk.UpdateRouteResponseInput) (*sdk.UpdateRouteResponseOutput, error) {
	var out types.RouteResponse
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		d, err := routeResponses.find(tx, ofRoute(in.ApiId, in.RouteId), in.RouteResponseId)
		if err != nil {
			return err
		}
		r := &d.Value
		set(&r.RouteResponseKey, in.RouteResponseKey)
		setText(&r.ModelSelectionExpression, in.ModelSelectionExpression)
		setMap(&r.ResponseModels, in.ResponseModels)
		merge(&r.ResponseParameters, in.ResponseParameters, never)
		out = *r
		if err := checkRouteResponse(tx, a, d.Parent.ID, out); err != nil {
			return err
		}
		return routeResponses.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateRouteResponseOutput](out, err)
}

// DeleteRouteResponse removes a response of a route, which answers nothing then.
func (s *Service) DeleteRouteResponse(ctx context.Context, in *sdk.DeleteRouteResponseInput) (*sdk.DeleteRouteResponseOutput, error) {
	err := remove(ctx, s, routeResponses, in.ApiId, ofRoute(in.ApiId, in.RouteId), in.RouteResponseId, nil)
	return &sdk.DeleteRouteResponseOutput{}, err
}
