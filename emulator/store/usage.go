package store

import "database/sql"

// A Meter is the daily counters that hang from the documents of a kind, the plans.
type Meter struct{ Service, Plan string } // Plan is the name of the kind

// A DayUse is a counter of one key for one day.
type DayUse struct {
	Day           int // since 1970-01-01, in UTC
	Used, Granted int64
}

// Put sets counters of a key; ErrNotFound where the plan is not there.
func (m Meter) Put(tx *Tx, plan, key string, days []DayUse) error {
	parent, err := tx.key(m.Service, m.Plan, plan)
	if err != nil {
		return err
	}
	for _, d := range days {
		_, err := tx.exec(`INSERT INTO usage (plan, api_key, day, used, granted) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (plan, api_key, day) DO UPDATE SET used = excluded.used, granted = excluded.granted`,
			parent, key, d.Day, d.Used, d.Granted)
		if err != nil {
			return err
		}
	}
	return nil
}

// Days returns the counters of a key from a day to another, both included, in their order.
func (m Meter) Days(tx *Tx, plan, key string, from, until int) (days []DayUse, err error) {
	parent, err := tx.key(m.Service, m.Plan, plan)
	if err != nil {
		return nil, err
	}
	err = tx.rows(`SELECT day, used, granted FROM usage WHERE plan = ? AND api_key = ? AND day BETWEEN ? AND ? ORDER BY day`,
		[]any{parent, key, from, until}, func(rows *sql.Rows) error {
			var d DayUse
			err := rows.Scan(&d.Day, &d.Used, &d.Granted)
			days = append(days, d)
			return err
		})
	return days, err
}
