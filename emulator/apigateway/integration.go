package apigateway

import (
	"cmp"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// PutIntegration says what a method calls, in place of what it called before.
func (s *Service) PutIntegration(ctx context.Context, in *sdk.PutIntegrationInput) (*sdk.PutIntegrationOutput, error) {
	i := newIntegration(in)
	err := s.changeMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod}, func(tx *store.Tx, m *types.Method) error {
		m.MethodIntegration = &i
		return checkIntegration(tx, in.RestApiId, *m)
	})
	return wire.Answer[sdk.PutIntegrationOutput](i, err)
}

const defaultTimeout = 29000

// newIntegration is the integration a request asks for, with AWS's defaults.
func newIntegration(in *sdk.PutIntegrationInput) types.Integration {
	i := types.Integration{
		Type:                 in.Type,
		HttpMethod:           in.IntegrationHttpMethod,
		Uri:                  in.Uri,
		Credentials:          in.Credentials,
		RequestParameters:    in.RequestParameters,
		RequestTemplates:     in.RequestTemplates,
		ContentHandling:      in.ContentHandling,
		ConnectionType:       in.ConnectionType,
		ConnectionId:         in.ConnectionId,
		TlsConfig:            in.TlsConfig,
		ResponseTransferMode: in.ResponseTransferMode,
		IntegrationTarget:    in.IntegrationTarget,
		CacheKeyParameters:   in.CacheKeyParameters,
		CacheNamespace:       cmp.Or(in.CacheNamespace, in.ResourceId),
		TimeoutInMillis:      defaultTimeout,
		PassthroughBehavior:  aws.String(cmp.Or(strings.ToUpper(aws.ToString(in.PassthroughBehavior)), "WHEN_NO_MATCH")),
	}
	if i.CacheKeyParameters == nil {
		i.CacheKeyParameters = []string{}
	}
	if in.TimeoutInMillis != nil {
		i.TimeoutInMillis = *in.TimeoutInMillis
	}
	switch i.Type {
	case types.IntegrationTypeHttp, types.IntegrationTypeHttpProxy:
		i.ConnectionType = cmp.Or(i.ConnectionType, types.ConnectionTypeInternet)
	case types.IntegrationTypeMock:
		i.Uri = nil
	}
	return i
}

// getIntegration picks the integration of a method.
func getIntegration(m types.Method) (types.Integration, error) {
	if m.MethodIntegration == nil {
		return types.Integration{}, notFound("Invalid Integration identifier specified")
	}
	return *m.MethodIntegration, nil
}

// GetIntegration reads what a method calls, with its responses.
func (s *Service) GetIntegration(ctx context.Context, in *sdk.GetIntegrationInput) (*sdk.GetIntegrationOutput, error) {
	var i types.Integration
	m, err := s.readMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod})
	if err == nil {
		i, err = getIntegration(m)
	}
	return wire.Answer[sdk.GetIntegrationOutput](i, err)
}

// DeleteIntegration takes what it calls from a method.
func (s *Service) DeleteIntegration(ctx context.Context, in *sdk.DeleteIntegrationInput) (*sdk.DeleteIntegrationOutput, error) {
	err := s.changeMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod}, func(_ *store.Tx, m *types.Method) error {
		_, err := getIntegration(*m)
		m.MethodIntegration = nil
		return err
	})
	return &sdk.DeleteIntegrationOutput{}, err
}
