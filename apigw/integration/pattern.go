package integration

import (
	"regexp"

	"postern/apigw/vtl"
)

// A Pattern is a selectionPattern: a regular expression of Java's that has to match the whole
// text.
type Pattern struct {
	literal string
	whole   *vtl.Pattern // nil: only the literal itself matches
	err     error
}

// CompilePattern compiles a selectionPattern. With an error it returns a Pattern that has this
// error to every text.
func CompilePattern(source string) (*Pattern, error) {
	if regexp.QuoteMeta(source) == source {
		return &Pattern{literal: source}, nil
	}
	whole, err := vtl.CompilePattern(source)
	return &Pattern{whole: whole, err: err}, err
}

// LiteralPattern matches one text.
func LiteralPattern(text string) *Pattern { return &Pattern{literal: text} }

// Match reports whether the whole of s matches. The error is that of a search that takes too
// long, or CompilePattern's.
func (p *Pattern) Match(s string) (bool, error) {
	switch {
	case p.err != nil:
		return false, p.err
	case p.whole != nil:
		return p.whole.Match(s)
	}
	return p.literal == s, nil
}
