package jsonpath

import "errors"

// Decode parses JSON text as leniently as json-smart's permissive mode does, which is what API
// Gateway reads bodies with: unquoted and single-quoted names and strings, leading
// zeros, useless commas and trailing text are accepted.
func Decode(text []byte) (any, error) { return nil, errors.New("not there yet") }
