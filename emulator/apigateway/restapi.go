package apigateway

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A restAPI is what is stored of an API beside its resources, models and so on.
type restAPI struct {
	API types.RestApi // Policy is compact JSON here, see describe
	// DefaultModels are the ids of the models that every API starts with, by name,
	// as long as nobody has changed or deleted them: creating an API is one small
	// write then.
	DefaultModels map[string]string `json:",omitempty"`
}

var restAPIs = store.Kind[restAPI]{Service: service, Name: "restapi"}

func apiRef(id string) *store.Ref { return &store.Ref{Kind: restAPIs.Name, ID: id} }

// getAPI reads an API, or AWS's error that there is none.
func getAPI(tx *store.Tx, id *string) (store.Document[restAPI], error) {
	d, err := restAPIs.Get(tx, aws.ToString(id))
	return d, missing(err, "Invalid API identifier specified %s:%s", tx.Scope().Account, aws.ToString(id))
}

// describe is an API as AWS shows it.
func describe(a types.RestApi) types.RestApi {
	if a.Policy != nil {
		a.Policy = escapePolicy(*a.Policy)
	}
	if len(a.Tags) == 0 {
		a.Tags = nil
	}
	return a
}

// describeChanged is describe for updates, which answer with empty tags.
func describeChanged(a types.RestApi) types.RestApi {
	a = describe(a)
	if a.Tags == nil {
		a.Tags = map[string]string{}
	}
	return a
}

// CreateRestApi adds an API with its root resource, or a copy of another one.
func (s *Service) CreateRestApi(ctx context.Context, in *sdk.CreateRestApiInput) (*sdk.CreateRestApiOutput, error) {
	a, err := s.createAPI(ctx, in, func(tx *store.Tx, a *types.RestApi) error {
		return insertAPI(tx, a, in.CloneFrom)
	})
	if err != nil {
		return nil, err
	}
	return wire.Answer[sdk.CreateRestApiOutput](describe(a), nil)
}

// createAPI gives a new API its id, which a tag may pin, and has it inserted.
func (s *Service) createAPI(ctx context.Context, in *sdk.CreateRestApiInput, insert func(*store.Tx, *types.RestApi) error) (types.RestApi, error) {
	a, err := newAPI(in)
	if err != nil {
		return a, err
	}
	pinned, done, err := s.Pin(ctx, a.Tags)
	if err != nil {
		return a, err
	}
	defer done()
	err = s.update(ctx, func(tx *store.Tx) error {
		a.Id = aws.String(pinned)
		if pinned == "" {
			a.Id = aws.String(tx.ID(10))
		}
		if err := insert(tx, &a); err != nil {
			return err
		}
		return withinAPIs(tx, s.quotas, &a)
	})
	return a, err
}

func insertAPI(tx *store.Tx, a *types.RestApi, from *string) error {
	if from != nil {
		return clone(tx, apiDocument(tx, a), from)
	}
	d := apiDocument(tx, a)
	d.Value.DefaultModels = map[string]string{}
	for _, m := range defaultModels {
		d.Value.DefaultModels[*m.Name] = tx.ID(6)
	}
	return addRooted(tx, d)
}

// insertBareAPI adds an API without the default models, which an imported one has not (recorded).
func insertBareAPI(tx *store.Tx, a *types.RestApi) (store.Document[restAPI], error) {
	d := apiDocument(tx, a)
	return d, addRooted(tx, d)
}

// apiDocument is a new API with its root's id.
func apiDocument(tx *store.Tx, a *types.RestApi) store.Document[restAPI] {
	a.CreatedDate = aws.Time(tx.Now().Truncate(time.Second))
	a.RootResourceId = aws.String(tx.ID(10))
	return store.Document[restAPI]{ID: *a.Id, Name: *a.Name, Value: restAPI{API: *a}}
}

// addRooted adds an API and its root resource.
func addRooted(tx *store.Tx, d store.Document[restAPI]) error {
	if err := addAPI(tx, d); err != nil {
		return err
	}
	return insertResource(tx, d.ID, types.Resource{Id: d.Value.API.RootResourceId, Path: aws.String("/")})
}

func addAPI(tx *store.Tx, d store.Document[restAPI]) error {
	return taken(restAPIs.Insert(tx, d), "API identifier %s is taken", d.ID)
}

// newAPI is the API that a request asks for, with AWS's defaults, yet without id.
func newAPI(in *sdk.CreateRestApiInput) (types.RestApi, error) {
	a := types.RestApi{
		Name:                      in.Name,
		Description:               in.Description,
		Version:                   in.Version,
		ApiKeySource:              in.ApiKeySource,
		DisableExecuteApiEndpoint: in.DisableExecuteApiEndpoint,
		EndpointAccessMode:        in.EndpointAccessMode,
		EndpointConfiguration:     in.EndpointConfiguration,
		MinimumCompressionSize:    in.MinimumCompressionSize,
		SecurityPolicy:            in.SecurityPolicy,
		Tags:                      in.Tags,
		Policy:                    in.Policy,
	}
	if len(in.BinaryMediaTypes) > 0 {
		a.BinaryMediaTypes = in.BinaryMediaTypes
	}
	if a.ApiKeySource == "" {
		a.ApiKeySource = types.ApiKeySourceTypeHeader
	}
	return a, checkAPI(&a)
}

// GetRestApi reads an API.
func (s *Service) GetRestApi(ctx context.Context, in *sdk.GetRestApiInput) (*sdk.GetRestApiOutput, error) {
	var a types.RestApi
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		a = d.Value.API
		return err
	})
	return wire.Answer[sdk.GetRestApiOutput](describe(a), err)
}

// GetRestApis lists the APIs, oldest first.
func (s *Service) GetRestApis(ctx context.Context, in *sdk.GetRestApisInput) (*sdk.GetRestApisOutput, error) {
	out := &sdk.GetRestApisOutput{Items: []types.RestApi{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		found, next, err := list(tx, restAPIs, store.Query{Order: store.ByCreated}, in.Limit, in.Position)
		for _, a := range found {
			out.Items = append(out.Items, describe(a.API))
		}
		out.Position = next
		return err
	})
	return out, err
}

// DeleteRestApi removes an API with all it consists of and ends its stages.
func (s *Service) DeleteRestApi(ctx context.Context, in *sdk.DeleteRestApiInput) (*sdk.DeleteRestApiOutput, error) {
	var plans []string
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		if err := unmapped(tx, d.ID); err != nil {
			return err
		}
		if plans, err = Detach(tx, d.ID, ""); err != nil {
			return err
		}
		return restAPIs.Delete(tx, d.ID)
	})
	if err != nil {
		return nil, err
	}
	s.PlanChanged(ctx, plans...)
	s.live.Deleted(ctx, *in.RestApiId)
	return &sdk.DeleteRestApiOutput{}, nil
}
