package limit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

func fresh(string) (*Usage, error) { return NewUsage(nil, nil), nil }

// thousands are keys in one plan, as a store would load them.
func thousands(n int) *Keys {
	return NewKeys(func(_ context.Context, k *Keys) error {
		k.SetPlan("plan", &Plan{Rate: Rate{1, 10}, Stages: map[string]map[string]Rate{"api/prod": {"/pets/GET": {1, 3}}, "api/test": {}}})
		for i := range n {
			id := fmt.Sprint("id", i)
			if err := k.SetKey(Key{ID: id, Value: "value-" + id, Enabled: true}, []string{"plan"}, fresh); err != nil {
				return err
			}
		}
		return nil
	})
}

func find(t testing.TB, k *Keys, value string) *Key {
	t.Helper()
	key, err := k.Find(context.Background(), value)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAKeyPassesWhereItsPlanLetsIt(t *testing.T) {
	k := thousands(5000)
	key := find(t, k, "value-id4321")
	if key == nil || key.ID != "id4321" || find(t, k, "id4321") != nil {
		t.Fatalf("%+v", key)
	}
	if _, ok := key.Pass("api/other"); ok {
		t.Error("it passes to another stage")
	}
	pass, ok := key.Pass("api/prod")
	if !ok {
		t.Fatal("it does not pass")
	}
	count := func(p Pass, stage, method string) (n int) {
		for range 20 {
			if p.Take(start, NewTarget(stage, method)) {
				n++
			}
		}
		return n
	}
	if got := count(pass, "api/prod", "/pets/GET"); got != 3 {
		t.Errorf("the method's limit: %d", got)
	}
	if got := count(pass, "api/prod", "/pets/PUT"); got != 7 {
		t.Errorf("the key's limit: %d", got)
	}
	other, _ := find(t, k, "value-id1").Pass("api/test")
	if got := count(other, "api/test", "/pets/GET"); got != 10 {
		t.Errorf("another key's limit: %d", got)
	}
}

func TestChangesOfKeysAndPlansTakeEffectAtOnce(t *testing.T) {
	k := thousands(10)
	change := func(fn func()) {
		t.Helper()
		if err := k.Change(func() error { fn(); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	change(func() { t.Error("changed before it was loaded") })
	pass, _ := find(t, k, "value-id1").Pass("api/prod")
	pass.Count(start)
	for pass.Take(start, NewTarget("api/prod", "")) {
	}
	change(func() { k.SetKey(Key{ID: "id1", Value: "new"}, []string{"plan"}, fresh) })
	if find(t, k, "value-id1") != nil {
		t.Error("the old value is there")
	}
	key := find(t, k, "new")
	again, ok := key.Pass("api/prod")
	if !ok || key.Enabled || again.Take(start, NewTarget("api/prod", "")) || len(again.member.usage.Days()) != 1 {
		t.Error("a changed key lost what it used")
	}
	change(func() { k.SetPlan("plan", &Plan{Rate: Rate{1, 2}, Stages: map[string]map[string]Rate{"api/prod": {}}}) })
	if again, _ = key.Pass("api/prod"); !again.Take(start, NewTarget("api/prod", "")) {
		t.Error("another limit begins with a full bucket")
	}
	if _, ok := key.Pass("api/test"); ok {
		t.Error("it passes to a stage that has left the plan")
	}
	if !k.Planned("api/prod") || k.Planned("api/test") {
		t.Error("Planned is wrong")
	}
	change(func() { k.SetKey(Key{ID: "id1", Value: "new"}, nil, fresh) })
	if _, ok := find(t, k, "new").Pass("api/prod"); ok {
		t.Error("it passes without a plan")
	}
	change(func() { k.SetPlan("plan", nil); k.DropKey("id2") })
	if _, ok := find(t, k, "value-id3").Pass("api/prod"); ok || find(t, k, "value-id2") != nil {
		t.Error("what was deleted is there")
	}
	if u, err := k.Usage(context.Background(), "plan", "id3"); u != nil || err != nil {
		t.Error(u, err)
	}
}

func TestKeysAreLoadedAnewAfterAnError(t *testing.T) {
	loads := 0
	k := NewKeys(func(_ context.Context, k *Keys) error {
		loads++
		switch loads {
		case 1:
			return errors.New("disk")
		case 2:
			k.SetKey(Key{ID: "a", Value: "a"}, nil, fresh)
		}
		return k.SetKey(Key{ID: "b", Value: "b"}, nil, fresh)
	})
	if _, err := k.Find(context.Background(), "a"); err == nil {
		t.Error("no error")
	}
	if find(t, k, "a") == nil || find(t, k, "b") == nil {
		t.Error("not loaded")
	}
	if err := k.Change(func() error { return errors.New("disk") }); err == nil {
		t.Error("no error")
	}
	if find(t, k, "a") != nil || find(t, k, "b") == nil || loads != 3 {
		t.Error("not loaded anew", loads)
	}
}

func TestAPlanIsExactAtTheSameTime(t *testing.T) {
	k := NewKeys(func(_ context.Context, k *Keys) error {
		k.SetPlan("plan", &Plan{Rate: Rate{1, 700}, Quota: &Quota{Limit: 500, Period: Month}, Stages: map[string]map[string]Rate{"api/prod": {}}})
		return k.SetKey(Key{ID: "id", Value: "v", Enabled: true}, []string{"plan"}, fresh)
	})
	var tokens, counted atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range 50 {
				pass, _ := find(t, k, "v").Pass("api/prod")
				if pass.Take(start, NewTarget("api/prod", "/GET")) {
					tokens.Add(1)
					if pass.Count(start) {
						counted.Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	if tokens.Load() != 700 || counted.Load() != 500 {
		t.Errorf("%d tokens, %d counted", tokens.Load(), counted.Load())
	}
}

func BenchmarkKeyAndPlan(b *testing.B) {
	k := NewKeys(func(_ context.Context, k *Keys) error {
		k.SetPlan("plan", &Plan{Rate: Rate{1e9, 1 << 30}, Quota: &Quota{Limit: 1 << 60, Period: Month}, Stages: map[string]map[string]Rate{"api/prod": {"/pets/GET": {1e9, 1 << 30}}}})
		for i := range 10000 {
			id := fmt.Sprint("id", i)
			k.SetKey(Key{ID: id, Value: "value-of-some-forty-characters-" + id, Enabled: true}, []string{"plan"}, fresh)
		}
		return nil
	})
	find(b, k, "")
	target := NewTarget("api/prod", "/pets/GET")
	b.ReportAllocs()
	for b.Loop() {
		key := find(b, k, "value-of-some-forty-characters-id77")
		pass, ok := key.Pass("api/prod")
		if !ok || pass.Exhausted(start) || !pass.Take(start, target) || !pass.Count(start) {
			b.Fatal("refused")
		}
	}
}
