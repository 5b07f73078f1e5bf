package apigateway

import (
	"cmp"
	"context"
	"postern/emulator/lazyregexp"

	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var statusCode = lazyregexp.New(`^[1-5]\d\d$`)

// checkStatusCode checks a status; member is how AWS names it, with the input's name
// where it comes in the body.
func checkStatusCode(member, code string) error {
	var c wire.Constraints
	c.Pattern(member, code, statusCode)
	return violated(c)
}

func checkMethodResponse(tx *store.Tx, api string, r types.MethodResponse) error {
	return cmp.Or(checkResponseParameters(r.ResponseParameters), checkModels(tx, api, r.ResponseModels))
}

// getMethodResponse picks the response of a method for a status.
func getMethodResponse(m types.Method, code *string) (types.MethodResponse, error) {
	r, ok := m.MethodResponses[*code]
	if !ok {
		return r, notFound("Invalid Response status code specified")
	}
	return r, nil
}

// PutMethodResponse adds or replaces the response of a method for a status: AWS
// answers 201 both times (recorded).
func (s *Service) PutMethodResponse(ctx context.Context, in *sdk.PutMethodResponseInput) (*sdk.PutMethodResponseOutput, error) {
	if err := checkStatusCode("statusCode", *in.StatusCode); err != nil {
		return nil, err
	}
	r := types.MethodResponse{StatusCode: in.StatusCode, ResponseParameters: in.ResponseParameters, ResponseModels: in.ResponseModels}
	err := s.changeMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod}, func(tx *store.Tx, m *types.Method) error {
		if err := checkMethodResponse(tx, *in.RestApiId, r); err != nil {
			return err
		}
		if m.MethodResponses == nil {
			m.MethodResponses = map[string]types.MethodResponse{}
		}
		m.MethodResponses[*in.StatusCode] = r
		return nil
	})
	return wire.Answer[sdk.PutMethodResponseOutput](r, err)
}

// GetMethodResponse reads the response of a method for a status.
func (s *Service) GetMethodResponse(ctx context.Context, in *sdk.GetMethodResponseInput) (*sdk.GetMethodResponseOutput, error) {
	if err := checkStatusCode("statusCode", *in.StatusCode); err != nil {
		return nil, err
	}
	var r types.MethodResponse
	m, err := s.readMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod})
	if err == nil {
		r, err = getMethodResponse(m, in.StatusCode)
	}
	return wire.Answer[sdk.GetMethodResponseOutput](r, err)
}

// DeleteMethodResponse removes the response of a method for a status.
func (s *Service) DeleteMethodResponse(ctx context.Context, in *sdk.DeleteMethodResponseInput) (*sdk.DeleteMethodResponseOutput, error) {
	if err := checkStatusCode("statusCode", *in.StatusCode); err != nil {
		return nil, err
	}
	err := s.changeMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod}, func(_ *store.Tx, m *types.Method) error {
		_, err := getMethodResponse(*m, in.StatusCode)
		delete(m.MethodResponses, *in.StatusCode)
		return err
	})
	return &sdk.DeleteMethodResponseOutput{}, err
}
