package apigatewayv2

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var models = part[types.Model]{
	Kind: store.Kind[types.Model]{Service: service, Name: "model"}, owner: apis.Name, missing: "Invalid Model identifier specified",
}

// CreateModel adds a model to a WebSocket API.
func (s *Service) CreateModel(ctx context.Context, in *sdk.CreateModelInput) (*sdk.CreateModelOutput, error) {
	m := types.Model{
		Name: in.Name, Description: text(in.Description), Schema: in.Schema,
		ContentType: cmp.Or(text(in.ContentType), aws.String("application/json")),
	}
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		m.ModelId = aws.String(tx.ID(6))
		if err := checkModel(tx, a, m); err != nil {
			return err
		}
		return models.Insert(tx, modelDocument(a, m))
	})
	return wire.Answer[sdk.CreateModelOutput](m, err)
}

func modelDocument(a types.Api, m types.Model) store.Document[types.Model] {
	return models.document(*a.ApiId, *m.ModelId, *m.Name, m)
}

// checkModel refuses what no model can be. (The text about HTTP APIs: cdk-preflight's rules; the others are
// those of REST APIs.)
func checkModel(tx *store.Tx, a types.Api, m types.Model) error {
	if !isWebSocket(a) {
		return badRequest("Currently, Models are not permitted for APIs with a protocol type of HTTP")
	}
	err := cmp.Or(
		apigateway.CheckModel(aws.ToString(m.Name), aws.ToString(m.ContentType), m.Schema),
		checkLength("name", m.Name, maxName),
		checkLength("description", m.Description, maxDescription),
		checkLength("schema", m.Schema, maxTemplate),
	)
	if err != nil {
		return err
	}
	all, err := models.all(tx, *a.ApiId)
	for _, other := range all {
		if *other.Name == *m.Name && *other.ModelId != *m.ModelId {
			return conflict("Model name already exists for this REST API")
		}
	}
	return err
}

// checkModels requires the models that a route or its response names.
func checkModels(tx *store.Tx, a types.Api, named map[string]string) error {
	if len(named) == 0 {
		return nil
	}
	all, err := models.all(tx, *a.ApiId)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(named)) {
		if !slices.ContainsFunc(all, func(m types.Model) bool { return *m.Name == named[key] }) {
			return badRequest("Invalid model name specified: %s", named[key])
		}
	}
	return nil
}

// GetModel reads a model.
func (s *Service) GetModel(ctx context.Context, in *sdk.GetModelInput) (*sdk.GetModelOutput, error) {
	m, err := find(ctx, s, models, ofAPI(in.ApiId), in.ModelId)
	return wire.Answer[sdk.GetModelOutput](m, err)
}

// GetModels lists the models of an API, oldest first.
func (s *Service) GetModels(ctx context.Context, in *sdk.GetModelsInput) (*sdk.GetModelsOutput, error) {
	items, next, err := list(ctx, s, models, ofAPI(in.ApiId), in.MaxResults, in.NextToken)
	return &sdk.GetModelsOutput{Items: items, NextToken: next}, err
}

// GetModelTemplate makes a mapping template whose result looks as a model says.
func (s *Service) GetModelTemplate(ctx context.Context, in *sdk.GetModelTemplateInput) (*sdk.GetModelTemplateOutput, error) {
	out := &sdk.GetModelTemplateOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := models.find(tx, ofAPI(in.ApiId), in.ModelId)
		if err != nil {
			return err
		}
		all, err := models.all(tx, *in.ApiId)
		if err != nil {
			return err
		}
		schemas := map[string]string{}
		for _, m := range all {
			schemas[*m.Name] = *m.Schema
		}
		template, err := apigateway.SampleTemplate(*d.Value.Schema, schemas)
		out.Value = &template
		return err
	})
	return out, err
}

// UpdateModel changes a model.
func (s *Service) UpdateModel(ctx context.Context, in *sdk.UpdateModelInput) (*sdk.UpdateModelOutput, error) {
	var out types.Model
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		d, err := models.get(tx, *a.ApiId, in.ModelId)
		if err != nil {
			return err
		}
		out = d.Value
		set(&out.Name, in.Name)
		setText(&out.Description, in.Description)
		set(&out.ContentType, text(in.ContentType))
		set(&out.Schema, in.Schema)
		if err := checkModel(tx, a, out); err != nil {
			return err
		}
		if *out.Name != *d.Value.Name {
			if err := modelIsFree(tx, a, d.Value); err != nil {
				return err
			}
		}
		return models.Put(tx, modelDocument(a, out))
	})
	return wire.Answer[sdk.UpdateModelOutput](out, err)
}

// DeleteModel removes a model that no route refers to.
func (s *Service) DeleteModel(ctx context.Context, in *sdk.DeleteModelInput) (*sdk.DeleteModelOutput, error) {
	err := remove(ctx, s, models, in.ApiId, ofAPI(in.ApiId), in.ModelId, modelIsFree)
	return &sdk.DeleteModelOutput{}, err
}

// modelIsFree refuses to lose what routes refer to by its name. The text is as that of REST APIs.
func modelIsFree(tx *store.Tx, a types.Api, m types.Model) error {
	name := *m.Name
	all, err := routes.all(tx, *a.ApiId)
	if err != nil {
		return err
	}
	for _, r := range all {
		if names(r.RequestModels, name) {
			return conflict("Cannot delete model '%s', is referenced in route: %s", name, *r.RouteKey)
		}
		responses, err := routeResponses.all(tx, *a.ApiId+"/"+*r.RouteId)
		if err != nil {
			return err
		}
		for _, response := range responses {
			if names(response.ResponseModels, name) {
				return conflict("Cannot delete model '%s', is referenced in route response: %s", name, *r.RouteKey)
			}
		}
	}
	return nil
}

func names(models map[string]string, name string) bool {
	return slices.Contains(slices.Collect(maps.Values(models)), name)
}
