package apigateway

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// planKeys are the ids of the keys in plans, stored under "usagePlanId/keyId".
var planKeys = store.Kind[string]{Service: service, Name: "usageplankey"}

const keyType = "API_KEY"

// getPlanKey reads a key as a member of a plan.
func getPlanKey(tx *store.Tx, plan, key *string) (types.UsagePlanKey, error) {
	if _, err := getPlan(tx, plan); err != nil {
		return types.UsagePlanKey{}, err
	}
	d, err := planKeys.Get(tx, aws.ToString(plan)+"/"+aws.ToString(key))
	if err != nil {
		return types.UsagePlanKey{}, missing(err, "Invalid API Key identifier specified")
	}
	return planKey(tx, d.Value)
}

func planKey(tx *store.Tx, id string) (types.UsagePlanKey, error) {
	k, err := apiKeys.Get(tx, id)
	return types.UsagePlanKey{Id: k.Value.Key.Id, Name: k.Value.Key.Name, Type: aws.String(keyType), Value: k.Value.Key.Value}, err
}

// CreateUsagePlanKey puts a key into a plan.
func (s *Service) CreateUsagePlanKey(ctx context.Context, in *sdk.CreateUsagePlanKeyInput) (*sdk.CreateUsagePlanKeyOutput, error) {
	if *in.KeyType != keyType {
		return nil, badRequest("Invalid key type %s specified. Must be one of: [%s]", *in.KeyType, keyType)
	}
	var out types.UsagePlanKey
	err := s.update(ctx, func(tx *store.Tx) error {
		p, err := getPlan(tx, in.UsagePlanId)
		if err != nil {
			return err
		}
		k, err := getKey(tx, in.KeyId)
		if err != nil {
			return err
		}
		if err := addMember(tx, p.Value, &k); err != nil {
			return err
		}
		out, err = planKey(tx, k.ID)
		return err
	})
	if err == nil {
		s.keyChanged(ctx, *in.KeyId)
	}
	return wire.Answer[sdk.CreateUsagePlanKeyOutput](out, err)
}

// addMember stores that a key is in a plan.
func addMember(tx *store.Tx, p types.UsagePlan, k *store.Document[apiKey]) error {
	if slices.Contains(k.Value.Plans, *p.Id) {
		return conflict("API Key %s is already associated with Usage Plan %s", k.ID, *p.Id)
	}
	if err := isFree(tx, *k, p); err != nil {
		return err
	}
	d := store.Document[string]{ID: *p.Id + "/" + k.ID, Parent: planRef(*p.Id), Name: aws.ToString(k.Value.Key.Name), Value: k.ID}
	if err := planKeys.Insert(tx, d); err != nil {
		return err
	}
	k.Value.Plans = append(k.Value.Plans, *p.Id)
	return putKey(tx, *k)
}

// isFree requires that no other plan of a key offers a stage that the plan does: AWS could not tell
// whose limits to take.
func isFree(tx *store.Tx, k store.Document[apiKey], p types.UsagePlan) error {
	for _, id := range k.Value.Plans {
		if id == *p.Id {
			continue
		}
		other, err := usagePlans.Get(tx, id)
		if err != nil {
			return err
		}
		for _, stage := range p.ApiStages {
			if stageOf(&other.Value, planStage(stage)) != nil {
				return conflict("Usage Plan %s cannot be added because API Key %s cannot reference multiple Usage Plans with the same API stage: %s", *p.Id, k.ID, planStage(stage))
			}
		}
	}
	return nil
}

// dropMember stores that a key is not in a plan any more.
func dropMember(tx *store.Tx, plan, key string) error {
	if err := planKeys.Delete(tx, plan+"/"+key); err != nil {
		return err
	}
	k, err := apiKeys.Get(tx, key)
	if err != nil {
		return err
	}
	k.Value.Plans = slices.DeleteFunc(k.Value.Plans, func(id string) bool { return id == plan })
	return putKey(tx, k)
}

// GetUsagePlanKey reads a key of a plan.
func (s *Service) GetUsagePlanKey(ctx context.Context, in *sdk.GetUsagePlanKeyInput) (*sdk.GetUsagePlanKeyOutput, error) {
	var out types.UsagePlanKey
	err := s.view(ctx, func(tx *store.Tx) (err error) {
		out, err = getPlanKey(tx, in.UsagePlanId, in.KeyId)
		return err
	})
	return wire.Answer[sdk.GetUsagePlanKeyOutput](out, err)
}

// GetUsagePlanKeys lists the keys of a plan in the order in which they came to it. The name is
// compared by its beginning (recorded).
func (s *Service) GetUsagePlanKeys(ctx context.Context, in *sdk.GetUsagePlanKeysInput) (*sdk.GetUsagePlanKeysOutput, error) {
	out := &sdk.GetUsagePlanKeysOutput{Items: []types.UsagePlanKey{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getPlan(tx, in.UsagePlanId)
		if err != nil {
			return err
		}
		var failed error
		named := func(d store.Document[string]) bool {
			if aws.ToString(in.NameQuery) == "" {
				return true
			}
			k, err := planKey(tx, d.Value)
			if err != nil {
				failed = err
			}
			return strings.HasPrefix(aws.ToString(k.Name), *in.NameQuery)
		}
		found, next, err := listWhere(tx, planKeys, store.Query{Parent: planRef(d.ID), Order: store.ByCreated}, in.Limit, in.Position, named)
		if err != nil || failed != nil {
			return cmp.Or(err, failed)
		}
		for _, id := range found {
			k, err := planKey(tx, id)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, k)
		}
		out.Position = next
		return nil
	})
	return out, err
}

// DeleteUsagePlanKey takes a key out of a plan.
func (s *Service) DeleteUsagePlanKey(ctx context.Context, in *sdk.DeleteUsagePlanKeyInput) (*sdk.DeleteUsagePlanKeyOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		if _, err := getPlanKey(tx, in.UsagePlanId, in.KeyId); err != nil {
			return err
		}
		return dropMember(tx, *in.UsagePlanId, *in.KeyId)
	})
	if err != nil {
		return nil, err
	}
	s.keyChanged(ctx, *in.KeyId)
	return &sdk.DeleteUsagePlanKeyOutput{}, nil
}
