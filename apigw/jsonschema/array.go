package jsonschema

// minItems and maxItems count elements.
type (
	minItems int
	maxItems int
)

func (m minItems) check(v any, failed *report) {
	if a, ok := v.([]any); ok && len(a) < int(m) {
		failed.add("array is too short: must have at least %d elements but instance has %d elements", m, len(a))
	}
}

func (m maxItems) check(v any, failed *report) {
	if a, ok := v.([]any); ok && len(a) > int(m) {
		failed.add("array is too long: must have at most %d elements but instance has %d elements", m, len(a))
	}
}

// uniqueItems is the keyword of that name, where it is true.
type uniqueItems struct{}

func (uniqueItems) check(v any, failed *report) {
	a, ok := v.([]any)
	if !ok {
		return
	}
	seen := make(map[string]bool, len(a))
	for _, element := range a {
		key := canonical(element)
		if seen[key] {
			failed.add("array must not contain duplicate elements")
			return
		}
		seen[key] = true
	}
}

// closedArray is additionalItems where it is false: there are no elements but the first ones.
type closedArray int

func (n closedArray) check(v any, failed *report) {
	if a, ok := v.([]any); ok && len(a) > int(n) {
		failed.add("array instance has %d elements which are not allowed by the schema", len(a)-int(n))
	}
}

// elements is items, and additionalItems where it is a schema.
type elements struct {
	first []*Schema // one each
	rest  *Schema   // nil for anything
}

func (e *elements) check(a []any, failed *report) {
	for i, element := range a {
		switch {
		case i < len(e.first):
			e.first[i].check(element, failed)
		case e.rest != nil:
			e.rest.check(element, failed)
		}
	}
}
