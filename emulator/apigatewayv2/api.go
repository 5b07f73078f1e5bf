package apigatewayv2

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var apis = store.Kind[types.Api]{Service: service, Name: "api"}

// getAPI reads an API, or AWS's error that there is none.
func getAPI(tx *store.Tx, id *string) (store.Document[types.Api], error) {
	d, err := apis.Get(tx, aws.ToString(id))
	return d, missing(err, "Invalid API identifier specified %s:%s", tx.Scope().Account, aws.ToString(id))
}

// What a request that says nothing of them gets.
const (
	httpSelection = "$request.method $request.path"
	keySelection  = "$request.header.x-api-key"
)

// CreateApi adds an API. With a target it has a route to that and a stage that serves it: a quick create.
func (s *Service) CreateApi(ctx context.Context, in *sdk.CreateApiInput) (*sdk.CreateApiOutput, error) {
	a := types.Api{
		Name: in.Name, ProtocolType: in.ProtocolType, Description: text(in.Description), Version: text(in.Version),
		RouteSelectionExpression: text(in.RouteSelectionExpression), ApiKeySelectionExpression: text(in.ApiKeySelectionExpression),
		CorsConfiguration: in.CorsConfiguration, DisableExecuteApiEndpoint: in.DisableExecuteApiEndpoint,
		DisableSchemaValidation: in.DisableSchemaValidation, IpAddressType: in.IpAddressType, Tags: in.Tags,
	}
	var stages []string
	err := s.createAPI(ctx, &a, func(tx *store.Tx) (err error) {
		stages, err = quickCreate(tx, a, in)
		return err
	})
	if err == nil {
		s.live.Changed(ctx, *a.ApiId, stages...)
	}
	return wire.Answer[sdk.CreateApiOutput](a, err)
}

// createAPI adds an API, whose id a tag may choose, and what fill adds to it.
func (s *Service) createAPI(ctx context.Context, a *types.Api, fill func(*store.Tx) error) error {
	fillAPI(a)
	if err := checkAPI(*a); err != nil {
		return err
	}
	id, done, err := s.rest.Pin(ctx, a.Tags)
	if err != nil {
		return err
	}
	defer done()
	return s.update(ctx, func(tx *store.Tx) error {
		if err := insertAPI(tx, a, id); err != nil {
			return err
		}
		return fill(tx)
	})
}

// insertAPI adds an API under an id, or under one of AWS's kind where that is empty.
func insertAPI(tx *store.Tx, a *types.Api, id string) error {
	if id == "" {
		id = tx.ID(10)
	}
	scheme := "https"
	if a.ProtocolType == types.ProtocolTypeWebsocket {
		scheme = "wss"
	}
	a.ApiId = aws.String(id)
	a.ApiEndpoint = aws.String(scheme + "://" + id + ".execute-api." + tx.Scope().Region + ".amazonaws.com")
	a.CreatedDate = now(tx)
	return taken(apis.Insert(tx, store.Document[types.Api]{ID: id, Name: *a.Name, Value: *a}), "API identifier %s is taken", id)
}

// now is the transaction's time as API Gateway keeps it.
func now(tx *store.Tx) *time.Time { return aws.Time(tx.Now().Truncate(time.Second)) }

// fillAPI sets what AWS sets.
func fillAPI(a *types.Api) {
	if a.ProtocolType == types.ProtocolTypeHttp && a.RouteSelectionExpression == nil {
		a.RouteSelectionExpression = aws.String(httpSelection)
	}
	if a.ApiKeySelectionExpression == nil {
		a.ApiKeySelectionExpression = aws.String(keySelection)
	}
	if a.DisableExecuteApiEndpoint == nil {
		a.DisableExecuteApiEndpoint = aws.Bool(false)
	}
	if a.IpAddressType == "" {
		a.IpAddressType = types.IpAddressTypeIpv4
	}
	if a.Tags == nil {
		a.Tags = map[string]string{}
	}
}

// GetApi reads an API.
func (s *Service) GetApi(ctx context.Context, in *sdk.GetApiInput) (*sdk.GetApiOutput, error) {
	var a types.Api
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.ApiId)
		a = d.Value
		return err
	})
	return wire.Answer[sdk.GetApiOutput](a, err)
}

// GetApis lists the APIs, oldest first.
func (s *Service) GetApis(ctx context.Context, in *sdk.GetApisInput) (*sdk.GetApisOutput, error) {
	out := &sdk.GetApisOutput{}
	err := s.view(ctx, func(tx *store.Tx) (err error) {
		out.Items, out.NextToken, err = page(tx, apis, store.Query{Order: store.ByCreated}, in.MaxResults, in.NextToken)
		return err
	})
	return out, err
}

// UpdateApi changes an API; its target and routeKey are those of a quick create.
func (s *Service) UpdateApi(ctx context.Context, in *sdk.UpdateApiInput) (*sdk.UpdateApiOutput, error) {
	var out types.Api
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		out = updatedAPI(a, in)
		if err := checkAPI(out); err != nil {
			return err
		}
		if err := quickUpdate(tx, out, in); err != nil {
			return err
		}
		return putAPI(tx, out)
	})
	return wire.Answer[sdk.UpdateApiOutput](out, err)
}

func putAPI(tx *store.Tx, a types.Api) error {
	return apis.Put(tx, store.Document[types.Api]{ID: *a.ApiId, Name: *a.Name, Value: a})
}

func updatedAPI(a types.Api, in *sdk.UpdateApiInput) types.Api {
	set(&a.Name, in.Name)
	setText(&a.Description, in.Description)
	setText(&a.Version, in.Version)
	setText(&a.RouteSelectionExpression, in.RouteSelectionExpression)
	setText(&a.ApiKeySelectionExpression, in.ApiKeySelectionExpression)
	set(&a.CorsConfiguration, in.CorsConfiguration)
	set(&a.DisableExecuteApiEndpoint, in.DisableExecuteApiEndpoint)
	set(&a.DisableSchemaValidation, in.DisableSchemaValidation)
	setEnum(&a.IpAddressType, in.IpAddressType)
	fillAPI(&a)
	return a
}

// DeleteApi removes an API with all it consists of and ends its stages.
func (s *Service) DeleteApi(ctx context.Context, in *sdk.DeleteApiInput) (*sdk.DeleteApiOutput, error) {
	var plans []string
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.ApiId)
		if err != nil {
			return err
		}
		if err := unmapped(tx, d.ID); err != nil {
			return err
		}
		if plans, err = apigateway.Detach(tx, d.ID, ""); err != nil {
			return err
		}
		return apis.Delete(tx, d.ID)
	})
	if err != nil {
		return nil, err
	}
	s.rest.PlanChanged(ctx, plans...)
	s.live.Deleted(ctx, *in.ApiId)
	return &sdk.DeleteApiOutput{}, nil
}
