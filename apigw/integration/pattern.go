package integration

import (
	"fmt"
	"regexp"
	"time"

	"github.com/dlclark/regexp2"
)

// patternTimeout bounds a backtracking search.
const patternTimeout = time.Second

// A Pattern is a selectionPattern: a regular expression of Java's that has to match the whole
// text. Go's linear-time engine runs what it can parse, a backtracking one look-around and
// back-references.
type Pattern struct {
	literal      string
	linear       *regexp.Regexp
	backtracking *regexp2.Regexp
	err          error
}

// CompilePattern compiles a selectionPattern. With an error it returns a Pattern that has this
// error to every text.
func CompilePattern(source string) (*Pattern, error) {
	if regexp.QuoteMeta(source) == source {
		return &Pattern{literal: source}, nil
	}
	whole := `\A(?:` + source + `)\z`
	if _, err := regexp.Compile(source); err == nil { // alone too: a)(b is no pattern
		if re, err := regexp.Compile(whole); err == nil {
			return &Pattern{linear: re}, nil
		}
	}
	if _, err := regexp2.Compile(source, regexp2.None); err != nil {
		return badPattern(source, err)
	}
	re, err := regexp2.Compile(whole, regexp2.None)
	if err != nil {
		return badPattern(source, err)
	}
	re.MatchTimeout = patternTimeout
	return &Pattern{backtracking: re}, nil
}

func badPattern(source string, err error) (*Pattern, error) {
	err = fmt.Errorf("regular expression %q: %w", source, err)
	return &Pattern{err: err}, err
}

// Match reports whether the whole of s matches. The error is that of a
// search that takes too long, or CompilePattern's.
func (p *Pattern) Match(s string) (bool, error) {
	switch {
	case p.err != nil:
		return false, p.err
	case p.linear != nil:
		return p.linear.MatchString(s), nil
	case p.backtracking != nil:
		return p.backtracking.MatchString(s)
	}
	return p.literal == s, nil
}
