package jsonschema

// allOf, anyOf, oneOf and not are the keywords of those names. What is wrong with an alternative is not told.
type (
	allOf []*Schema
	anyOf []*Schema
	oneOf []*Schema
	not   struct{ *Schema }
)

func (a allOf) check(v any, failed *report) {
	if n := matching(a, v); n < len(a) {
		failed.add("instance failed to match all required schemas (matched only %d out of %d)", n, len(a))
	}
}

func (a anyOf) check(v any, failed *report) {
	for _, s := range a {
		if s.matches(v) {
			return
		}
	}
	failed.add("instance failed to match at least one required schema among %d", len(a))
}

func (o oneOf) check(v any, failed *report) {
	if n := matching(o, v); n != 1 {
		failed.add("instance failed to match exactly one schema (matched %d out of %d)", n, len(o))
	}
}

func (n not) check(v any, failed *report) {
	if n.matches(v) {
		failed.add("instance matched a schema which it should not have")
	}
}

func matching(schemas []*Schema, v any) (n int) {
	for _, s := range schemas {
		if s.matches(v) {
			n++
		}
	}
	return n
}
