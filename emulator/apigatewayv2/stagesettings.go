package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// mergeSettings sets those of a route's settings that an update has.
func mergeSettings(r, with types.RouteSettings) types.RouteSettings {
	set(&r.DataTraceEnabled, with.DataTraceEnabled)
	set(&r.DetailedMetricsEnabled, with.DetailedMetricsEnabled)
	setEnum(&r.LoggingLevel, with.LoggingLevel)
	set(&r.ThrottlingBurstLimit, with.ThrottlingBurstLimit)
	set(&r.ThrottlingRateLimit, with.ThrottlingRateLimit)
	return r
}

// changeStage changes the settings of a stage and publishes it.
func (s *Service) changeStage(ctx context.Context, api, name *string, fn func(*types.Stage) error) error {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := stages.find(tx, ofAPI(api), name)
		if err != nil {
			return err
		}
		if err := fn(&d.Value); err != nil {
			return err
		}
		d.Value.LastUpdatedDate = now(tx)
		return stages.Put(tx, d)
	})
	if err == nil {
		s.live.Changed(ctx, *api, *name)
	}
	return err
}

// DeleteAccessLogSettings ends the access log of a stage.
func (s *Service) DeleteAccessLogSettings(ctx context.Context, in *sdk.DeleteAccessLogSettingsInput) (*sdk.DeleteAccessLogSettingsOutput, error) {
	err := s.changeStage(ctx, in.ApiId, in.StageName, func(stage *types.Stage) error {
		stage.AccessLogSettings = nil
		return nil
	})
	return &sdk.DeleteAccessLogSettingsOutput{}, err
}

// DeleteRouteSettings removes what a stage sets for one route.
func (s *Service) DeleteRouteSettings(ctx context.Context, in *sdk.DeleteRouteSettingsInput) (*sdk.DeleteRouteSettingsOutput, error) {
	err := s.changeStage(ctx, in.ApiId, in.StageName, func(stage *types.Stage) error {
		key := aws.ToString(in.RouteKey)
		if _, ok := stage.RouteSettings[key]; !ok {
			return noSettings(key)
		}
		delete(stage.RouteSettings, key)
		return nil
	})
	return &sdk.DeleteRouteSettingsOutput{}, err
}

// ResetAuthorizersCache forgets what authorizers have said on a stage.
func (s *Service) ResetAuthorizersCache(ctx context.Context, in *sdk.ResetAuthorizersCacheInput) (*sdk.ResetAuthorizersCacheOutput, error) {
	if _, err := find(ctx, s, stages, ofAPI(in.ApiId), in.StageName); err != nil {
		return nil, err
	}
	if s.publisher != nil {
		s.publisher.FlushAuthorizers(*in.ApiId, *in.StageName)
	}
	return &sdk.ResetAuthorizersCacheOutput{}, nil
}
