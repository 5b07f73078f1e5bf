package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var routes = part[types.Route]{
	Kind: store.Kind[types.Route]{Service: service, Name: "route"}, owner: apis.Name, missing: "Invalid Route identifier specified",
}

// CreateRoute adds a route to an API.
func (s *Service) CreateRoute(ctx context.Context, in *sdk.CreateRouteInput) (*sdk.CreateRouteOutput, error) {
	r := types.Route{
		RouteKey: in.RouteKey, ApiKeyRequired: in.ApiKeyRequired, AuthorizationType: in.AuthorizationType, AuthorizerId: text(in.AuthorizerId),
		ModelSelectionExpression: text(in.ModelSelectionExpression), OperationName: text(in.OperationName),
		RouteResponseSelectionExpression: text(in.RouteResponseSelectionExpression), Target: text(in.Target),
	}
	setList(&r.AuthorizationScopes, in.AuthorizationScopes)
	setMap(&r.RequestModels, in.RequestModels)
	setMap(&r.RequestParameters, in.RequestParameters)
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		if err := insertRoute(tx, a, &r); err != nil {
			return err
		}
		return within(tx, s.quotas, quota.Routes, routes, *a.ApiId)
	})
	return wire.Answer[sdk.CreateRouteOutput](r, err)
}

// insertRoute completes and checks a route, gives it an id and adds it.
func insertRoute(tx *store.Tx, a types.Api, r *types.Route) error {
	r.RouteId = aws.String(tx.ID(7))
	fillRoute(r)
	if err := checkRoute(tx, a, *r); err != nil {
		return err
	}
	return routes.Insert(tx, routeDocument(a, *r))
}

// putRoute completes, checks and stores a route that was changed.
func putRoute(tx *store.Tx, a types.Api, r *types.Route) error {
	fillRoute(r)
	if err := checkRoute(tx, a, *r); err != nil {
		return err
	}
	return routes.Put(tx, routeDocument(a, *r))
}

func routeDocument(a types.Api, r types.Route) store.Document[types.Route] {
	return routes.document(*a.ApiId, *r.RouteId, *r.RouteKey, r)
}

// fillRoute sets what AWS sets.
func fillRoute(r *types.Route) {
	if r.ApiKeyRequired == nil {
		r.ApiKeyRequired = aws.Bool(false)
	}
	if r.AuthorizationType == "" {
		r.AuthorizationType = types.AuthorizationTypeNone
	}
	if r.AuthorizationType == types.AuthorizationTypeNone || r.AuthorizationType == types.AuthorizationTypeAwsIam {
		r.AuthorizerId = nil
	}
}

// GetRoute reads a route.
func (s *Service) GetRoute(ctx context.Context, in *sdk.GetRouteInput) (*sdk.GetRouteOutput, error) {
	r, err := find(ctx, s, routes, ofAPI(in.ApiId), in.RouteId)
	return wire.Answer[sdk.GetRouteOutput](r, err)
}

// GetRoutes lists the routes of an API, oldest first.
func (s *Service) GetRoutes(ctx context.Context, in *sdk.GetRoutesInput) (*sdk.GetRoutesOutput, error) {
	items, next, err := list(ctx, s, routes, ofAPI(in.ApiId), in.MaxResults, in.NextToken)
	return &sdk.GetRoutesOutput{Items: items, NextToken: next}, err
}

// UpdateRoute changes a route.
func (s *Service) UpdateRoute(ctx context.Context, in *sdk.UpdateRouteInput) (*sdk.UpdateRouteOutput, error) {
	var out types.Route
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		d, err := routes.get(tx, *a.ApiId, in.RouteId)
		if err != nil {
			return err
		}
		if aws.ToBool(d.Value.ApiGatewayManaged) && in.RouteKey != nil && *in.RouteKey != *d.Value.RouteKey {
			return errManaged("route key")
		}
		out = updatedRoute(d.Value, in)
		return putRoute(tx, a, &out)
	})
	return wire.Answer[sdk.UpdateRouteOutput](out, err)
}

func updatedRoute(r types.Route, in *sdk.UpdateRouteInput) types.Route {
	set(&r.RouteKey, in.RouteKey)
	set(&r.ApiKeyRequired, in.ApiKeyRequired)
	setEnum(&r.AuthorizationType, in.AuthorizationType)
	setText(&r.AuthorizerId, in.AuthorizerId)
	if r.AuthorizationType != types.AuthorizationTypeJwt && in.AuthorizationScopes == nil {
		r.AuthorizationScopes = nil
	}
	setList(&r.AuthorizationScopes, in.AuthorizationScopes)
	setText(&r.ModelSelectionExpression, in.ModelSelectionExpression)
	setText(&r.OperationName, in.OperationName)
	setMap(&r.RequestModels, in.RequestModels)
	merge(&r.RequestParameters, in.RequestParameters, never)
	setText(&r.RouteResponseSelectionExpression, in.RouteResponseSelectionExpression)
	setText(&r.Target, in.Target)
	return r
}

// DeleteRoute removes a route.
func (s *Service) DeleteRoute(ctx context.Context, in *sdk.DeleteRouteInput) (*sdk.DeleteRouteOutput, error) {
	err := remove(ctx, s, routes, in.ApiId, ofAPI(in.ApiId), in.RouteId, nil)
	return &sdk.DeleteRouteOutput{}, err
}

// DeleteRouteRequestParameter removes a parameter that a route of a WebSocket API declares. The text is that
// of REST APIs.
func (s *Service) DeleteRouteRequestParameter(ctx context.Context, in *sdk.DeleteRouteRequestParameterInput) (*sdk.DeleteRouteRequestParameterOutput, error) {
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		d, err := routes.get(tx, *a.ApiId, in.RouteId)
		if err != nil {
			return err
		}
		key := aws.ToString(in.RequestParameterKey)
		if _, ok := d.Value.RequestParameters[key]; !ok {
			return notFound("Invalid parameter name specified")
		}
		delete(d.Value.RequestParameters, key)
		return routes.Put(tx, d)
	})
	return &sdk.DeleteRouteRequestParameterOutput{}, err
}
