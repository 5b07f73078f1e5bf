package lambda

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

const (
	maxTotalCode   = 75 << 30
	maxConcurrency = 1000
)

// scope is the caller's account and region.
func scope(ctx context.Context) store.Scope {
	c := wire.CallerFrom(ctx)
	return store.Scope{Account: c.AccountID, Region: c.Region}
}

// GetAccountSettings answers AWS's default quotas and what is used of them.
func (s *Service) GetAccountSettings(ctx context.Context, _ *sdk.GetAccountSettingsInput) (*sdk.GetAccountSettingsOutput, error) {
	usage := &types.AccountUsage{}
	reserved := 0
	err := s.Store.View(ctx, scope(ctx), func(tx *store.Tx) error {
		fns, err := functions.List(tx, store.Query{})
		if err != nil {
			return err
		}
		shared, err := layerVersions.List(tx, store.Query{})
		if err != nil {
			return err
		}
		published, err := versions.List(tx, store.Query{})
		usage.FunctionCount = int64(len(fns.Documents))
		for _, d := range fns.Documents {
			usage.TotalCodeSize += d.Value.Config.CodeSize
			reserved += int(aws.ToInt32(d.Value.Reserved))
		}
		for _, d := range shared.Documents { // recorded: they count
			usage.TotalCodeSize += d.Value.Content.Size
		}
		for _, d := range published.Documents {
			usage.TotalCodeSize += d.Value.Config.CodeSize
		}
		return err
	})
	return &sdk.GetAccountSettingsOutput{
		AccountLimit: &types.AccountLimit{
			CodeSizeUnzipped:               maxUnzipped,
			CodeSizeZipped:                 maxZipped,
			ConcurrentExecutions:           maxConcurrency,
			TotalCodeSize:                  maxTotalCode,
			UnreservedConcurrentExecutions: aws.Int32(int32(maxConcurrency - reserved)),
		},
		AccountUsage: usage,
	}, err
}
