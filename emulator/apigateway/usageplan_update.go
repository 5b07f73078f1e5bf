package apigateway

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A planEdit is a plan while it is changed, and where to look up what it names.
type planEdit struct {
	*types.UsagePlan
	tx *store.Tx
}

var planPatches = patchTable[planEdit]{
	rules: []rule[planEdit]{
		{types.OpReplace, "/name", func(e *planEdit, c change) error { e.Name = aws.String(c.text()); return nil }},
		{types.OpReplace, "/description", setText(func(e *planEdit) **string { return &e.Description })},
		{types.OpReplace, "/productCode", setText(func(e *planEdit) **string { return &e.ProductCode })},
		{types.OpReplace, "/quota/limit", setQuota},
		{types.OpReplace, "/quota/offset", setQuota},
		{types.OpReplace, "/quota/period", setQuota},
		{types.OpReplace, "/throttle/rateLimit", setThrottle},
		{types.OpReplace, "/throttle/burstLimit", setThrottle},
		{types.OpAdd, "/apiStages", addStage},
		{types.OpAdd, "/productCode", setText(func(e *planEdit) **string { return &e.ProductCode })},
		{types.OpAdd, "/quota/limit", setQuota},
		{types.OpAdd, "/quota/offset", setQuota},
		{types.OpAdd, "/quota/period", setQuota},
		{types.OpAdd, "/throttle/rateLimit", setThrottle},
		{types.OpAdd, "/throttle/burstLimit", setThrottle},
		{types.OpRemove, "/apiStages", removeStage},
		{types.OpRemove, "/quota", func(e *planEdit, _ change) error { e.Quota = nil; return nil }},
		{types.OpRemove, "/throttle", func(e *planEdit, _ change) error { e.Throttle = nil; return nil }},
		{types.OpRemove, "/productCode", func(e *planEdit, _ change) error { e.ProductCode = nil; return nil }},
	},
	unknown: noPlanPath,
}

// methodPaths are how AWS names the paths of limits for methods in its errors (that of removal was
// reported by its users; the typing error is AWS's).
var methodPaths = map[types.Op][]string{
	types.OpAdd: {"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit",
		"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/burstLimit"},
	types.OpReplace: {"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit",
		"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/burstLimit"},
	types.OpRemove: {"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>", "/apiStages/<apidId:stageName>/throttle"},
}

func noPlanPath(c change, paths []string) error {
	return strict(c, append(paths, methodPaths[c.op]...))
}

// changePlan makes the changes in their order.
func changePlan(e *planEdit, operations []types.PatchOperation) error {
	for _, o := range operations {
		done, err := changeMethod(e, newChange(o))
		if !done && err == nil {
			err = planPatches.apply(e, []types.PatchOperation{o})
		}
		if err != nil {
			return err
		}
	}
	return checkPlan(e.UsagePlan)
}

// changeMethod makes a change of the limits of a method; done is false for another change. No rule
// is for it, as the resource's path may have its slashes: the guide has
// /apiStages/{api}:{stage}/throttle/~1pets/GET/rateLimit, Terraform sends …/throttle//pets/GET/rateLimit.
func changeMethod(e *planEdit, c change) (done bool, err error) {
	rest, ok := strings.CutPrefix(c.path, "/apiStages/")
	name, path, found := strings.Cut(rest, "/throttle")
	if !ok || !found {
		return false, nil
	}
	stage := stageOf(e.UsagePlan, unescape.Replace(name))
	if stage == nil {
		api, stage, _ := strings.Cut(name, ":")
		return true, notFound("Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", api, stage, *e.Id)
	}
	path = strings.TrimPrefix(path, "/")
	if c.op == types.OpRemove {
		return removeMethod(stage, path)
	}
	method, number, _ := cutLast(path)
	if c.op != types.OpAdd && c.op != types.OpReplace || number != "rateLimit" && number != "burstLimit" {
		return false, nil
	}
	if method, err = planMethod(method); err != nil {
		return true, err
	}
	t, ok := stage.Throttle[method]
	if !ok {
		t = types.ThrottleSettings{BurstLimit: unset, RateLimit: unset}
	}
	if err := setNumber(&t, number, c); err != nil {
		return true, err
	}
	if stage.Throttle == nil {
		stage.Throttle = map[string]types.ThrottleSettings{}
	}
	stage.Throttle[method] = t
	return true, nil
}

func cutLast(path string) (before, after string, found bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func removeMethod(stage *types.ApiStage, path string) (done bool, err error) {
	if path == "" {
		stage.Throttle = nil
		return true, nil
	}
	method, err := planMethod(path)
	if err != nil {
		return true, err
	}
	if _, ok := stage.Throttle[method]; !ok {
		return true, notFound("Invalid method specified for throttle: %s", method)
	}
	delete(stage.Throttle, method)
	return true, nil
}

func setThrottle(e *planEdit, c change) error {
	if e.Throttle == nil {
		e.Throttle = &types.ThrottleSettings{BurstLimit: unset, RateLimit: unset}
	}
	return setNumber(e.Throttle, c.segments[1], c)
}

func setNumber(t *types.ThrottleSettings, name string, c change) error {
	n, err := c.number(0)
	if name == "rateLimit" {
		t.RateLimit = n
	} else {
		t.BurstLimit = int32(n)
	}
	return err
}

func setQuota(e *planEdit, c change) error {
	q := types.QuotaSettings{}
	if e.Quota != nil {
		q = *e.Quota
	}
	e.Quota = &q
	if c.segments[1] == "period" {
		q.Period = types.QuotaPeriodType(c.text())
		return nil
	}
	n, err := c.number(0)
	if c.segments[1] == "limit" {
		q.Limit = int32(n)
	} else {
		q.Offset = int32(n)
	}
	return err
}

// addStage offers a stage, given as "api:stage", in the plan.
func addStage(e *planEdit, c change) error {
	api, stage, ok := strings.Cut(c.text(), ":")
	if !ok {
		return badRequest("Invalid API Stage specified")
	}
	s := types.ApiStage{ApiId: &api, Stage: &stage}
	if err := offers(e.tx, *e.Id, s); err != nil {
		return err
	}
	if stageOf(e.UsagePlan, c.text()) != nil {
		return nil
	}
	e.ApiStages = append(e.ApiStages, s)
	return nil
}

func removeStage(e *planEdit, c change) error {
	api, stage, ok := strings.Cut(c.text(), ":")
	if !ok {
		return badRequest("Invalid API Stage specified")
	}
	if stageOf(e.UsagePlan, c.text()) == nil {
		return notFound("Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", api, stage, *e.Id)
	}
	e.ApiStages = slices.DeleteFunc(e.ApiStages, func(s types.ApiStage) bool { return planStage(s) == c.text() })
	return nil
}

// UpdateUsagePlan changes a plan; it takes effect at once.
func (s *Service) UpdateUsagePlan(ctx context.Context, in *sdk.UpdateUsagePlanInput) (*sdk.UpdateUsagePlanOutput, error) {
	var p types.UsagePlan
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getPlan(tx, in.UsagePlanId)
		if err != nil {
			return err
		}
		before := slices.Clone(d.Value.ApiStages)
		if err := changePlan(&planEdit{&d.Value, tx}, in.PatchOperations); err != nil {
			return err
		}
		if err := membersAreFree(tx, d.Value, before); err != nil {
			return err
		}
		p, d.Name = d.Value, *d.Value.Name
		return usagePlans.Put(tx, d)
	})
	if err == nil {
		s.PlanChanged(ctx, *in.UsagePlanId)
	}
	return wire.Answer[sdk.UpdateUsagePlanOutput](describePlanRead(p), err)
}

// membersAreFree requires that no key of the plan is in another one with a stage that the plan offers
// now and did not before.
func membersAreFree(tx *store.Tx, p types.UsagePlan, before []types.ApiStage) error {
	added := p
	added.ApiStages = slices.DeleteFunc(slices.Clone(p.ApiStages), func(s types.ApiStage) bool {
		return stageOf(&types.UsagePlan{ApiStages: before}, planStage(s)) != nil
	})
	if len(added.ApiStages) == 0 {
		return nil
	}
	members, err := planKeys.List(tx, store.Query{Parent: planRef(*p.Id)})
	if err != nil {
		return err
	}
	for _, m := range members.Documents {
		k, err := apiKeys.Get(tx, m.Value)
		if err != nil {
			return err
		}
		if err := isFree(tx, k, added); err != nil {
			return err
		}
	}
	return nil
}
