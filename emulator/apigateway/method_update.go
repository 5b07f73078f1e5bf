package apigateway

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

const (
	noParameter   = "Invalid parameter name specified"
	noContentType = "Content-Type specified was not found"
)

var methodPatches = patchTable[types.Method]{
	rules: []rule[types.Method]{
		{types.OpReplace, "/authorizationType", func(m *types.Method, c change) error {
			m.AuthorizationType = aws.String(c.text())
			return nil
		}},
		{types.OpReplace, "/authorizerId", setText(methodAuthorizer)},
		{types.OpReplace, "/apiKeyRequired", func(m *types.Method, c change) error {
			m.ApiKeyRequired = aws.Bool(c.flag())
			return nil
		}},
		{types.OpReplace, "/operationName", setText(methodOperation)},
		{types.OpReplace, "/requestValidatorId", setText(methodValidator)},
		{types.OpAdd, "/requestParameters/{name}", putEntry(methodParameters, change.flag)},
		{types.OpReplace, "/requestParameters/{name}", putEntry(methodParameters, change.flag)},
		{types.OpRemove, "/requestParameters/{name}", dropEntry(methodParameters, noParameter)},
		{types.OpAdd, "/requestModels/{contentType}", putEntry(methodModels, change.text)},
		{types.OpReplace, "/requestModels/{contentType}", putEntry(methodModels, change.text)},
		{types.OpRemove, "/requestModels/{contentType}", dropEntry(methodModels, noContentType)},
		{types.OpAdd, "/authorizationScopes", addScope},
		{types.OpRemove, "/authorizationScopes", removeScope},
		{types.OpRemove, "/authorizationScopes/{scope}", removeScope},
	},
	unknown: replaceOnly("/authorizationType", "/authorizerId", "/apiKeyRequired", "/operationName", "/requestValidatorId"),
}

func methodAuthorizer(m *types.Method) **string         { return &m.AuthorizerId }
func methodOperation(m *types.Method) **string          { return &m.OperationName }
func methodValidator(m *types.Method) **string          { return &m.RequestValidatorId }
func methodParameters(m *types.Method) *map[string]bool { return &m.RequestParameters }
func methodModels(m *types.Method) *map[string]string   { return &m.RequestModels }

func addScope(m *types.Method, c change) error {
	if c.text() == "" {
		return badRequest("Invalid authorization scope specified")
	}
	if !slices.Contains(m.AuthorizationScopes, c.text()) {
		m.AuthorizationScopes = append(m.AuthorizationScopes, c.text())
	}
	return nil
}

// removeScope takes the scope as the value or in the path.
func removeScope(m *types.Method, c change) error {
	scope := c.text()
	if len(c.args) > 0 {
		scope = c.args[0]
	}
	m.AuthorizationScopes = slices.DeleteFunc(m.AuthorizationScopes, func(s string) bool { return s == scope })
	return nil
}

// UpdateMethod changes what a method asks of its callers.
func (s *Service) UpdateMethod(ctx context.Context, in *sdk.UpdateMethodInput) (*sdk.UpdateMethodOutput, error) {
	var out types.Method
	err := s.changeMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod}, func(tx *store.Tx, m *types.Method) error {
		if err := methodPatches.apply(m, in.PatchOperations); err != nil {
			return err
		}
		if !usesAuthorizer(*m) {
			m.AuthorizerId = nil // which AWS drops without a word (recorded of NONE)
		}
		out = *m
		return checkMethod(tx, *in.RestApiId, *m)
	})
	return wire.Answer[sdk.UpdateMethodOutput](out, err)
}

var methodResponsePatches = patchTable[types.MethodResponse]{
	rules: []rule[types.MethodResponse]{
		{types.OpAdd, "/responseParameters/{name}", putEntry(responseParameters, change.flag)},
		{types.OpReplace, "/responseParameters/{name}", putEntry(responseParameters, change.flag)},
		{types.OpRemove, "/responseParameters/{name}", dropEntry(responseParameters, noParameter)},
		{types.OpAdd, "/responseModels/{contentType}", putEntry(responseModels, change.text)},
		{types.OpReplace, "/responseModels/{contentType}", putEntry(responseModels, change.text)},
		{types.OpRemove, "/responseModels/{contentType}", dropEntry(responseModels, noContentType)},
	},
	unknown: loose,
}

func responseParameters(r *types.MethodResponse) *map[string]bool { return &r.ResponseParameters }
func responseModels(r *types.MethodResponse) *map[string]string   { return &r.ResponseModels }

// UpdateMethodResponse changes what a method declares about a status.
func (s *Service) UpdateMethodResponse(ctx context.Context, in *sdk.UpdateMethodResponseInput) (*sdk.UpdateMethodResponseOutput, error) {
	if err := checkStatusCode("statusCode", *in.StatusCode); err != nil {
		return nil, err
	}
	var out types.MethodResponse
	err := s.changeMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod}, func(tx *store.Tx, m *types.Method) error {
		r, err := getMethodResponse(*m, in.StatusCode)
		if err != nil {
			return err
		}
		if err := methodResponsePatches.apply(&r, in.PatchOperations); err != nil {
			return err
		}
		out, m.MethodResponses[*in.StatusCode] = r, r
		return checkMethodResponse(tx, *in.RestApiId, r)
	})
	return wire.Answer[sdk.UpdateMethodResponseOutput](out, err)
}
