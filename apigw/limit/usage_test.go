package limit

import (
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func day(date string) int {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return DayOf(t)
}

func TestPeriodsAreOfTheCalendar(t *testing.T) {
	cases := []struct {
		period      Period
		day, starts string
	}{
		{Day, "2026-11-27", "2026-11-27"},
		{Week, "2026-11-27", "2026-11-22"}, // Friday, Sunday
		{Week, "2026-11-22", "2026-11-22"},
		{Week, "2026-11-21", "2026-11-15"},
		{Week, "1969-12-30", "1969-12-28"},
		{Month, "2026-11-27", "2026-11-01"},
		{Month, "2024-02-29", "2024-02-01"},
		{Month, "2026-12-01", "2026-12-01"},
	}
	for _, c := range cases {
		if got := c.period.Start(day(c.day)); got != day(c.starts) {
			t.Errorf("period %d of %s starts on %s", c.period, c.day, time.Unix(int64(got)*86400, 0).UTC().Format(time.DateOnly))
		}
	}
}

// many counts how many of n requests the quota lets pass.
func many(u *Usage, n int, t time.Time, q *Quota) (passed int) {
	for range n {
		if u.Count(t, q) {
			passed++
		}
	}
	return passed
}

func TestQuotas(t *testing.T) {
	friday := time.Date(2026, 11, 27, 23, 59, 59, 0, time.UTC)
	q := &Quota{Limit: 10, Offset: 4, Period: Week, First: DayOf(friday)}
	u := NewUsage(nil, nil)
	if got := many(u, 20, friday, q); got != 6 {
		t.Errorf("the offset is not taken from the first week: %d", got)
	}
	if got := many(u, 20, friday.Add(24*time.Hour), q); got != 0 {
		t.Errorf("Saturday is of the same week: %d", got)
	}
	u.Grant(friday.Add(24*time.Hour), q, 3)
	if got := many(u, 20, friday.Add(24*time.Hour), q); got != 3 {
		t.Errorf("granted 3, got %d", got)
	}
	if got := many(u, 20, friday.Add(48*time.Hour), q); got != 10 {
		t.Errorf("Sunday begins a week: %d", got)
	}
	if !u.Exhausted(friday.Add(48*time.Hour), q) || u.Exhausted(friday.Add(24*9*time.Hour), q) {
		t.Error("Exhausted is wrong")
	}
	want := []DayUse{{DayOf(friday), 6, 0}, {DayOf(friday) + 1, 3, 3}, {DayOf(friday) + 2, 10, 0}}
	if got := u.Days(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	for i, left := range []int64{0, 0, 0, 10} {
		if i == 3 {
			i = 9
		}
		if got := q.Left(DayOf(friday)+i, u.Days()); got != left {
			t.Errorf("left after %d days: %d", i, got)
		}
	}
	if got := many(u, 5, friday, nil); got != 5 {
		t.Errorf("without a quota: %d", got)
	}
}

func TestUsageIsDrainedOnceAndRemembersWhatPeriodsNeed(t *testing.T) {
	told := 0
	u := NewUsage([]DayUse{{100, 7, 0}}, func() { told++ })
	at := func(day int) time.Time { return time.Unix(int64(day)*86400, 0) }
	many(u, 3, at(100), nil)
	many(u, 2, at(101), nil)
	if told != 1 {
		t.Errorf("told %d times", told)
	}
	if got := u.Drain(); !reflect.DeepEqual(got, []DayUse{{100, 10, 0}, {101, 2, 0}}) {
		t.Errorf("%v", got)
	}
	if got := u.Drain(); got != nil {
		t.Errorf("again %v", got)
	}
	for d := 101; d < 300; d++ {
		many(u, 1, at(d), nil)
		u.Drain()
	}
	if n := len(u.Days()); n > longestPeriod+2 || n < longestPeriod {
		t.Errorf("%d days are kept", n)
	}
	if told != 200 {
		t.Errorf("told %d times", told)
	}
}

func TestQuotasAreExactAtTheSameTime(t *testing.T) {
	q := &Quota{Limit: 1000, Period: Month}
	u := NewUsage(nil, func() {})
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() { passed.Add(int64(many(u, 100, start, q))) })
	}
	wg.Wait()
	if passed.Load() != 1000 {
		t.Errorf("%d passed", passed.Load())
	}
}
