package jsonschema

import (
	"maps"
	"slices"
	"strings"
)

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// minProperties and maxProperties count members.
type (
	minProperties int
	maxProperties int
)

func (m minProperties) check(v any, failed *report) {
	if o, ok := v.(map[string]any); ok && len(o) < int(m) {
		failed.add("object has too few properties (found %d but schema requires at least %d)", len(o), m)
	}
}

func (m maxProperties) check(v any, failed *report) {
	if o, ok := v.(map[string]any); ok && len(o) > int(m) {
		failed.add("object has too many properties (found %d but schema requires at most %d)", len(o), m)
	}
}

// required is the keyword of that name.
type required []string // sorted

func (r required) check(v any, failed *report) {
	if o, ok := v.(map[string]any); ok {
		if missing := missingOf(o, r); missing != nil {
			failed.add("object has missing required properties (%s)", encode(missing))
		}
	}
}

func missingOf(o map[string]any, names []string) (missing []string) {
	for _, name := range names {
		if _, ok := o[name]; !ok {
			missing = append(missing, name)
		}
	}
	return missing
}

// closedObject is additionalProperties where it is false: there are no members but those that the schema
// names.
type closedObject struct{ *members }

func (c closedObject) check(v any, failed *report) {
	o, ok := v.(map[string]any)
	if !ok {
		return
	}
	var more []string
	for name := range o {
		if !c.names(name) {
			more = append(more, name)
		}
	}
	if more != nil {
		slices.Sort(more)
		failed.add("object instance has properties which are not allowed by the schema: %s", encode(more))
	}
}

// A dependency is what an object with a member needs besides: other members, or to match a schema.
type dependency struct {
	name   string
	needs  []string // sorted
	schema *Schema  // nil for none
}

func (d dependency) check(v any, failed *report) {
	o, ok := v.(map[string]any)
	if !ok {
		return
	}
	if _, ok := o[d.name]; !ok {
		return
	}
	if d.schema != nil {
		d.schema.check(v, failed)
		return
	}
	if missing := missingOf(o, d.needs); missing != nil {
		failed.add("property %s of object has missing property dependencies (schema requires %s; missing: %s)", encode(d.name), encode(d.needs), encode(missing))
	}
}

// members is properties and patternProperties, and additionalProperties where it is a schema.
type members struct {
	named   []named // by name
	matched []matched
	rest    *Schema // nil for anything
}

// A named is a schema of properties.
type named struct {
	name   string
	schema *Schema
}

// A matched is a schema of patternProperties.
type matched struct {
	pattern pattern
	schema  *Schema
}

// names tells whether the schema says something of a member, other than of all the rest.
func (m *members) names(name string) bool {
	if _, ok := slices.BinarySearchFunc(m.named, name, func(n named, name string) int { return strings.Compare(n.name, name) }); ok {
		return true
	}
	return slices.ContainsFunc(m.matched, func(p matched) bool { return p.pattern.match(name) })
}

// check goes by names, so that errors are told in the same order always.
func (m *members) check(o map[string]any, failed *report) {
	for _, n := range m.named {
		if v, ok := o[n.name]; ok {
			n.schema.check(v, failed)
		}
	}
	if len(m.matched) == 0 && m.rest == nil {
		return
	}
	for _, name := range sortedKeys(o) {
		for _, p := range m.matched {
			if p.pattern.match(name) {
				p.schema.check(o[name], failed)
			}
		}
		if m.rest != nil && !m.names(name) {
			m.rest.check(o[name], failed)
		}
	}
}
