package limit

import "time"

// A Period is how long a quota lasts: calendar days, weeks or months in UTC.
type Period int

// The periods that AWS knows. Weeks begin on Sunday.
const (
	Day Period = iota
	Week
	Month
)

// DayOf counts the day of a time in UTC from 1970-01-01, which is 0.
func DayOf(t time.Time) int {
	seconds := t.Unix()
	day := seconds / 86400
	if seconds%86400 < 0 {
		day--
	}
	return int(day)
}

// Start is the first day of the period that a day is in.
func (p Period) Start(day int) int {
	switch p {
	case Week: // day 0 was a Thursday
		return day - ((day+4)%7+7)%7
	case Month:
		return day - time.Unix(int64(day)*86400, 0).UTC().Day() + 1
	}
	return day
}

// A Quota is how many requests a key may make in a period.
type Quota struct {
	Limit  int64
	Offset int64 // taken from Limit in the first period
	Period Period
	First  int // day on which the plan was made
}

// allowance is the quota of the period that starts on a day.
func (q *Quota) allowance(start int) int64 {
	if start == q.Period.Start(q.First) {
		return q.Limit - q.Offset
	}
	return q.Limit
}

// A DayUse is what a key used of a plan on one day.
type DayUse struct {
	Day     int
	Used    int64 // requests
	Granted int64 // added to the quota on that day, possibly negative
}

// Left is what was left of a quota at the end of a day, at least 0. The days are those of the
// period at least, in their order; nil has none left.
func (q *Quota) Left(day int, days []DayUse) int64 {
	if q == nil {
		return 0
	}
	return max(q.left(day, days), 0)
}

func (q *Quota) left(day int, days []DayUse) int64 {
	start := q.Period.Start(day)
	left := q.allowance(start)
	for i := len(days) - 1; i >= 0 && days[i].Day >= start; i-- {
		if days[i].Day <= day {
			left += days[i].Granted - days[i].Used
		}
	}
	return left
}
