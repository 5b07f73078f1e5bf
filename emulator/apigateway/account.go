package apigateway

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// accounts holds one document an account and region, once it was changed.
var accounts = store.Kind[sdk.GetAccountOutput]{Service: service, Name: "account"}

const accountID = "account"

func getAccount(tx *store.Tx) (sdk.GetAccountOutput, error) {
	d, err := accounts.Get(tx, accountID)
	if errors.Is(err, store.ErrNotFound) {
		return sdk.GetAccountOutput{
			ApiKeyVersion: aws.String("4"),
			Features:      []string{usagePlansFeature},
		}, nil
	}
	return d.Value, err
}

// GetAccount reads the account's settings in the region.
func (s *Service) GetAccount(ctx context.Context, _ *sdk.GetAccountInput) (*sdk.GetAccountOutput, error) {
	var out sdk.GetAccountOutput
	err := s.view(ctx, func(tx *store.Tx) (err error) {
		out, err = getAccount(tx)
		return err
	})
	out.ThrottleSettings = s.accountThrottle()
	return wire.Answer[sdk.GetAccountOutput](out, err)
}

// accountThrottle is the limit that the gateway holds all requests of the account to.
func (s *Service) accountThrottle() *types.ThrottleSettings {
	return &types.ThrottleSettings{BurstLimit: int32(s.account.Burst), RateLimit: s.account.PerSecond}
}

const usagePlansFeature = "UsagePlans"

var accountPatches = patchTable[sdk.GetAccountOutput]{
	rules: []rule[sdk.GetAccountOutput]{
		{types.OpReplace, "/cloudwatchRoleArn", func(a *sdk.GetAccountOutput, c change) error {
			if c.text() != "" && !roleARN.MatchString(c.text()) {
				return badRequest("The role ARN is not well formed")
			}
			a.CloudwatchRoleArn = nil
			if c.text() != "" {
				a.CloudwatchRoleArn = c.value
			}
			return nil
		}},
		{types.OpAdd, "/features", func(a *sdk.GetAccountOutput, c change) error {
			if c.text() != usagePlansFeature {
				return badRequest("Invalid feature specified: %s", c.text())
			}
			if !slices.Contains(a.Features, c.text()) {
				a.Features = append(a.Features, c.text())
			}
			return nil
		}},
		{types.OpRemove, "/features", func(_ *sdk.GetAccountOutput, c change) error {
			if c.text() == usagePlansFeature {
				return badRequest("Usage Plans cannot be disabled once enabled")
			}
			return badRequest("Invalid feature specified: %s", c.text())
		}},
	},
	unknown: loose,
}

// UpdateAccount changes the account's settings in the region.
func (s *Service) UpdateAccount(ctx context.Context, in *sdk.UpdateAccountInput) (*sdk.UpdateAccountOutput, error) {
	var out sdk.GetAccountOutput
	err := s.update(ctx, func(tx *store.Tx) (err error) {
		if out, err = getAccount(tx); err != nil {
			return err
		}
		if err := accountPatches.apply(&out, in.PatchOperations); err != nil {
			return err
		}
		return accounts.Put(tx, store.Document[sdk.GetAccountOutput]{ID: accountID, Value: out})
	})
	out.ThrottleSettings = s.accountThrottle()
	return wire.Answer[sdk.UpdateAccountOutput](out, err)
}
