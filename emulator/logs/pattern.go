package logs

import (
	"postern/emulator/lazyregexp"
	"regexp"
	"strings"
)

// A matcher says whether a message is selected.
type matcher func(message string) bool

// parsePattern reads a filter pattern: terms, a %regular expression% or
// conditions on JSON (CloudWatch Logs User Guide, "Filter pattern syntax", read
// 2026-11). An empty pattern matches everything.
//
// Unlike AWS, space-delimited patterns, [a, b, c=1], are refused.
func parsePattern(pattern string) (matcher, error) {
	pattern = strings.TrimSpace(pattern)
	switch {
	case strings.HasPrefix(pattern, "{"):
		return parseJSONPattern(pattern)
	case strings.HasPrefix(pattern, "["):
		return nil, badPattern("Postern does not evaluate space-delimited patterns")
	}
	return parseTerms(pattern)
}

func badPattern(why string) error { return invalid("Invalid filter pattern: " + why) }

// terms are what a message must, must not and may contain.
type terms struct {
	all, none, any []matcher
}

func (t terms) match(message string) bool {
	for _, m := range t.all {
		if !m(message) {
			return false
		}
	}
	for _, m := range t.none {
		if m(message) {
			return false
		}
	}
	// "?" terms beside others are ignored (User Guide, "OR terms").
	if len(t.any) == 0 || len(t.all)+len(t.none) > 0 {
		return true
	}
	for _, m := range t.any {
		if m(message) {
			return true
		}
	}
	return false
}

func parseTerms(pattern string) (matcher, error) {
	var t terms
	for rest := pattern; rest != ""; rest = strings.TrimLeft(rest, " \t\r\n") {
		list := &t.all
		switch rest[0] {
		case '-':
			list, rest = &t.none, rest[1:]
		case '?':
			list, rest = &t.any, rest[1:]
		}
		m, after, err := parseTerm(rest)
		if err != nil {
			return nil, err
		}
		*list, rest = append(*list, m), after
	}
	return t.match, nil
}

// word is a term that needs no quotes.
var word = lazyregexp.New(`^\w+$`)

func parseTerm(s string) (m matcher, rest string, err error) {
	switch {
	case strings.HasPrefix(s, `"`):
		text, rest, ok := quoted(s)
		if !ok {
			return nil, "", badPattern("Unclosed quote in term '" + s + "'")
		}
		if text == "" {
			return nil, "", badPattern(`Invalid character(s) in term '""'`)
		}
		return contains(text), rest, nil
	case strings.HasPrefix(s, "%"):
		return parseRegexp(s)
	}
	end := strings.IndexAny(s, " \t\r\n")
	if end < 0 {
		end = len(s)
	}
	if !word.MatchString(s[:end]) {
		return nil, "", badPattern("Invalid character(s) in term '" + s[:end] + "'")
	}
	return contains(s[:end]), s[end:], nil
}

func contains(text string) matcher {
	return func(message string) bool { return strings.Contains(message, text) }
}

// quoted reads a string in double quotes, in which a backslash escapes a quote or
// itself, and what follows it.
func quoted(s string) (text, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// plainRegexp is what AWS allows between the percent signs: no groups, a few
// symbols, ASCII only.
var plainRegexp = lazyregexp.New(`^[A-Za-z0-9 :_#=@/;,^$?\[\]{}|\\*+.\-]+$`)

func parseRegexp(s string) (m matcher, rest string, err error) {
	text, rest, ok := strings.Cut(s[1:], "%")
	if !ok || !plainRegexp.MatchString(text) {
		return nil, "", badPattern("Invalid regular expression '" + s + "'")
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, "", badPattern("Invalid regular expression '" + text + "'")
	}
	return re.MatchString, rest, nil
}
