package apigateway

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// validators are stored under "restApiId/requestValidatorId".
var validators = store.Kind[types.RequestValidator]{Service: service, Name: "requestvalidator"}

func validatorDocument(api string, v types.RequestValidator) store.Document[types.RequestValidator] {
	return store.Document[types.RequestValidator]{ID: api + "/" + *v.Id, Parent: apiRef(api), Name: aws.ToString(v.Name), Value: v}
}

// getValidator reads a validator of an API. An API that is not there has no
// validators: AWS does not tell the two apart (recorded).
func getValidator(tx *store.Tx, api, id *string) (store.Document[types.RequestValidator], error) {
	d, err := validators.Get(tx, aws.ToString(api)+"/"+aws.ToString(id))
	return d, missing(err, "Invalid Request Validator identifier specified")
}

// CreateRequestValidator adds a validator to an API.
func (s *Service) CreateRequestValidator(ctx context.Context, in *sdk.CreateRequestValidatorInput) (*sdk.CreateRequestValidatorOutput, error) {
	v := types.RequestValidator{
		Name: in.Name, ValidateRequestBody: in.ValidateRequestBody, ValidateRequestParameters: in.ValidateRequestParameters,
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		v.Id = aws.String(tx.ID(6))
		err := validators.Insert(tx, validatorDocument(*in.RestApiId, v))
		if errors.Is(err, store.ErrNotFound) {
			// Unlike elsewhere this is a 400 without the account (recorded).
			return badRequest("Invalid REST API identifier specified")
		}
		return err
	})
	return wire.Answer[sdk.CreateRequestValidatorOutput](v, err)
}

// GetRequestValidator reads a validator.
func (s *Service) GetRequestValidator(ctx context.Context, in *sdk.GetRequestValidatorInput) (*sdk.GetRequestValidatorOutput, error) {
	var v types.RequestValidator
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getValidator(tx, in.RestApiId, in.RequestValidatorId)
		v = d.Value
		return err
	})
	return wire.Answer[sdk.GetRequestValidatorOutput](v, err)
}

// GetRequestValidators lists the validators of an API, oldest first.
func (s *Service) GetRequestValidators(ctx context.Context, in *sdk.GetRequestValidatorsInput) (*sdk.GetRequestValidatorsOutput, error) {
	out := &sdk.GetRequestValidatorsOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		q := store.Query{Parent: apiRef(d.ID), Order: store.ByCreated}
		out.Items, out.Position, err = list(tx, validators, q, in.Limit, in.Position)
		return err
	})
	return out, err
}

// DeleteRequestValidator removes a validator that no method uses.
func (s *Service) DeleteRequestValidator(ctx context.Context, in *sdk.DeleteRequestValidatorInput) (*sdk.DeleteRequestValidatorOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getValidator(tx, in.RestApiId, in.RequestValidatorId)
		if err != nil {
			return err
		}
		all, err := allResources(tx, *in.RestApiId)
		if err != nil {
			return err
		}
		for _, r := range all {
			for _, verb := range slices.Sorted(maps.Keys(r.ResourceMethods)) {
				if aws.ToString(r.ResourceMethods[verb].RequestValidatorId) == *d.Value.Id {
					return conflict("Cannot delete request validator '%s', is referenced in method request: %s/%s", *d.Value.Id, *r.Path, verb)
				}
			}
		}
		return validators.Delete(tx, d.ID)
	})
	return &sdk.DeleteRequestValidatorOutput{}, err
}

var validatorPatches = patchTable[types.RequestValidator]{
	rules: []rule[types.RequestValidator]{
		{types.OpReplace, "/name", func(v *types.RequestValidator, c change) error {
			if c.text() == "" {
				return badRequest("Request Validator name cannot be blank")
			}
			v.Name = c.value
			return nil
		}},
		{types.OpReplace, "/validateRequestParameters", setFlag(func(v *types.RequestValidator) *bool { return &v.ValidateRequestParameters })},
		{types.OpReplace, "/validateRequestBody", setFlag(func(v *types.RequestValidator) *bool { return &v.ValidateRequestBody })},
	},
	unknown: strict,
}

// UpdateRequestValidator changes what a validator validates.
func (s *Service) UpdateRequestValidator(ctx context.Context, in *sdk.UpdateRequestValidatorInput) (*sdk.UpdateRequestValidatorOutput, error) {
	var out types.RequestValidator
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getValidator(tx, in.RestApiId, in.RequestValidatorId)
		if err != nil {
			return err
		}
		if err := validatorPatches.apply(&d.Value, in.PatchOperations); err != nil {
			return err
		}
		out, d.Name = d.Value, aws.ToString(d.Value.Name)
		return validators.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateRequestValidatorOutput](out, err)
}
