// Package lazyregexp has regular expressions that are compiled when they are first
// used. Services check their input with dozens of them, of which a run of Postern
// meets few; all together they would take two megabytes at start-up.
package lazyregexp

import (
	"regexp"
	"sync"
)

// A Regexp is a regular expression that is compiled when it is first used.
type Regexp struct {
	text     string
	compiled func() *regexp.Regexp
}

// New makes a Regexp. A text that is no regular expression panics when it is first
// used; a test looks at all of them.
func New(text string) Regexp {
	return Regexp{text, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

// String is the text that the Regexp was made from.
func (r Regexp) String() string { return r.text }

// MatchString says whether s contains a match.
func (r Regexp) MatchString(s string) bool { return r.compiled().MatchString(s) }

// FindStringSubmatch is the leftmost match in s and those of its groups; nil for none.
func (r Regexp) FindStringSubmatch(s string) []string { return r.compiled().FindStringSubmatch(s) }
