package apigateway

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A keyEdit is a key while it is changed, and where to look up what it names.
type keyEdit struct {
	*types.ApiKey
	tx *store.Tx
}

// The stages of a key mean nothing in accounts that have usage plans, as all have; they are kept for
// clients that still set them.
var keyPatches = patchTable[keyEdit]{
	rules: []rule[keyEdit]{
		{types.OpReplace, "/description", func(e *keyEdit, c change) error { e.Description = c.value; return checkKey(e.ApiKey) }},
		{types.OpReplace, "/enabled", setFlag(func(e *keyEdit) *bool { return &e.Enabled })},
		{types.OpReplace, "/name", func(e *keyEdit, c change) error {
			e.Name = nil
			if c.text() != "" {
				e.Name = c.value
			}
			return checkKey(e.ApiKey)
		}},
		{types.OpReplace, "/customerId", setText(func(e *keyEdit) **string { return &e.CustomerId })},
		{types.OpAdd, "/stages", func(e *keyEdit, c change) error {
			if slices.Contains(e.StageKeys, c.text()) {
				return nil
			}
			e.StageKeys = append(e.StageKeys, c.text())
			return hasStage(e.tx, c.text())
		}},
		{types.OpRemove, "/stages", func(e *keyEdit, c change) error {
			e.StageKeys = slices.DeleteFunc(e.StageKeys, func(s string) bool { return s == c.text() })
			return nil
		}},
	},
	unknown: strict,
}

// UpdateApiKey changes a key, but not its value.
func (s *Service) UpdateApiKey(ctx context.Context, in *sdk.UpdateApiKeyInput) (*sdk.UpdateApiKeyOutput, error) {
	var k types.ApiKey
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getKey(tx, in.ApiKey)
		if err != nil {
			return err
		}
		if err := keyPatches.apply(&keyEdit{&d.Value.Key, tx}, in.PatchOperations); err != nil {
			return err
		}
		d.Value.Key.LastUpdatedDate = aws.Time(tx.Now().Truncate(time.Second))
		k = describeKey(d.Value.Key, false)
		if k.Tags == nil { // recorded
			k.Tags = map[string]string{}
		}
		return putKey(tx, d)
	})
	if err == nil {
		s.keyChanged(ctx, *in.ApiKey)
	}
	return wire.Answer[sdk.UpdateApiKeyOutput](k, err)
}
