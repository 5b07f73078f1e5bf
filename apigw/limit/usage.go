package limit

import (
	"slices"
	"sync"
	"time"
)

// longestPeriod is the number of days that a quota can ask about.
const longestPeriod = 31

// A Usage counts the requests of one key in one plan.
type Usage struct {
	changed func() // called when there is something to Drain that was not before

	mu      sync.Mutex // guards the rest, for a few instructions
	days    []DayUse   // ascending; those of the longest period at least
	pending []int      // days that were not drained
}

// NewUsage goes on from the days that were counted before, in their order. changed, which may
// be nil, is told when there is something to Drain; it must not block.
func NewUsage(days []DayUse, changed func()) *Usage {
	return &Usage{days: slices.Clone(days), changed: changed}
}

// Count counts a request unless the quota, nil for none, is used up.
func (u *Usage) Count(t time.Time, q *Quota) bool {
	day := DayOf(t)
	u.mu.Lock()
	if q != nil && q.left(day, u.days) <= 0 {
		u.mu.Unlock()
		return false
	}
	u.at(day).Used++
	first := u.note(day)
	u.mu.Unlock()
	if first && u.changed != nil {
		u.changed()
	}
	return true
}

// Exhausted reports whether nothing of the quota is left.
func (u *Usage) Exhausted(t time.Time, q *Quota) bool {
	if q == nil {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return q.left(DayOf(t), u.days) <= 0
}

// Grant makes the rest of the present period's quota what it says. The change is for Drain,
// without a word to changed.
func (u *Usage) Grant(t time.Time, q *Quota, left int64) {
	day := DayOf(t)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.at(day).Granted += left - q.left(day, u.days)
	u.note(day)
}

// Days are the days that are known, in their order.
func (u *Usage) Days() []DayUse {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.days)
}

// Drain returns the days that changed since the last Drain, as they are now.
func (u *Usage) Drain() []DayUse {
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []DayUse
	for _, day := range u.pending {
		out = append(out, *u.at(day))
	}
	u.pending = u.pending[:0]
	return out
}

// note remembers that a day is to be drained; first is whether nothing else was.
func (u *Usage) note(day int) (first bool) {
	if slices.Contains(u.pending, day) {
		return false
	}
	u.pending = append(u.pending, day)
	return len(u.pending) == 1
}

// at is the entry of a day. Days that no quota asks about any more are dropped.
func (u *Usage) at(day int) *DayUse {
	for i := len(u.days) - 1; i >= 0; i-- {
		if u.days[i].Day == day {
			return &u.days[i]
		}
	}
	i, _ := slices.BinarySearchFunc(u.days, day, func(d DayUse, day int) int { return d.Day - day })
	u.days = slices.Insert(u.days, i, DayUse{Day: day})
	for len(u.days) > 1 && u.days[0].Day < day-longestPeriod && !slices.Contains(u.pending, u.days[0].Day) {
		u.days = slices.Delete(u.days, 0, 1)
		i--
	}
	return &u.days[i]
}
