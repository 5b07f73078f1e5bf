package vtl

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

// patternTimeout bounds a backtracking search.
const patternTimeout = time.Second

// A pattern is a regular expression of Java's. Go's linear-time engine runs what it can parse, which
// is nearly all; look-around and back-references go to a backtracking one.
type pattern struct {
	source       string
	linear       *regexp.Regexp
	backtracking *regexp2.Regexp
}

// A Pattern is a regular expression of Java's that has to match a whole text, for the other
// places where API Gateway has them. It is immutable, for any number of goroutines.
type Pattern struct{ whole *pattern }

// CompilePattern compiles a Pattern.
func CompilePattern(source string) (*Pattern, error) {
	p, err := compileWhole(source)
	if err != nil {
		return nil, err
	}
	return &Pattern{p}, nil
}

// Match reports whether the whole of s matches. The error is that of a search that takes too long.
func (p *Pattern) Match(s string) (bool, error) {
	if p.whole.linear != nil {
		return p.whole.linear.MatchString(s), nil
	}
	return p.whole.backtracking.MatchString(s)
}

func compilePattern(source string) (*pattern, error) {
	if len(source) > 10_000 {
		return nil, errors.New("regular expression too long")
	}
	if re, err := regexp.Compile(goClasses(source)); err == nil {
		return &pattern{source: source, linear: re}, nil
	}
	re, err := regexp2.Compile(source, regexp2.None)
	if err != nil {
		return nil, errors.New("bad regular expression " + quote(source))
	}
	re.MatchTimeout = patternTimeout
	return &pattern{source: source, backtracking: re}, nil
}

// compilePattern prepares replaceAll('…', …) and its like with a literal; a bad one is an error when it runs.
func (m *method) compilePattern() {
	if len(m.args) == 0 {
		return
	}
	source, ok := "", false
	if c, isConstant := m.args[0].(constant); isConstant {
		source, ok = c.v.(string)
	}
	switch {
	case !ok:
	case m.name == "replaceAll" || m.name == "replaceFirst" || m.name == "split":
		m.pattern, _ = compilePattern(source)
	case m.name == "matches":
		m.pattern, _ = compileWhole(source)
	}
}

// compileWhole makes a pattern of source that has to match a whole text.
func compileWhole(source string) (*pattern, error) {
	if _, err := compilePattern(source); err != nil {
		return nil, err
	}
	p, err := compilePattern(`\A(?:` + source + `)\z`)
	if err == nil {
		p.source = source
	}
	return p, err
}

// pattern is the one that the template has prepared for this call, or a new one.
func (r *run) pattern(source string, compile func(string) (*pattern, error)) (*pattern, error) {
	if r.prepared != nil && r.prepared.source == source {
		return r.prepared, nil
	}
	return compile(source)
}

// find lists up to n matches (-1: all), each as pairs of offsets for the whole and the groups.
func (p *pattern) find(s string, n int) ([][]int, error) {
	if p.linear != nil {
		return p.linear.FindAllStringSubmatchIndex(s, n), nil
	}
	offsets := make([]int, 0, len(s)+1) // of each rune
	for i := range s {
		offsets = append(offsets, i)
	}
	offsets = append(offsets, len(s))
	var all [][]int
	m, err := p.backtracking.FindStringMatch(s)
	for m != nil && err == nil && len(all) != n {
		var one []int
		for _, g := range m.Groups() {
			if len(g.Captures) == 0 {
				one = append(one, -1, -1)
			} else {
				one = append(one, offsets[g.Index], offsets[g.Index+g.Length])
			}
		}
		all = append(all, one)
		m, err = p.backtracking.FindNextMatch(m)
	}
	return all, err
}

// matches is String.matches: the whole text has to match.
func (r *run) matches(source, s string) (bool, error) {
	p, err := r.pattern(source, compileWhole)
	if err != nil {
		return false, err
	}
	found, err := p.find(s, 1)
	return len(found) > 0, err
}

// replace is replaceAll, or replaceFirst with n = 1.
func (r *run) replace(s, source, with string, n int) (string, error) {
	p, err := r.pattern(source, compilePattern)
	if err != nil {
		return "", err
	}
	found, err := p.find(s, n)
	if err != nil {
		return "", err
	}
	var out []byte
	at := 0
	for _, m := range found {
		out = append(out, s[at:m[0]]...)
		if out, err = appendReplacement(out, s, with, m); err != nil {
			return "", err
		}
		if len(out) > defaultMaxOutput {
			return "", errTooLarge
		}
		at = m[1]
	}
	return string(append(out, s[at:]...)), nil
}

// appendReplacement resolves $1 and \x. A group takes as many digits as there are groups for.
func appendReplacement(out []byte, s, with string, m []int) ([]byte, error) {
	for i := 0; i < len(with); i++ {
		switch c := with[i]; c {
		case '\\':
			if i++; i == len(with) {
				return nil, errors.New("the replacement ends with a backslash")
			}
			out = append(out, with[i])
		case '$':
			if i++; i == len(with) || !isDigit(with[i]) {
				return nil, errors.New("illegal group reference in the replacement")
			}
			group := int(with[i] - '0')
			for i+1 < len(with) && isDigit(with[i+1]) {
				next := group*10 + int(with[i+1]-'0')
				if 2*next >= len(m) {
					break
				}
				group = next
				i++
			}
			if 2*group >= len(m) {
				return nil, errors.New("the replacement names a group that is not there")
			}
			if m[2*group] >= 0 {
				out = append(out, s[m[2*group]:m[2*group+1]]...)
			}
		default:
			out = append(out, c)
		}
	}
	return out, nil
}

// split is String.split: empty strings at the end are dropped unless there is a limit.
func (r *run) split(s, source string, limit int) (any, error) {
	parts, err := r.splitParts(s, source, limit)
	if err != nil {
		return nil, err
	}
	if limit == 0 && len(parts) > 1 {
		for len(parts) > 0 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
	}
	l := &list{kind: javaArray, items: make([]any, len(parts))}
	for i := range parts {
		l.items[i] = parts[i]
	}
	return l, nil
}

func (r *run) splitParts(s, source string, limit int) ([]string, error) {
	if len(source) == 1 && !strings.Contains(`.$|()[{^?*+\`, source) {
		if limit <= 0 {
			limit = -1
		}
		return strings.SplitN(s, source, limit), nil
	}
	p, err := r.pattern(source, compilePattern)
	if err != nil {
		return nil, err
	}
	found, err := p.find(s, -1)
	if err != nil {
		return nil, err
	}
	var parts []string
	at := 0
	for _, m := range found {
		if limit > 0 && len(parts) == limit-1 {
			break
		}
		if m[1] == 0 || m[0] == m[1] && m[0] == len(s) {
			continue // nothing matched at the start or the end
		}
		parts = append(parts, s[at:m[0]])
		at = m[1]
	}
	return append(parts, s[at:]), nil
}
