package store

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCountersHangFromTheirPlan(t *testing.T) {
	s, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	plans, meter := Kind[string]{Service: "s", Name: "plan"}, Meter{Service: "s", Plan: "plan"}
	update := func(fn func(*Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), Scope{"a", "r"}, fn); err != nil {
			t.Fatal(err)
		}
	}
	days := func(from, until int) (days []DayUse) {
		t.Helper()
		update(func(tx *Tx) (err error) { days, err = meter.Days(tx, "p", "k", from, until); return err })
		return days
	}
	update(func(tx *Tx) error { return plans.Insert(tx, Document[string]{ID: "p"}) })
	update(func(tx *Tx) error { return meter.Put(tx, "p", "k", []DayUse{{10, 1, 0}, {11, 5, 3}, {12, 9, 0}}) })
	update(func(tx *Tx) error { return meter.Put(tx, "p", "k", []DayUse{{11, 6, -3}}) })
	update(func(tx *Tx) error { return meter.Put(tx, "p", "other", []DayUse{{11, 100, 0}}) })
	if diff := cmp.Diff([]DayUse{{11, 6, -3}, {12, 9, 0}}, days(11, 20)); diff != "" {
		t.Error(diff)
	}
	update(func(tx *Tx) error { return plans.Delete(tx, "p") })
	err = s.Update(t.Context(), Scope{"a", "r"}, func(tx *Tx) error { return meter.Put(tx, "p", "k", nil) })
	if !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	update(func(tx *Tx) error { return plans.Insert(tx, Document[string]{ID: "p"}) })
	if got := days(0, 100); got != nil {
		t.Error("counters of a deleted plan:", got)
	}
}
