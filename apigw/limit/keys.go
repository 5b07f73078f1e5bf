package limit

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Plan is what a usage plan grants. It is never changed.
type Plan struct {
	Rate   Rate                       // of each key, over all stages
	Quota  *Quota                     // of each key, nil for none
	Stages map[string]map[string]Rate // "api/stage" → "/pets/GET" → rate of each key for a method
}

// A Key is an API key as it is at one moment. It is never changed.
type Key struct {
	ID, Value string
	Enabled   bool
	member    []*member // of its plans, in the order in which it came to them
}

// A member is a key in a plan, with what it used. It lives as long as the key is in the plan.
type member struct {
	plan    *livePlan
	usage   *Usage
	all     slot
	methods sync.Map // "api/stage /pets/GET" → *slot
}

// A livePlan is a plan that changes; a deleted one has nil.
type livePlan struct {
	id   string
	plan atomic.Pointer[Plan]
}

// Keys are the API keys and usage plans of an account and region as they are now. Find takes
// no lock. What changes them does so in Change, after the commit that changed what is stored.
type Keys struct {
	load func(context.Context, *Keys) error

	loaded  atomic.Bool
	byValue sync.Map // value → *Key

	mu    sync.Mutex           // guards what follows, and is held from reading the store to the change
	byID  map[string]*Key      // all keys
	plans map[string]*livePlan // all plans
}

// NewKeys makes Keys that are filled by load, with SetPlan and SetKey, when they are first asked for.
func NewKeys(load func(context.Context, *Keys) error) *Keys {
	return &Keys{load: load, byID: map[string]*Key{}, plans: map[string]*livePlan{}}
}

// Find returns the key of a value, nil for none.
func (k *Keys) Find(ctx context.Context, value string) (*Key, error) {
	if !k.loaded.Load() {
		if err := k.Load(ctx); err != nil {
			return nil, err
		}
	}
	if key, ok := k.byValue.Load(value); ok {
		return key.(*Key), nil
	}
	return nil, nil
}

// Load loads the keys unless they are loaded.
func (k *Keys) Load(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.loaded.Load() {
		return nil
	}
	former := maps.Clone(k.byID)
	if err := k.load(context.WithoutCancel(ctx), k); err != nil {
		return err
	}
	for id, key := range former { // what a former load found and this one did not
		if k.byID[id] == key {
			k.DropKey(id)
		}
	}
	k.loaded.Store(true)
	return nil
}

// Change runs fn, which reads what is stored and calls SetKey and its like. Where nothing is
// loaded it does not: what loads will read it. After an error everything is loaded anew.
func (k *Keys) Change(fn func() error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.loaded.Load() {
		return nil
	}
	err := fn()
	if err != nil {
		k.loaded.Store(false)
	}
	return err
}

// SetPlan adds or replaces a plan, nil deletes it. For load and Change.
func (k *Keys) SetPlan(id string, p *Plan) {
	k.plan(id).plan.Store(p)
	if p == nil {
		delete(k.plans, id)
	}
}

func (k *Keys) plan(id string) *livePlan {
	if k.plans[id] == nil {
		k.plans[id] = &livePlan{id: id}
	}
	return k.plans[id]
}

// SetKey adds or replaces a key that is in the plans of the ids. usage is asked for the counter of a
// plan that the key has come to. For load and Change.
func (k *Keys) SetKey(key Key, plans []string, usage func(plan string) (*Usage, error)) error {
	old := k.byID[key.ID]
	for _, id := range plans {
		m := old.of(k.plans[id])
		if m == nil {
			u, err := usage(id)
			if err != nil {
				return err
			}
			m = &member{plan: k.plan(id), usage: u}
		}
		key.member = append(key.member, m)
	}
	if old != nil && old.Value != key.Value {
		k.byValue.Delete(old.Value)
	}
	k.byID[key.ID] = &key
	k.byValue.Store(key.Value, &key)
	return nil
}

// of is the key's membership in a plan, nil for none.
func (key *Key) of(p *livePlan) *member {
	if key == nil || p == nil {
		return nil
	}
	if i := slices.IndexFunc(key.member, func(m *member) bool { return m.plan == p }); i >= 0 {
		return key.member[i]
	}
	return nil
}

// DropKey deletes a key. For Change.
func (k *Keys) DropKey(id string) {
	if key := k.byID[id]; key != nil {
		k.byValue.Delete(key.Value)
		delete(k.byID, id)
	}
}

// Usage is the counter of a key in a plan, nil for none.
func (k *Keys) Usage(ctx context.Context, plan, key string) (*Usage, error) {
	if err := k.Load(ctx); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if m := k.byID[key].of(k.plans[plan]); m != nil {
		return m.usage, nil
	}
	return nil, nil
}

// Planned reports whether a stage is in any plan. It is for logs: it looks at all plans.
func (k *Keys) Planned(stage string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.plans {
		if plan := p.plan.Load(); plan != nil {
			if _, ok := plan.Stages[stage]; ok {
				return true
			}
		}
	}
	return false
}

// A Pass is the right of a key to call a stage.
type Pass struct {
	member  *member
	plan    *Plan
	methods map[string]Rate // of the stage
}

// Pass finds the plan with which the key may call a stage, "api/stage".
func (key *Key) Pass(stage string) (Pass, bool) {
	for _, m := range key.member {
		p := m.plan.plan.Load()
		if p == nil {
			continue
		}
		if methods, ok := p.Stages[stage]; ok {
			return Pass{m, p, methods}, true
		}
	}
	return Pass{}, false
}

// Exhausted reports whether the quota is used up.
func (p Pass) Exhausted(t time.Time) bool { return p.member.usage.Exhausted(t, p.plan.Quota) }

// Count counts a request, unless the quota is used up.
func (p Pass) Count(t time.Time) bool { return p.member.usage.Count(t, p.plan.Quota) }

// A Target is a method of a stage, as plans name them.
type Target struct {
	Stage  string // "api/stage"
	Method string // "/pets/GET"
	name   string
}

// NewTarget makes a Target, once for many requests.
func NewTarget(stage, method string) Target { return Target{stage, method, stage + " " + method} }

// Take takes a token of the limit for a method, if the plan has one, then of the limit for all that
// the key calls (REST API guide, "Throttle requests": that order).
func (p Pass) Take(t time.Time, to Target) bool {
	if r, ok := p.methods[to.Method]; ok && !p.member.method(to.name).take(r, t) {
		return false
	}
	return p.member.all.take(p.plan.Rate, t)
}

func (m *member) method(name string) *slot {
	if s, ok := m.methods.Load(name); ok {
		return s.(*slot)
	}
	s, _ := m.methods.LoadOrStore(name, &slot{})
	return s.(*slot)
}
