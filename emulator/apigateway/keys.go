package apigateway

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/limit"
	"postern/emulator/store"
)

// meter keeps what keys use of plans.
var meter = store.Meter{Service: service, Plan: usagePlans.Name}

// longestPeriod is how many days before a day its quota may have begun.
const longestPeriod = 31

// Keys are the API keys and usage plans of an account and region, which the gateway looks up on
// every request that needs one. They are read from the store when they are first asked for, and
// follow every change.
func (s *Service) Keys(account, region string) *limit.Keys {
	sc := store.Scope{Account: account, Region: region}
	if k, ok := s.keys.Load(sc); ok {
		return k.(*limit.Keys)
	}
	k, _ := s.keys.LoadOrStore(sc, limit.NewKeys(func(ctx context.Context, k *limit.Keys) error { return s.loadKeys(ctx, sc, k) }))
	return k.(*limit.Keys)
}

// Reset forgets all keys and plans, for the store has.
func (s *Service) Reset() { s.keys.Clear() }

func (s *Service) loadKeys(ctx context.Context, sc store.Scope, k *limit.Keys) error {
	return s.store.View(ctx, sc, func(tx *store.Tx) error {
		plans, err := usagePlans.List(tx, store.Query{})
		if err != nil {
			return err
		}
		for _, d := range plans.Documents {
			k.SetPlan(d.ID, livePlan(d))
		}
		keys, err := apiKeys.List(tx, store.Query{})
		if err != nil {
			return err
		}
		for _, d := range keys.Documents {
			if err := s.setKey(tx, k, d); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) setKey(tx *store.Tx, k *limit.Keys, d store.Document[apiKey]) error {
	key := limit.Key{ID: d.ID, Value: *d.Value.Key.Value, Enabled: d.Value.Key.Enabled}
	sc := tx.Scope()
	return k.SetKey(key, d.Value.Plans, func(plan string) (*limit.Usage, error) {
		today := limit.DayOf(tx.Now())
		days, err := readUsage(tx, plan, d.ID, today-longestPeriod, today)
		if err != nil {
			return nil, err
		}
		var u *limit.Usage
		u = limit.NewUsage(days, func() { s.writeLater(sc, plan, d.ID, u) })
		return u, nil
	})
}

// keyChanged tells the gateway about keys, after a commit that may have changed them. A request
// that ends meanwhile does not take the commit back.
func (s *Service) keyChanged(ctx context.Context, ids ...string) {
	s.changeKeys(ctx, ids, func(tx *store.Tx, k *limit.Keys, id string) error {
		d, err := apiKeys.Get(tx, id)
		if errors.Is(err, store.ErrNotFound) {
			k.DropKey(id)
			return nil
		}
		if err != nil {
			return err
		}
		return s.setKey(tx, k, d)
	})
}

// PlanChanged is keyChanged for plans.
func (s *Service) PlanChanged(ctx context.Context, ids ...string) {
	s.changeKeys(ctx, ids, func(tx *store.Tx, k *limit.Keys, id string) error {
		d, err := usagePlans.Get(tx, id)
		if errors.Is(err, store.ErrNotFound) {
			k.SetPlan(id, nil)
			return nil
		}
		if err == nil {
			k.SetPlan(id, livePlan(d))
		}
		return err
	})
}

// changeKeys calls each for the ids, in a transaction.
func (s *Service) changeKeys(ctx context.Context, ids []string, each func(tx *store.Tx, k *limit.Keys, id string) error) {
	if len(ids) == 0 {
		return
	}
	sc := scope(ctx)
	k := s.Keys(sc.Account, sc.Region)
	err := k.Change(func() error {
		return s.store.View(context.WithoutCancel(ctx), sc, func(tx *store.Tx) error {
			for _, id := range ids {
				if err := each(tx, k, id); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil { // the next request reads all of them
		s.log.Warn("API keys are not up to date", "error", err)
	}
}

// livePlan is a plan as the gateway asks for it.
func livePlan(d store.Document[types.UsagePlan]) *limit.Plan {
	p := &limit.Plan{Rate: rateOf(d.Value.Throttle), Quota: quotaOf(d), Stages: map[string]map[string]limit.Rate{}}
	for _, stage := range d.Value.ApiStages {
		methods := map[string]limit.Rate{}
		for method, t := range stage.Throttle {
			methods[method] = rateOf(&t)
		}
		p.Stages[*stage.ApiId+"/"+*stage.Stage] = methods
	}
	return p
}

// rateOf is a throttle as a rate: nil and no rate are no limit, no burst is the account's.
func rateOf(t *types.ThrottleSettings) limit.Rate {
	switch {
	case t == nil || t.RateLimit < 0:
		return limit.Rate{PerSecond: -1, Burst: -1}
	case t.BurstLimit < 0:
		return limit.Rate{PerSecond: t.RateLimit, Burst: limit.Account.Burst}
	}
	return limit.Rate{PerSecond: t.RateLimit, Burst: int(t.BurstLimit)}
}

var periods = map[types.QuotaPeriodType]limit.Period{
	types.QuotaPeriodTypeDay: limit.Day, types.QuotaPeriodTypeWeek: limit.Week, types.QuotaPeriodTypeMonth: limit.Month,
}

func quotaOf(d store.Document[types.UsagePlan]) *limit.Quota {
	q := d.Value.Quota
	if q == nil {
		return nil
	}
	return &limit.Quota{Limit: int64(q.Limit), Offset: int64(q.Offset), Period: periods[q.Period], First: limit.DayOf(d.Created)}
}

func readUsage(tx *store.Tx, plan, key string, from, until int) ([]limit.DayUse, error) {
	stored, err := meter.Days(tx, plan, key, from, until)
	days := make([]limit.DayUse, len(stored))
	for i, d := range stored {
		days[i] = limit.DayUse(d)
	}
	return days, err
}

// writeLater has the store write what a counter has counted, soon and with others.
func (s *Service) writeLater(sc store.Scope, plan, key string, u *limit.Usage) {
	const size = 256 // of what the function keeps
	write := usageWriter(plan, key, u)
	err := s.store.Later(sc, size, func(tx *store.Tx) error {
		err := write(tx)
		if errors.Is(err, store.ErrNotFound) { // the plan was deleted
			return nil
		}
		return err
	})
	if err != nil {
		s.log.Warn("usage is not stored", "usage_plan", plan, "api_key", key, "error", err)
	}
}

// usageWriter makes a function that writes what a counter has counted. It may run again where its
// transaction has failed.
func usageWriter(plan, key string, u *limit.Usage) func(*store.Tx) error {
	var days []store.DayUse
	return func(tx *store.Tx) error {
		for _, d := range u.Drain() {
			days = append(days, store.DayUse(d))
		}
		return meter.Put(tx, plan, key, days)
	}
}
