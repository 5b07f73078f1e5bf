package apigateway

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var verbs = []string{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"}

// A methodKey says which method a request means.
type methodKey struct{ api, resource, verb *string }

// getMethod reads a method and the resource that holds it.
func getMethod(tx *store.Tx, k methodKey) (store.Document[types.Resource], types.Method, error) {
	d, err := getResource(tx, k.api, k.resource)
	if err != nil {
		return d, types.Method{}, err
	}
	m, ok := d.Value.ResourceMethods[aws.ToString(k.verb)]
	if !ok {
		return d, m, notFound("Invalid Method identifier specified")
	}
	return d, m, nil
}

// putMethod writes a method back into its resource.
func putMethod(tx *store.Tx, d store.Document[types.Resource], m types.Method) error {
	if d.Value.ResourceMethods == nil {
		d.Value.ResourceMethods = map[string]types.Method{}
	}
	d.Value.ResourceMethods[*m.HttpMethod] = m
	return resources.Put(tx, d)
}

// changeMethod rewrites a method in one transaction.
func (s *Service) changeMethod(ctx context.Context, k methodKey, fn func(*store.Tx, *types.Method) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		d, m, err := getMethod(tx, k)
		if err != nil {
			return err
		}
		if err := fn(tx, &m); err != nil {
			return err
		}
		return putMethod(tx, d, m)
	})
}

func (s *Service) readMethod(ctx context.Context, k methodKey) (m types.Method, err error) {
	err = s.view(ctx, func(tx *store.Tx) error {
		_, m, err = getMethod(tx, k)
		return err
	})
	return m, err
}

// PutMethod adds a method to a resource.
func (s *Service) PutMethod(ctx context.Context, in *sdk.PutMethodInput) (*sdk.PutMethodOutput, error) {
	m := types.Method{
		HttpMethod:          in.HttpMethod,
		AuthorizationType:   in.AuthorizationType,
		AuthorizerId:        in.AuthorizerId,
		ApiKeyRequired:      aws.Bool(in.ApiKeyRequired),
		OperationName:       in.OperationName,
		RequestParameters:   in.RequestParameters,
		RequestModels:       in.RequestModels,
		RequestValidatorId:  in.RequestValidatorId,
		AuthorizationScopes: in.AuthorizationScopes,
	}
	if !usesAuthorizer(m) {
		m.AuthorizerId = nil // as UpdateMethod does
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getResource(tx, in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		if !slices.Contains(verbs, *in.HttpMethod) {
			return badRequest("Invalid HttpMethod specified. Valid options are %s", strings.Join(verbs, ","))
		}
		if err := checkMethod(tx, *in.RestApiId, m); err != nil {
			return err
		}
		if _, ok := d.Value.ResourceMethods[*in.HttpMethod]; ok {
			return conflict("Method already exists for this resource")
		}
		return putMethod(tx, d, m)
	})
	return wire.Answer[sdk.PutMethodOutput](m, err)
}

// GetMethod reads a method with its integration and responses.
func (s *Service) GetMethod(ctx context.Context, in *sdk.GetMethodInput) (*sdk.GetMethodOutput, error) {
	m, err := s.readMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod})
	return wire.Answer[sdk.GetMethodOutput](m, err)
}

// DeleteMethod removes a method with its integration and responses.
func (s *Service) DeleteMethod(ctx context.Context, in *sdk.DeleteMethodInput) (*sdk.DeleteMethodOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, m, err := getMethod(tx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod})
		if err != nil {
			return err
		}
		delete(d.Value.ResourceMethods, *m.HttpMethod)
		return resources.Put(tx, d)
	})
	return &sdk.DeleteMethodOutput{}, err
}
