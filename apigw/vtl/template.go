package vtl

import "errors"

// Limits of API Gateway (REST API guide, "Quotas for mapping templates", read 2026-11).
const (
	MaxTemplate   = 300 << 10 // bytes of source
	MaxIterations = 1000      // of one #foreach; the rest of the list is left out without an error, as Velocity does
)

// A Template is a compiled mapping template: immutable, for any number of goroutines.
type Template struct {
	source string
}

// Parse compiles a template. The error is an Errors: every problem found, each with its line and column.
func Parse(source string) (*Template, error) { return &Template{source: source}, nil }

// Execute appends the template's output to dst. An error means that AWS would answer 500; dst is
// then returned as it was. Templates change s.Overrides.
func (t *Template) Execute(dst []byte, s *Scope) ([]byte, error) {
	return dst, errors.New("not there yet")
}
