package apigateway

import (
	"context"
	"errors"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// models are stored under "restApiId/name". The ones an API starts with are only
// written when they are changed, see restAPI.DefaultModels.
var models = store.Kind[types.Model]{Service: service, Name: "model"}

// defaultModels as AWS makes them (API Gateway developer guide, "Models").
var defaultModels = []types.Model{{
	Name:        aws.String("Empty"),
	Description: aws.String("This is a default empty schema model"),
	ContentType: aws.String("application/json"),
	Schema:      aws.String("{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}"),
}, {
	Name:        aws.String("Error"),
	Description: aws.String("This is a default error schema model"),
	ContentType: aws.String("application/json"),
	Schema: aws.String("{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n" +
		"  \"type\" : \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}"),
}}

func modelDocument(api string, m types.Model) store.Document[types.Model] {
	return store.Document[types.Model]{ID: api + "/" + *m.Name, Parent: apiRef(api), Name: *m.Name, Value: m}
}

// findModel looks for a model of an API by its name.
func findModel(tx *store.Tx, api store.Document[restAPI], name string) (types.Model, bool, error) {
	for _, m := range defaultModels {
		if id, ok := api.Value.DefaultModels[name]; ok && name == *m.Name {
			m.Id = aws.String(id)
			return m, true, nil
		}
	}
	d, err := models.Get(tx, api.ID+"/"+name)
	if errors.Is(err, store.ErrNotFound) {
		return types.Model{}, false, nil
	}
	return d.Value, err == nil, err
}

// getModel reads a model with its API. An API that is not there has no models: AWS
// does not tell the two apart (recorded).
func getModel(tx *store.Tx, api, name *string) (d store.Document[restAPI], m types.Model, err error) {
	d, err = restAPIs.Get(tx, aws.ToString(api))
	if err == nil {
		var found bool
		if m, found, err = findModel(tx, d, aws.ToString(name)); err == nil && !found {
			err = store.ErrNotFound
		}
	}
	return d, m, missing(err, "Invalid model name specified: %s", aws.ToString(name))
}

// allModels reads the models of an API, sorted by name.
func allModels(tx *store.Tx, api store.Document[restAPI]) ([]types.Model, error) {
	p, err := models.List(tx, store.Query{Parent: apiRef(api.ID)})
	out := []types.Model{}
	for _, d := range p.Documents {
		out = append(out, d.Value)
	}
	for _, m := range defaultModels {
		if id, ok := api.Value.DefaultModels[*m.Name]; ok {
			m.Id = aws.String(id)
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b types.Model) int { return strings.Compare(*a.Name, *b.Name) })
	return out, err
}

// materialize forgets that a model is one that the API started with.
func materialize(tx *store.Tx, api store.Document[restAPI], name string) error {
	if _, ok := api.Value.DefaultModels[name]; !ok {
		return nil
	}
	delete(api.Value.DefaultModels, name)
	return restAPIs.Put(tx, api)
}

var modelName = lazyregexp.New(`^[a-zA-Z0-9]+$`)

// CreateModel adds a model to an API.
func (s *Service) CreateModel(ctx context.Context, in *sdk.CreateModelInput) (*sdk.CreateModelOutput, error) {
	m := types.Model{Name: in.Name, Description: in.Description, ContentType: in.ContentType, Schema: in.Schema}
	if aws.ToString(m.Description) == "" {
		m.Description = nil // recorded
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		if err := checkModel(m); err != nil {
			return err
		}
		_, found, err := findModel(tx, d, *in.Name)
		switch {
		case err != nil:
			return err
		case found:
			return conflict("Model name already exists for this REST API")
		}
		m.Id = aws.String(tx.ID(6))
		return models.Insert(tx, modelDocument(d.ID, m))
	})
	return wire.Answer[sdk.CreateModelOutput](m, err)
}

func checkModel(m types.Model) error {
	return CheckModel(*m.Name, aws.ToString(m.ContentType), m.Schema)
}

// CheckModel refuses what no model can be.
func CheckModel(name, contentType string, schema *string) error {
	switch {
	case name == "":
		return badRequest("Model name must be non-empty")
	case !modelName.MatchString(name):
		return badRequest("Model name must be alphanumeric: %s", name)
	case !isContentType(contentType):
		return badRequest("Invalid content type specified: %s", contentType)
	}
	return checkSchema(schema)
}

// GetModel reads a model; with Flatten every other model it refers to is written
// into it.
func (s *Service) GetModel(ctx context.Context, in *sdk.GetModelInput) (*sdk.GetModelOutput, error) {
	var m types.Model
	err := s.view(ctx, func(tx *store.Tx) error {
		d, found, err := getModel(tx, in.RestApiId, in.ModelName)
		if m = found; err != nil || !in.Flatten {
			return err
		}
		all, err := allModels(tx, d)
		if err != nil {
			return err
		}
		m.Schema, err = flatten(m, all)
		return err
	})
	return wire.Answer[sdk.GetModelOutput](m, err)
}

// GetModels lists the models of an API by name.
func (s *Service) GetModels(ctx context.Context, in *sdk.GetModelsInput) (*sdk.GetModelsOutput, error) {
	out := &sdk.GetModelsOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		all, err := allModels(tx, d)
		if err != nil {
			return err
		}
		out.Items, out.Position, err = cut(all, func(m types.Model) string { return *m.Name }, in.Limit, in.Position)
		return err
	})
	return out, err
}

// DeleteModel removes a model that no method refers to.
func (s *Service) DeleteModel(ctx context.Context, in *sdk.DeleteModelInput) (*sdk.DeleteModelOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, m, err := getModel(tx, in.RestApiId, in.ModelName)
		if err != nil {
			return err
		}
		if err := unreferenced(tx, d.ID, m); err != nil {
			return err
		}
		if _, ok := d.Value.DefaultModels[*m.Name]; ok {
			return materialize(tx, d, *m.Name)
		}
		return models.Delete(tx, d.ID+"/"+*m.Name)
	})
	return &sdk.DeleteModelOutput{}, err
}

var modelPatches = patchTable[types.Model]{
	rules: []rule[types.Model]{
		{types.OpReplace, "/description", setText(func(m *types.Model) **string { return &m.Description })},
		{types.OpReplace, "/schema", func(m *types.Model, c change) error { m.Schema = c.value; return checkSchema(c.value) }},
	},
	unknown: strict,
}

// UpdateModel changes the description or the schema of a model.
func (s *Service) UpdateModel(ctx context.Context, in *sdk.UpdateModelInput) (*sdk.UpdateModelOutput, error) {
	var out types.Model
	err := s.update(ctx, func(tx *store.Tx) error {
		d, m, err := getModel(tx, in.RestApiId, in.ModelName)
		if err != nil {
			return err
		}
		if err := modelPatches.apply(&m, in.PatchOperations); err != nil {
			return err
		}
		out = m
		if err := materialize(tx, d, *m.Name); err != nil {
			return err
		}
		return models.Put(tx, modelDocument(d.ID, m))
	})
	return wire.Answer[sdk.UpdateModelOutput](out, err)
}
