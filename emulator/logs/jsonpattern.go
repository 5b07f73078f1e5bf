package logs

import (
	"encoding/json"
	"io"
	"postern/emulator/lazyregexp"
	"strconv"
	"strings"
)

// A condition is a part of a JSON pattern, asked of a decoded message.
type condition func(root any) bool

// A jsonParser reads { $.a = "b" && ( $.c > 1 || $.d NOT EXISTS ) }.
type jsonParser struct {
	rest  string
	depth int // of parentheses
}

// maxDepth keeps a pattern of 1,024 characters from deep recursion.
const maxDepth = 64

func parseJSONPattern(pattern string) (matcher, error) {
	inner, ok := strings.CutSuffix(pattern[1:], "}")
	if !ok {
		return nil, invalid("If a filter pattern starts with '{' it must end with '}'")
	}
	p := &jsonParser{rest: inner}
	c, err := p.or()
	if err == nil && p.skip() != "" {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return func(message string) bool {
		root, ok := decodeJSON(message)
		return ok && c(root)
	}, nil
}

// decodeJSON decodes a message that is one JSON object or array.
func decodeJSON(message string) (root any, ok bool) {
	start := strings.TrimLeft(message, " \t\r\n")
	if start == "" || start[0] != '{' && start[0] != '[' {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(message))
	d.UseNumber()
	if d.Decode(&root) != nil {
		return nil, false
	}
	_, err := d.Token()
	return root, err == io.EOF
}

// skip drops white space and returns what is left.
func (p *jsonParser) skip() string {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	return p.rest
}

// accept drops a token if it comes next.
func (p *jsonParser) accept(token string) bool {
	rest, ok := strings.CutPrefix(p.skip(), token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *jsonParser) unexpected() error {
	if p.skip() == "" {
		return badPattern("Unexpected end of the pattern")
	}
	return badPattern("Unexpected '" + p.rest + "'")
}

func (p *jsonParser) or() (condition, error) {
	left, err := p.and()
	for err == nil && p.accept("||") {
		var right condition
		a := left
		right, err = p.and()
		left = func(root any) bool { return a(root) || right(root) }
	}
	return left, err
}

func (p *jsonParser) and() (condition, error) {
	left, err := p.primary()
	for err == nil && p.accept("&&") {
		var right condition
		a := left
		right, err = p.primary()
		left = func(root any) bool { return a(root) && right(root) }
	}
	return left, err
}

func (p *jsonParser) primary() (condition, error) {
	if !p.accept("(") {
		return p.comparison()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, badPattern("Too many parentheses")
	}
	c, err := p.or()
	if err == nil && !p.accept(")") {
		err = p.unexpected()
	}
	p.depth--
	return c, err
}

func (p *jsonParser) comparison() (condition, error) {
	sel, err := p.selector()
	if err != nil {
		return nil, err
	}
	for _, test := range []struct {
		words string
		of    func(v any, found bool) bool
	}{
		{`IS NULL`, func(v any, found bool) bool { return found && v == nil }},
		{`IS TRUE`, func(v any, found bool) bool { return v == true }},
		{`IS FALSE`, func(v any, found bool) bool { return v == false }},
		{`NOT EXISTS`, func(v any, found bool) bool { return !found }},
		{`EXISTS`, func(v any, found bool) bool { return found }},
	} {
		if p.words(test.words) {
			return sel.condition(test.of), nil
		}
	}
	for _, op := range []string{"!=", ">=", "<=", "=", ">", "<"} {
		if p.accept(op) {
			compare, err := p.operand(op)
			if err != nil {
				return nil, err
			}
			return sel.condition(func(v any, found bool) bool { return found && compare(v) }), nil
		}
	}
	return nil, p.unexpected()
}

// words drops words that are separated by any white space, in any case.
func (p *jsonParser) words(words string) bool {
	rest := p.skip()
	for w := range strings.FieldsSeq(words) {
		rest = strings.TrimLeft(rest, " \t\r\n")
		if len(rest) < len(w) || !strings.EqualFold(rest[:len(w)], w) {
			return false
		}
		rest = rest[len(w):]
	}
	p.rest = rest
	return true
}

// A selector is the way to a value: names of members and places in arrays.
type selector []step

type step struct {
	name  string
	index int // of an array, -1 for every element, where name is ""
}

var (
	memberStep  = lazyregexp.New(`^\.([A-Za-z0-9_\-]+)`)
	indexStep   = lazyregexp.New(`^\.?\[\s*(\d{1,6}|\*)\s*\]`)
	bracketStep = lazyregexp.New(`^\[\s*(?:'([^']+)'|"([^"]+)")\s*\]`)
)

func (p *jsonParser) selector() (sel selector, err error) {
	if !p.accept("$") {
		return nil, p.unexpected()
	}
	for {
		if m := memberStep.FindStringSubmatch(p.rest); m != nil {
			sel, p.rest = append(sel, step{name: m[1]}), p.rest[len(m[0]):]
		} else if m := indexStep.FindStringSubmatch(p.rest); m != nil {
			index := -1
			if m[1] != "*" {
				index, _ = strconv.Atoi(m[1]) // digits
			}
			sel, p.rest = append(sel, step{index: index}), p.rest[len(m[0]):]
		} else if m := bracketStep.FindStringSubmatch(p.rest); m != nil {
			sel, p.rest = append(sel, step{name: m[1] + m[2]}), p.rest[len(m[0]):]
		} else if len(sel) == 0 {
			return nil, badPattern("Invalid selector '$" + p.rest + "'")
		} else {
			return sel, nil
		}
	}
}

// condition asks test of the selected value; of any where a step selects several.
func (sel selector) condition(test func(v any, found bool) bool) condition {
	return func(root any) bool { return sel.walk(root, test) }
}

func (sel selector) walk(v any, test func(v any, found bool) bool) bool {
	if len(sel) == 0 {
		return test(v, true)
	}
	next := sel[1:]
	if s := sel[0]; s.name != "" {
		if object, ok := v.(map[string]any); ok {
			if member, ok := object[s.name]; ok {
				return next.walk(member, test)
			}
		}
		return test(nil, false)
	}
	array, _ := v.([]any)
	if i := sel[0].index; i >= 0 && i < len(array) {
		return next.walk(array[i], test)
	} else if i >= 0 || len(array) == 0 {
		return test(nil, false)
	}
	for _, element := range array {
		if next.walk(element, test) {
			return true
		}
	}
	return false
}
