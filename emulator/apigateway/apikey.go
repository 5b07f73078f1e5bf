package apigateway

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// An apiKey is what is stored of a key.
type apiKey struct {
	Key   types.ApiKey
	Plans []string `json:",omitempty"` // ids of the usage plans that it is in, in the order in which it came to them
}

var (
	// apiKeys are stored under their ids.
	apiKeys = store.Kind[apiKey]{Service: service, Name: "apikey"}
	// apiKeyValues hang from the keys: a value is one key's.
	apiKeyValues = store.Kind[struct{}]{Service: service, Name: "apikeyvalue"}
)

func keyRef(id string) *store.Ref { return &store.Ref{Kind: apiKeys.Name, ID: id} }

// getKey reads a key, or AWS's error that there is none.
func getKey(tx *store.Tx, id *string) (store.Document[apiKey], error) {
	d, err := apiKeys.Get(tx, aws.ToString(id))
	return d, missing(err, "Invalid API Key identifier specified")
}

// putKey stores a key that was changed.
func putKey(tx *store.Tx, d store.Document[apiKey]) error {
	d.Name = aws.ToString(d.Value.Key.Name)
	return apiKeys.Put(tx, d)
}

const (
	valueLength   = 40
	valueAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// CreateApiKey adds a key. Its value is the caller's, or forty random characters; its id is never
// the value, as in accounts that have usage plans.
func (s *Service) CreateApiKey(ctx context.Context, in *sdk.CreateApiKeyInput) (*sdk.CreateApiKeyOutput, error) {
	k, err := newKey(in)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		for _, stage := range k.StageKeys {
			if err := hasStage(tx, stage); err != nil {
				return err
			}
		}
		if err := insertKey(tx, &k); err != nil {
			return err
		}
		return withinAccount(tx, s.quotas, quota.APIKeys, apiKeys)
	})
	if err == nil {
		s.keyChanged(ctx, *k.Id)
	}
	return wire.Answer[sdk.CreateApiKeyOutput](k, err)
}

// newKey is the key that a request asks for, yet without id.
func newKey(in *sdk.CreateApiKeyInput) (types.ApiKey, error) {
	k := types.ApiKey{
		Name: in.Name, Description: in.Description, CustomerId: in.CustomerId, Enabled: in.Enabled, Value: in.Value,
		Tags: in.Tags, StageKeys: []string{},
	}
	for _, stage := range in.StageKeys {
		k.StageKeys = append(k.StageKeys, aws.ToString(stage.RestApiId)+"/"+aws.ToString(stage.StageName))
	}
	if aws.ToString(k.Name) == "" { // recorded
		k.Name = nil
	}
	if len(k.Tags) == 0 {
		k.Tags = nil
	}
	return k, checkKey(&k)
}

const (
	maxKeyName        = 1024
	minKeyValue       = 20
	maxKeyValue       = 128
	maxKeyDescription = 125000
)

// checkKey refuses what CreateApiKey does; the texts are recorded.
func checkKey(k *types.ApiKey) error {
	switch {
	case len(aws.ToString(k.Name)) > maxKeyName:
		return badRequest("Invalid API Key name, can be at most 1024 characters.")
	case k.Value != nil && len(*k.Value) > maxKeyValue:
		return badRequest("API Key value exceeds maximum size of 128 characters")
	case k.Value != nil && len(*k.Value) < minKeyValue:
		return badRequest("API Key value should be at least 20 characters")
	case len(aws.ToString(k.Description)) > maxKeyDescription:
		return badRequest("Invalid API Key description specified.")
	}
	return CheckTags(k.Tags)
}

// insertKey gives a key its id, its dates and, if it needs one, its value.
func insertKey(tx *store.Tx, k *types.ApiKey) error {
	now := tx.Now().Truncate(time.Second)
	k.Id, k.CreatedDate, k.LastUpdatedDate = aws.String(tx.ID(10)), &now, &now
	if k.Value == nil {
		k.Value = aws.String(tx.Token(valueLength, valueAlphabet))
	}
	created, err := afterNewest(tx)
	if err != nil {
		return err
	}
	d := store.Document[apiKey]{ID: *k.Id, Name: aws.ToString(k.Name), Created: created, Value: apiKey{Key: *k}}
	if err := apiKeys.Insert(tx, d); err != nil {
		return err
	}
	value := store.Document[struct{}]{ID: *k.Value, Parent: keyRef(d.ID)}
	return taken(apiKeyValues.Insert(tx, value), "API Key already exists")
}

// afterNewest is a time at which no other key was made, so that lists have the newest first even of
// keys that were made within a millisecond.
func afterNewest(tx *store.Tx) (time.Time, error) {
	newest, err := apiKeys.List(tx, store.Query{Order: store.ByCreatedDesc, Limit: 1})
	created := tx.Now()
	if len(newest.Documents) > 0 && !created.After(newest.Documents[0].Created) {
		created = newest.Documents[0].Created.Add(time.Millisecond)
	}
	return created, err
}

// hasStage requires the stage that "api/stage" names.
func hasStage(tx *store.Tx, name string) error {
	api, stage, _ := strings.Cut(name, "/")
	_, err := getStage(tx, &api, &stage)
	return err
}

// describeKey is a key as AWS shows it, with its value only to who asks for it.
func describeKey(k types.ApiKey, value bool) types.ApiKey {
	if !value {
		k.Value = nil
	}
	if len(k.Tags) == 0 {
		k.Tags = nil
	}
	return k
}

// GetApiKey reads a key.
func (s *Service) GetApiKey(ctx context.Context, in *sdk.GetApiKeyInput) (*sdk.GetApiKeyOutput, error) {
	var k types.ApiKey
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getKey(tx, in.ApiKey)
		k = describeKey(d.Value.Key, aws.ToBool(in.IncludeValue))
		return err
	})
	return wire.Answer[sdk.GetApiKeyOutput](k, err)
}

// GetApiKeys lists keys, newest first. The name is compared by its beginning (recorded).
func (s *Service) GetApiKeys(ctx context.Context, in *sdk.GetApiKeysInput) (*sdk.GetApiKeysOutput, error) {
	out := &sdk.GetApiKeysOutput{Items: []types.ApiKey{}}
	wanted := func(d store.Document[apiKey]) bool {
		return strings.HasPrefix(d.Name, aws.ToString(in.NameQuery)) &&
			(in.CustomerId == nil || aws.ToString(d.Value.Key.CustomerId) == *in.CustomerId)
	}
	err := s.view(ctx, func(tx *store.Tx) error {
		found, next, err := listWhere(tx, apiKeys, store.Query{Order: store.ByCreatedDesc}, in.Limit, in.Position, wanted)
		for _, k := range found {
			out.Items = append(out.Items, describeKey(k.Key, aws.ToBool(in.IncludeValues)))
		}
		out.Position = next
		return err
	})
	return out, err
}

// DeleteApiKey removes a key, from its usage plans too.
func (s *Service) DeleteApiKey(ctx context.Context, in *sdk.DeleteApiKeyInput) (*sdk.DeleteApiKeyOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getKey(tx, in.ApiKey)
		if err != nil {
			return err
		}
		for _, plan := range d.Value.Plans {
			if err := planKeys.Delete(tx, plan+"/"+d.ID); err != nil {
				return err
			}
		}
		return apiKeys.Delete(tx, d.ID)
	})
	if err != nil {
		return nil, err
	}
	s.keyChanged(ctx, *in.ApiKey)
	return &sdk.DeleteApiKeyOutput{}, nil
}
