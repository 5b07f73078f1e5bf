package logs

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// operand reads what a value is compared with, and how. Objects and arrays compare
// with nothing, not even by "!=" (User Guide, "JSON special considerations").
func (p *jsonParser) operand(op string) (func(v any) bool, error) {
	s := p.skip()
	if strings.HasPrefix(s, "%") {
		m, rest, err := parseRegexp(s)
		p.rest = rest
		return texts(op, m), err
	}
	if strings.HasPrefix(s, `"`) {
		text, rest, ok := quoted(s)
		if !ok {
			return nil, badPattern("Unclosed quote in '" + s + "'")
		}
		if op != "=" && op != "!=" {
			return nil, badPattern("Operator " + op + " needs a number")
		}
		p.rest = rest
		return texts(op, wildcard(text)), nil
	}
	end := strings.IndexAny(s, " \t\r\n&|()")
	if end < 0 {
		end = len(s)
	}
	text := s[:end]
	if text == "" {
		return nil, p.unexpected()
	}
	p.rest = s[end:]
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return numbers(op, number, text), nil
	}
	if op != "=" && op != "!=" {
		return nil, badPattern("Operator " + op + " needs a number, not '" + text + "'")
	}
	if strings.Trim(text, plainText) != "" {
		return nil, badPattern("Invalid character(s) in term '" + text + "'")
	}
	return texts(op, wildcard(text)), nil
}

// plainText is what a text without quotes is made of: 123.123.* is one.
const plainText = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.*:/"

// texts compares the text of a scalar.
func texts(op string, m matcher) func(v any) bool {
	return func(v any) bool {
		text, ok := scalar(v)
		return ok && m(text) == (op == "=")
	}
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number, bool:
		return fmt.Sprint(v), true
	}
	return "", false
}

// numbers compares a number; a text that reads the same is equal to it.
func numbers(op string, want float64, literal string) func(v any) bool {
	return func(v any) bool {
		text, ok := scalar(v)
		if !ok {
			return false
		}
		_, isNumber := v.(json.Number)
		if !isNumber && (op == "=" || op == "!=") {
			return (text == literal) == (op == "=")
		}
		got, err := strconv.ParseFloat(text, 64)
		if err != nil || !isNumber {
			return false
		}
		switch op {
		case "=":
			return got == want
		case "!=":
			return got != want
		case ">":
			return got > want
		case ">=":
			return got >= want
		case "<":
			return got < want
		}
		return got <= want
	}
}

// wildcard matches a whole text; an asterisk stands for anything at the start and
// at the end only: Ev*ent is literal (User Guide).
func wildcard(pattern string) matcher {
	core, front := strings.CutPrefix(pattern, "*")
	core, back := strings.CutSuffix(core, "*")
	switch {
	case front && back:
		return contains(core)
	case front:
		return func(s string) bool { return strings.HasSuffix(s, core) }
	case back:
		return func(s string) bool { return strings.HasPrefix(s, core) }
	}
	return func(s string) bool { return s == pattern }
}
