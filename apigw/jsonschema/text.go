package jsonschema

import (
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// minLength and maxLength count characters.
type (
	minLength int
	maxLength int
)

func (m minLength) check(v any, failed *report) {
	if s, ok := v.(string); ok && utf8.RuneCountInString(s) < int(m) {
		failed.add("string %s is too short (length: %d, required minimum: %d)", encode(s), utf8.RuneCountInString(s), m)
	}
}

func (m maxLength) check(v any, failed *report) {
	if s, ok := v.(string); ok && utf8.RuneCountInString(s) > int(m) {
		failed.add("string %s is too long (length: %d, maximum allowed: %d)", encode(s), utf8.RuneCountInString(s), m)
	}
}

// A pattern is an ECMAScript expression that has to match somewhere.
type pattern struct {
	source string
	match  func(string) bool
}

func (p pattern) check(v any, failed *report) {
	if s, ok := v.(string); ok && !p.match(s) {
		failed.add("ECMA 262 regex %s does not match input string %s", encode(p.source), encode(s))
	}
}

// patternTimeout bounds a backtracking search in a request's body.
const patternTimeout = time.Second

// compilePattern takes Go's linear-time engine where it can. A search that takes too long does not match.
func compilePattern(source string) (match func(string) bool, err error) {
	if re, err := regexp.Compile(source); err == nil {
		return re.MatchString, nil
	}
	re, err := regexp2.Compile(source, regexp2.ECMAScript)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = patternTimeout
	return func(s string) bool {
		matched, err := re.MatchString(s)
		return err == nil && matched
	}, nil
}
