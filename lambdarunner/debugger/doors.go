package debugger

import (
	"errors"
	"fmt"
)

// Doors are those of all functions that are stepped through, by name. A nil one has none.
type Doors map[string]*Door

// OpenAll opens the doors of all targets, or none.
func OpenAll(targets []Target) (Doors, error) {
	all := Doors{}
	for _, t := range targets {
		d, err := Open(t)
		if err == nil && all[t.Function] != nil {
			err = errors.Join(fmt.Errorf("it has two ports"), d.Close())
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("debug %s: %w", t.Function, err), all.Close())
		}
		all[t.Function] = d
	}
	return all, nil
}

// Debugs tells whether a function is stepped through.
func (d Doors) Debugs(function string) bool { return d[function] != nil }

// Suspends tells whether the time limits of a function do not count now.
func (d Doors) Suspends(function string) bool {
	door := d[function]
	return door != nil && door.Suspends()
}

// Close closes all doors.
func (d Doors) Close() error {
	var errs []error
	for _, door := range d {
		errs = append(errs, door.Close())
	}
	return errors.Join(errs...)
}
