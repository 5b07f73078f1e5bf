package apigateway

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// usagePlans are stored under their ids. A number of a throttle that nobody gave is unset there,
// since 0 lets nothing pass.
var usagePlans = store.Kind[types.UsagePlan]{Service: service, Name: "usageplan"}

const unset = -1

func planRef(id string) *store.Ref { return &store.Ref{Kind: usagePlans.Name, ID: id} }

// getPlan reads a plan, or AWS's error that there is none.
func getPlan(tx *store.Tx, id *string) (store.Document[types.UsagePlan], error) {
	d, err := usagePlans.Get(tx, aws.ToString(id))
	return d, missing(err, "Invalid Usage Plan ID specified")
}

// CreateUsagePlan adds a plan, yet without keys.
func (s *Service) CreateUsagePlan(ctx context.Context, in *sdk.CreateUsagePlanInput) (*sdk.CreateUsagePlanOutput, error) {
	p, err := newPlan(ctx, in)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		p.Id = aws.String(tx.ID(6))
		for _, stage := range p.ApiStages {
			if err := offers(tx, *p.Id, stage); err != nil {
				return err
			}
		}
		if err := usagePlans.Insert(tx, store.Document[types.UsagePlan]{ID: *p.Id, Name: *p.Name, Value: p}); err != nil {
			return err
		}
		return withinAccount(tx, s.quotas, quota.UsagePlans, usagePlans)
	})
	if err == nil {
		s.PlanChanged(ctx, *p.Id)
	}
	return wire.Answer[sdk.CreateUsagePlanOutput](describePlan(p), err)
}

// newPlan is the plan that a request asks for, yet without id.
func newPlan(ctx context.Context, in *sdk.CreateUsagePlanInput) (types.UsagePlan, error) {
	p := types.UsagePlan{
		Name: in.Name, Description: in.Description, Quota: in.Quota, Tags: in.Tags, Throttle: in.Throttle, ApiStages: []types.ApiStage{},
	}
	given := givenNumbers(ctx)
	if err := given.Throttle.mark(p.Throttle); err != nil {
		return p, err
	}
	for i, stage := range in.ApiStages {
		if i >= len(given.ApiStages) {
			given.ApiStages = append(given.ApiStages, givenStage{})
		}
		throttle := map[string]types.ThrottleSettings{}
		for key, t := range stage.Throttle {
			method, err := planMethod(key)
			if err != nil {
				return p, err
			}
			if err := given.ApiStages[i].Throttle[key].mark(&t); err != nil {
				return p, err
			}
			throttle[method] = t
		}
		stage.Throttle = throttle
		p.ApiStages = append(p.ApiStages, stage)
	}
	return p, checkPlan(&p)
}

// A givenPlan tells which numbers a request has: an input does not tell 0 from nothing.
type givenPlan struct {
	Throttle  givenThrottle
	ApiStages []givenStage
}

type (
	givenStage    struct{ Throttle map[string]givenThrottle }
	givenThrottle struct{ BurstLimit, RateLimit *float64 }
)

func givenNumbers(ctx context.Context) (g givenPlan) {
	_ = json.Unmarshal(wire.CallerFrom(ctx).Body, &g) // it was decoded before; without a body nothing was given
	return g
}

// mark notes in a throttle what was not given, and refuses what would look like it.
func (g givenThrottle) mark(t *types.ThrottleSettings) error {
	if t == nil {
		return nil
	}
	if t.BurstLimit < 0 || t.RateLimit < 0 {
		return badRequest("Usage Plan throttle limits must not be negative")
	}
	if g.BurstLimit == nil && t.BurstLimit == 0 {
		t.BurstLimit = unset
	}
	if g.RateLimit == nil && t.RateLimit == 0 {
		t.RateLimit = unset
	}
	return nil
}

// planMethod is the name of a method in a plan: its path and verb, with what a patch path escapes.
func planMethod(key string) (string, error) {
	key = unescape.Replace(key)
	i := strings.LastIndexByte(key, '/')
	if i < 0 || !slices.Contains(verbs, key[i+1:]) {
		return "", badRequest("Invalid method specified for throttle: %s. Must be {resourcePath}/{httpMethod}", key)
	}
	return "/" + strings.Trim(key[:i], "/") + "/" + key[i+1:], nil
}

// checkPlan refuses numbers that mean nothing.
func checkPlan(p *types.UsagePlan) error {
	switch q := p.Quota; {
	case *p.Name == "":
		return badRequest("Usage Plan name cannot be empty")
	case q == nil:
	case !valid(q.Period, q.Period.Values()):
		return badRequest("Usage Plan quota period must be one of: [DAY, WEEK, MONTH]")
	case q.Limit <= 0:
		return badRequest("Usage Plan quota limit must be greater than 0")
	case q.Offset < 0 || q.Offset > q.Limit:
		return badRequest("Usage Plan quota offset must be between 0 and the quota limit")
	}
	seen := map[string]bool{}
	for _, stage := range p.ApiStages {
		name := planStage(stage)
		if seen[name] {
			return badRequest("API Stage %s is specified more than once", name)
		}
		seen[name] = true
	}
	return CheckTags(p.Tags)
}

// planStage is a stage of a plan as patch operations name it.
func planStage(s types.ApiStage) string { return aws.ToString(s.ApiId) + ":" + aws.ToString(s.Stage) }

// offers requires a stage that a plan is to offer (the text is recorded).
func offers(tx *store.Tx, plan string, s types.ApiStage) error {
	id := aws.ToString(s.ApiId) + "/" + aws.ToString(s.Stage)
	_, err := stages.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		err = offersWebSocket(tx, s)
	}
	return missing(err, "Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", aws.ToString(s.ApiId), aws.ToString(s.Stage), plan)
}

// What plans need to know of the APIs of apigatewayv2: WebSocket APIs have API keys, HTTP APIs have not.
var (
	apisV2   = store.Kind[struct{ ProtocolType string }]{Service: "apigatewayv2", Name: "api"}
	stagesV2 = store.Kind[struct{}]{Service: apisV2.Service, Name: "stage"}
)

func offersWebSocket(tx *store.Tx, s types.ApiStage) error {
	api, err := apisV2.Get(tx, aws.ToString(s.ApiId))
	if err == nil && api.Value.ProtocolType != "WEBSOCKET" {
		return store.ErrNotFound
	}
	if err == nil {
		_, err = stagesV2.Get(tx, api.ID+"/"+aws.ToString(s.Stage))
	}
	return err
}

// describePlan is a plan as AWS shows it.
func describePlan(p types.UsagePlan) types.UsagePlan {
	if p.Throttle != nil {
		t := shownThrottle(*p.Throttle)
		p.Throttle = &t
	}
	p.ApiStages = slices.Clone(p.ApiStages)
	for i, stage := range p.ApiStages {
		p.ApiStages[i].Throttle = nil
		for method, t := range stage.Throttle {
			if p.ApiStages[i].Throttle == nil {
				p.ApiStages[i].Throttle = map[string]types.ThrottleSettings{}
			}
			p.ApiStages[i].Throttle[method] = shownThrottle(t)
		}
	}
	if len(p.Tags) == 0 {
		p.Tags = nil
	}
	return p
}

// shownThrottle has 0 for what was not given, as an SDK shows what is not there.
func shownThrottle(t types.ThrottleSettings) types.ThrottleSettings {
	return types.ThrottleSettings{BurstLimit: max(t.BurstLimit, 0), RateLimit: max(t.RateLimit, 0)}
}

// describePlanRead is describePlan for who reads or updates, which has empty tags (recorded).
func describePlanRead(p types.UsagePlan) types.UsagePlan {
	p = describePlan(p)
	if p.Tags == nil {
		p.Tags = map[string]string{}
	}
	return p
}

// GetUsagePlan reads a plan.
func (s *Service) GetUsagePlan(ctx context.Context, in *sdk.GetUsagePlanInput) (*sdk.GetUsagePlanOutput, error) {
	var p types.UsagePlan
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getPlan(tx, in.UsagePlanId)
		p = d.Value
		return err
	})
	return wire.Answer[sdk.GetUsagePlanOutput](describePlanRead(p), err)
}

// GetUsagePlans lists plans, oldest first, or those that a key is in.
func (s *Service) GetUsagePlans(ctx context.Context, in *sdk.GetUsagePlansInput) (*sdk.GetUsagePlansOutput, error) {
	out := &sdk.GetUsagePlansOutput{Items: []types.UsagePlan{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		var of []string
		if in.KeyId != nil {
			k, err := getKey(tx, in.KeyId)
			if err != nil {
				return err
			}
			of = k.Value.Plans
		}
		found, next, err := listWhere(tx, usagePlans, store.Query{Order: store.ByCreated}, in.Limit, in.Position,
			func(d store.Document[types.UsagePlan]) bool { return in.KeyId == nil || slices.Contains(of, d.ID) })
		for _, p := range found {
			out.Items = append(out.Items, describePlan(p))
		}
		out.Position = next
		return err
	})
	return out, err
}

// DeleteUsagePlan removes a plan that offers no stage, with its keys' memberships (the text was
// reported by its users).
func (s *Service) DeleteUsagePlan(ctx context.Context, in *sdk.DeleteUsagePlanInput) (*sdk.DeleteUsagePlanOutput, error) {
	var members []string
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getPlan(tx, in.UsagePlanId)
		if err != nil {
			return err
		}
		if offered := d.Value.ApiStages; len(offered) > 0 {
			return badRequest("Cannot delete Usage Plan %s because there are API Stages associated with it, including %s", d.ID, planStage(offered[0]))
		}
		keys, err := planKeys.List(tx, store.Query{Parent: planRef(d.ID)})
		if err != nil {
			return err
		}
		for _, m := range keys.Documents {
			if err := dropMember(tx, d.ID, m.Value); err != nil {
				return err
			}
			members = append(members, m.Value)
		}
		return usagePlans.Delete(tx, d.ID)
	})
	if err != nil {
		return nil, err
	}
	s.PlanChanged(ctx, *in.UsagePlanId)
	s.keyChanged(ctx, members...)
	return &sdk.DeleteUsagePlanOutput{}, nil
}

// Detach takes a stage that ends, or all of an API, out of the usage plans. It returns the plans that
// were changed.
func Detach(tx *store.Tx, api, stage string) (changed []string, err error) {
	all, err := usagePlans.List(tx, store.Query{})
	for _, d := range all.Documents {
		before := len(d.Value.ApiStages)
		d.Value.ApiStages = slices.DeleteFunc(d.Value.ApiStages, func(s types.ApiStage) bool {
			return *s.ApiId == api && (stage == "" || *s.Stage == stage)
		})
		if len(d.Value.ApiStages) == before {
			continue
		}
		if err := usagePlans.Put(tx, d); err != nil {
			return nil, err
		}
		changed = append(changed, d.ID)
	}
	return changed, err
}

// stageOf finds a stage that the plan offers.
func stageOf(p *types.UsagePlan, name string) *types.ApiStage {
	for i := range p.ApiStages {
		if planStage(p.ApiStages[i]) == name {
			return &p.ApiStages[i]
		}
	}
	return nil
}
