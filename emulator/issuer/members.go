package issuer

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// members are those of a JSON object, in an order of their own.
type members []member

type member struct {
	name  string
	value any
}

func (m *members) add(name string, value any) { *m = append(*m, member{name, value}) }

// merge puts further members in, in place of those there are; nil takes one away.
func (m *members) merge(further map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(further)) {
		at := slices.IndexFunc(*m, func(x member) bool { return x.name == name })
		switch value := further[name]; {
		case value == nil && at >= 0:
			*m = slices.Delete(*m, at, at+1)
		case value == nil:
		case at >= 0:
			(*m)[at].value = value
		default:
			m.add(name, value)
		}
	}
}

// MarshalJSON writes the object.
func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(x.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(x.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
