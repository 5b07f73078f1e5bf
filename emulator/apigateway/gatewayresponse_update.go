package apigateway

import (
	"context"
	"errors"

	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var gatewayResponsePatches = patchTable[types.GatewayResponse]{
	rules: []rule[types.GatewayResponse]{
		{types.OpReplace, "/statusCode", setText(func(r *types.GatewayResponse) **string { return &r.StatusCode })},
		{types.OpAdd, "/responseParameters/{name}", filled("responseParameters", putEntry(gatewayParameters, change.text))},
		{types.OpReplace, "/responseParameters/{name}", filled("responseParameters", replaceEntry(gatewayParameters, noParameter))},
		{types.OpRemove, "/responseParameters/{name}", dropEntry(gatewayParameters, noParameter)},
		{types.OpAdd, "/responseTemplates/{contentType}", filled("responseTemplates", putEntry(gatewayTemplates, change.text))},
		{types.OpReplace, "/responseTemplates/{contentType}", filled("responseTemplates", replaceEntry(gatewayTemplates, noContentType))},
		{types.OpRemove, "/responseTemplates/{contentType}", dropEntry(gatewayTemplates, noContentType)},
	},
	unknown: loose,
}

func gatewayParameters(r *types.GatewayResponse) *map[string]string { return &r.ResponseParameters }
func gatewayTemplates(r *types.GatewayResponse) *map[string]string  { return &r.ResponseTemplates }

// filled requires a value.
func filled[T any](member string, do func(*T, change) error) func(*T, change) error {
	return func(t *T, c change) error {
		if c.text() == "" {
			return badRequest("Invalid null or empty value in %s", member)
		}
		return do(t, c)
	}
}

// fillGatewayResponse shows what is not there as empty, as AWS does of these.
func fillGatewayResponse(r *types.GatewayResponse) {
	if r.ResponseParameters == nil {
		r.ResponseParameters = map[string]string{}
	}
	if r.ResponseTemplates == nil {
		r.ResponseTemplates = map[string]string{}
	}
}

// UpdateGatewayResponse changes the response of a type, starting from the default
// where none was put.
func (s *Service) UpdateGatewayResponse(ctx context.Context, in *sdk.UpdateGatewayResponseInput) (*sdk.UpdateGatewayResponseOutput, error) {
	var r types.GatewayResponse
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		r = defaultGatewayResponse(in.ResponseType)
		put, err := gatewayResponses.Get(tx, d.ID+"/"+string(in.ResponseType))
		if err == nil {
			r = put.Value
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := gatewayResponsePatches.apply(&r, in.PatchOperations); err != nil {
			return err
		}
		r.DefaultResponse = false
		fillGatewayResponse(&r)
		if err := checkGatewayResponse(r); err != nil {
			return err
		}
		return gatewayResponses.Put(tx, gatewayResponseDocument(d.ID, r))
	})
	return wire.Answer[sdk.UpdateGatewayResponseOutput](r, err)
}
