package apigateway

import (
	"context"
	"maps"
	"postern/emulator/lazyregexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// gatewayResponses are stored under "restApiId/responseType", those that were put.
var gatewayResponses = store.Kind[types.GatewayResponse]{Service: service, Name: "gatewayresponse"}

func gatewayResponseDocument(api string, r types.GatewayResponse) store.Document[types.GatewayResponse] {
	return store.Document[types.GatewayResponse]{
		ID: api + "/" + string(r.ResponseType), Parent: apiRef(api), Name: string(r.ResponseType), Value: r,
	}
}

// gatewayStatus is every type there is with its default status; the two that stand
// for a class have none.
var gatewayStatus = map[types.GatewayResponseType]string{
	types.GatewayResponseTypeAccessDenied:                 "403",
	types.GatewayResponseTypeApiConfigurationError:        "500",
	types.GatewayResponseTypeAuthorizerConfigurationError: "500",
	types.GatewayResponseTypeAuthorizerFailure:            "500",
	types.GatewayResponseTypeBadRequestBody:               "400",
	types.GatewayResponseTypeBadRequestParameters:         "400",
	types.GatewayResponseTypeDefault4xx:                   "",
	types.GatewayResponseTypeDefault5xx:                   "",
	types.GatewayResponseTypeExpiredToken:                 "403",
	types.GatewayResponseTypeIntegrationFailure:           "504",
	types.GatewayResponseTypeIntegrationTimeout:           "504",
	types.GatewayResponseTypeInvalidApiKey:                "403",
	types.GatewayResponseTypeInvalidSignature:             "403",
	types.GatewayResponseTypeMissingAuthenticationToken:   "403",
	types.GatewayResponseTypeQuotaExceeded:                "429",
	types.GatewayResponseTypeRequestTooLarge:              "413",
	types.GatewayResponseTypeResourceNotFound:             "404",
	types.GatewayResponseTypeThrottled:                    "429",
	types.GatewayResponseTypeUnauthorized:                 "401",
	types.GatewayResponseTypeUnsupportedMediaType:         "415",
	types.GatewayResponseTypeWafFiltered:                  "403",
}

// defaultGatewayResponse is what API Gateway answers while nothing was put.
func defaultGatewayResponse(t types.GatewayResponseType) types.GatewayResponse {
	r := types.GatewayResponse{
		ResponseType:       t,
		DefaultResponse:    true,
		ResponseParameters: map[string]string{},
		ResponseTemplates:  map[string]string{"application/json": `{"message":$context.error.messageString}`},
	}
	if status := gatewayStatus[t]; status != "" {
		r.StatusCode = aws.String(status)
	}
	return r
}

// effective is the response of a type: the one that was put, else the default one
// with what was put for its class.
func effective(put map[types.GatewayResponseType]types.GatewayResponse, t types.GatewayResponseType) types.GatewayResponse {
	if r, ok := put[t]; ok {
		return r
	}
	r := defaultGatewayResponse(t)
	if r.StatusCode == nil {
		return r
	}
	class, ok := put[types.GatewayResponseType("DEFAULT_"+(*r.StatusCode)[:1]+"XX")]
	if !ok {
		return r
	}
	r.ResponseParameters, r.ResponseTemplates = class.ResponseParameters, class.ResponseTemplates
	if class.StatusCode != nil {
		r.StatusCode = class.StatusCode
	}
	return r
}

func putResponses(tx *store.Tx, api *string) (map[types.GatewayResponseType]types.GatewayResponse, error) {
	d, err := getAPI(tx, api)
	if err != nil {
		return nil, err
	}
	p, err := gatewayResponses.List(tx, store.Query{Parent: apiRef(d.ID)})
	out := map[types.GatewayResponseType]types.GatewayResponse{}
	for _, r := range p.Documents {
		out[r.Value.ResponseType] = r.Value
	}
	return out, err
}

// PutGatewayResponse customizes what API Gateway itself answers; what is left out
// keeps its default.
func (s *Service) PutGatewayResponse(ctx context.Context, in *sdk.PutGatewayResponseInput) (*sdk.PutGatewayResponseOutput, error) {
	r := newGatewayResponse(in)
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		if err := checkGatewayResponse(r); err != nil {
			return err
		}
		return gatewayResponses.Put(tx, gatewayResponseDocument(d.ID, r))
	})
	return wire.Answer[sdk.PutGatewayResponseOutput](r, err)
}

// newGatewayResponse is the response a request asks for.
func newGatewayResponse(in *sdk.PutGatewayResponseInput) types.GatewayResponse {
	r := defaultGatewayResponse(in.ResponseType)
	r.DefaultResponse = false
	if in.StatusCode != nil {
		r.StatusCode = in.StatusCode
	}
	if in.ResponseParameters != nil {
		r.ResponseParameters = in.ResponseParameters
	}
	if in.ResponseTemplates != nil {
		r.ResponseTemplates = in.ResponseTemplates
	}
	return r
}

var (
	gatewayHeader = lazyregexp.New(`^gatewayresponse\.header\.\S+$`)
	gatewaySource = lazyregexp.New(`^method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.\S+$`)
)

func checkGatewayResponse(r types.GatewayResponse) error {
	if r.StatusCode != nil {
		if err := checkStatusCode("putGatewayResponseInput.statusCode", *r.StatusCode); err != nil {
			return err
		}
	}
	for _, target := range slices.Sorted(maps.Keys(r.ResponseParameters)) {
		source := r.ResponseParameters[target]
		switch {
		case !gatewayHeader.MatchString(target):
			return invalidMapping("Invalid mapping expression parameter specified: %s", target)
		case !commonSource.MatchString(source) && !gatewaySource.MatchString(source):
			return invalidMapping("Invalid mapping expression specified: %s", source)
		}
	}
	return CheckTemplates(r.ResponseTemplates)
}

// GetGatewayResponse reads the response of a type, be it the default one.
func (s *Service) GetGatewayResponse(ctx context.Context, in *sdk.GetGatewayResponseInput) (*sdk.GetGatewayResponseOutput, error) {
	var r types.GatewayResponse
	err := s.view(ctx, func(tx *store.Tx) error {
		put, err := putResponses(tx, in.RestApiId)
		r = effective(put, in.ResponseType)
		return err
	})
	return wire.Answer[sdk.GetGatewayResponseOutput](r, err)
}

// GetGatewayResponses lists the responses of all types, in alphabetical order.
func (s *Service) GetGatewayResponses(ctx context.Context, in *sdk.GetGatewayResponsesInput) (*sdk.GetGatewayResponsesOutput, error) {
	out := &sdk.GetGatewayResponsesOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		put, err := putResponses(tx, in.RestApiId)
		if err != nil {
			return err
		}
		var all []types.GatewayResponse
		for _, t := range slices.Sorted(maps.Keys(gatewayStatus)) {
			all = append(all, effective(put, t))
		}
		out.Items, out.Position, err = cut(all, func(r types.GatewayResponse) string { return string(r.ResponseType) }, in.Limit, in.Position)
		return err
	})
	return out, err
}

// DeleteGatewayResponse brings the default response of a type back.
func (s *Service) DeleteGatewayResponse(ctx context.Context, in *sdk.DeleteGatewayResponseInput) (*sdk.DeleteGatewayResponseOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		err = gatewayResponses.Delete(tx, d.ID+"/"+string(in.ResponseType))
		return missing(err, "Gateway response type not defined on api")
	})
	return &sdk.DeleteGatewayResponseOutput{}, err
}
