package apigateway

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// getIntegrationResponse picks the response of a method's integration for a status.
func getIntegrationResponse(m types.Method, code *string) (types.IntegrationResponse, error) {
	if m.MethodIntegration == nil {
		return types.IntegrationResponse{}, notFound("Invalid Integration identifier specified")
	}
	r, ok := m.MethodIntegration.IntegrationResponses[*code]
	if !ok {
		return r, notFound("Invalid Response status code specified")
	}
	return r, nil
}

// PutIntegrationResponse adds or replaces the response of an integration for a status.
func (s *Service) PutIntegrationResponse(ctx context.Context, in *sdk.PutIntegrationResponseInput) (*sdk.PutIntegrationResponseOutput, error) {
	if err := checkStatusCode("statusCode", *in.StatusCode); err != nil {
		return nil, err
	}
	r := types.IntegrationResponse{
		StatusCode:         in.StatusCode,
		SelectionPattern:   in.SelectionPattern,
		ContentHandling:    in.ContentHandling,
		ResponseParameters: in.ResponseParameters,
		ResponseTemplates:  in.ResponseTemplates,
	}
	err := s.changeMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod}, func(_ *store.Tx, m *types.Method) error {
		if m.MethodIntegration == nil {
			return notFound("Invalid Integration identifier specified")
		}
		if err := checkIntegrationResponse(*m, r); err != nil {
			return err
		}
		if m.MethodIntegration.IntegrationResponses == nil {
			m.MethodIntegration.IntegrationResponses = map[string]types.IntegrationResponse{}
		}
		m.MethodIntegration.IntegrationResponses[*in.StatusCode] = r
		return nil
	})
	return wire.Answer[sdk.PutIntegrationResponseOutput](r, err)
}

func checkIntegrationResponse(m types.Method, r types.IntegrationResponse) error {
	if !closed(aws.ToString(r.SelectionPattern)) {
		return badRequest("Invalid regex pattern specified")
	}
	declared := m.MethodResponses[*r.StatusCode].ResponseParameters
	if err := checkResponseMapping(r.ResponseParameters, declared); err != nil {
		return err
	}
	return CheckTemplates(r.ResponseTemplates)
}

// closed says whether a pattern closes what it opens. The rest of Java's syntax is
// checked where patterns are compiled, at deployment.
func closed(pattern string) bool {
	groups, inClass := 0, false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			if i++; i == len(pattern) {
				return false
			}
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case inClass:
		case c == '(':
			groups++
		case c == ')':
			if groups--; groups < 0 {
				return false
			}
		}
	}
	return groups == 0 && !inClass
}

// GetIntegrationResponse reads the response of an integration for a status.
func (s *Service) GetIntegrationResponse(ctx context.Context, in *sdk.GetIntegrationResponseInput) (*sdk.GetIntegrationResponseOutput, error) {
	if err := checkStatusCode("statusCode", *in.StatusCode); err != nil {
		return nil, err
	}
	var r types.IntegrationResponse
	m, err := s.readMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod})
	if err == nil {
		r, err = getIntegrationResponse(m, in.StatusCode)
	}
	return wire.Answer[sdk.GetIntegrationResponseOutput](r, err)
}

// DeleteIntegrationResponse removes the response of an integration for a status.
func (s *Service) DeleteIntegrationResponse(ctx context.Context, in *sdk.DeleteIntegrationResponseInput) (*sdk.DeleteIntegrationResponseOutput, error) {
	if err := checkStatusCode("statusCode", *in.StatusCode); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getResource(tx, in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		m := d.Value.ResourceMethods[*in.HttpMethod] // one that is not there has no integration (recorded)
		if _, err := getIntegrationResponse(m, in.StatusCode); err != nil {
			return err
		}
		delete(m.MethodIntegration.IntegrationResponses, *in.StatusCode)
		return putMethod(tx, d, m)
	})
	return &sdk.DeleteIntegrationResponseOutput{}, err
}
