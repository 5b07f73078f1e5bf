package jsonschema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Schema is compiled. Many can use it at once.
type Schema struct {
	ref      *Schema // another one in its place, nil for none
	keywords []keyword
	members  *members  // what the members of an object have to be, nil for anything
	elements *elements // what the elements of an array have to be, nil for anything
}

// A keyword is what a schema requires of a value itself, and not of what is in it.
type keyword interface {
	check(v any, failed *report)
}

// A report lists what is wrong.
type report []string

func (r *report) add(format string, args ...any) { *r = append(*r, fmt.Sprintf(format, args...)) }

// Validate says what is wrong with a document, nothing if it is as the schema wants it. The document is
// encoding/json's, with numbers as json.Number.
func (s *Schema) Validate(v any) []string {
	var failed report
	s.check(v, &failed)
	return failed
}

// check looks into an object or array that is itself as it should be.
func (s *Schema) check(v any, failed *report) {
	for s.ref != nil {
		s = s.ref
	}
	before := len(*failed)
	for _, k := range s.keywords {
		k.check(v, failed)
	}
	if len(*failed) > before {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		if s.members != nil {
			s.members.check(v, failed)
		}
	case []any:
		if s.elements != nil {
			s.elements.check(v, failed)
		}
	}
}

func (s *Schema) matches(v any) bool {
	var failed report
	s.check(v, &failed)
	return len(failed) == 0
}

// kinds of values, in draft 4's words.
const (
	null, boolean, object, array, text, number, integer = "null", "boolean", "object", "array", "string", "number", "integer"
)

// kindOf tells integers from other numbers by how they are written.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return null
	case bool:
		return boolean
	case map[string]any:
		return object
	case []any:
		return array
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return number
		}
		return integer
	}
	return text
}

// types is the keyword type.
type types []string // sorted

func (t types) check(v any, failed *report) {
	kind := kindOf(v)
	if slices.Contains(t, kind) || kind == integer && slices.Contains(t, number) {
		return
	}
	failed.add("instance type (%s) does not match any allowed primitive type (allowed: %s)", kind, encode([]string(t)))
}

// enum is the keyword of that name.
type enum struct {
	values []any
	known  map[string]bool // by canonical
}

func (e enum) check(v any, failed *report) {
	if !e.known[canonical(v)] {
		failed.add("instance value (%s) not found in enum (possible values: %s)", encode(v), encode(e.values))
	}
}

// encode is a value as messages have it.
func encode(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// canonical is the same for values that are equal: 1 and 1.0 are.
func canonical(v any) string {
	switch v := v.(type) {
	case json.Number:
		return rational(v).RatString()
	case []any:
		var b strings.Builder
		for _, element := range v {
			b.WriteString("," + canonical(element))
		}
		return "[" + b.String() + "]"
	case map[string]any:
		var b strings.Builder
		for _, name := range sortedKeys(v) {
			b.WriteString("," + encode(name) + ":" + canonical(v[name]))
		}
		return "{" + b.String() + "}"
	}
	return encode(v)
}
