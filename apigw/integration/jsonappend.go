package integration

import (
	"maps"
	"slices"

	"postern/apigw"
)

// AppendMember appends key, which brings its own quotes and punctuation, and a string.
func AppendMember(b []byte, key, value string) []byte {
	return AppendString(append(b, key...), value)
}

// AppendFields appends an object of strings.
func AppendFields(b []byte, fields []apigw.Field) []byte {
	b = append(b, '{')
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, f.Name)
		b = AppendString(append(b, ':'), f.Value)
	}
	return append(b, '}')
}

// AppendList appends an array of strings.
func AppendList(b []byte, values []string) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, v)
	}
	return append(b, ']')
}

// AppendVariables appends an object of strings in the order of their names; none where there are none.
func AppendVariables(b []byte, variables map[string]string, none string) []byte {
	if len(variables) == 0 {
		return append(b, none...)
	}
	for i, name := range slices.Sorted(maps.Keys(variables)) {
		b = AppendString(append(b, opening(i)), name)
		b = AppendString(append(b, ':'), variables[name])
	}
	return append(b, '}')
}

// opening is what stands before the i-th member of an object.
func opening(i int) byte {
	if i == 0 {
		return '{'
	}
	return ','
}
