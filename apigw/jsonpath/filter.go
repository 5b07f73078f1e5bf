package jsonpath

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A filter is [?(…)]: criteria joined with && and ||.
type filter struct {
	expr condition
}

type condition interface {
	holds(e *evaluation, item any) bool
}

func (*filter) definite() bool { return false }

func (t *filter) accepts(e *evaluation, item any) bool { return t.expr.holds(e, item) }

func (t *filter) walk(e *evaluation, v any, rest []token) error {
	switch v := v.(type) {
	case *Object:
		if t.accepts(e, v) {
			return e.step(v, rest)
		}
		return nil
	case *Array:
		for _, item := range v.Items {
			if !t.accepts(e, item) {
				continue
			}
			if err := e.step(item, rest); err != nil {
				return err
			}
		}
		return nil
	}
	return notAnArray(v)
}

type allOf []condition

func (c allOf) holds(e *evaluation, item any) bool {
	for _, one := range c {
		if !one.holds(e, item) {
			return false
		}
	}
	return true
}

type anyOf []condition

func (c anyOf) holds(e *evaluation, item any) bool {
	for _, one := range c {
		if one.holds(e, item) {
			return true
		}
	}
	return false
}

// exists is a path alone: true for a value that is there and not null.
type exists struct{ path operand }

func (c exists) holds(e *evaluation, item any) bool {
	v, ok := c.path.value(e, item)
	if a, isArray := v.(*Array); isArray && c.path.path != nil && !c.path.path.definite {
		return len(a.Items) > 0
	}
	return ok && v != nil
}

// An operand is a path from the item (@) or the document ($), or a literal.
type operand struct {
	path     *Path
	document bool
	literal  any
}

func (o operand) value(e *evaluation, item any) (any, bool) {
	if o.path == nil {
		return o.literal, true
	}
	from := item
	if o.document {
		from = e.root
	}
	v, err := o.path.eval(e.root, from)
	return v, err == nil
}

// A comparison is false where a side is missing, and where a literal stands on the left.
type comparison struct {
	left, right operand
	op          string
	pattern     *regexp.Regexp
}

func (c *comparison) holds(e *evaluation, item any) bool {
	left, ok := c.left.value(e, item)
	if !ok || c.left.path == nil {
		return false
	}
	if c.op == "=~" {
		text, ok := left.(string)
		return ok && c.pattern.MatchString(text)
	}
	right, ok := c.right.value(e, item)
	if !ok {
		return false
	}
	order, comparable := compare(left, right)
	switch c.op {
	case "==", "=":
		return comparable && order == 0
	case "!=", "<>":
		return !comparable || order != 0
	case "<":
		return comparable && order < 0
	case "<=":
		return comparable && order <= 0
	case ">":
		return comparable && order > 0
	}
	return comparable && order >= 0
}

// compare orders two numbers, strings, booleans or nulls.
func compare(a, b any) (int, bool) {
	if x, ok := Float(a); ok {
		y, ok := Float(b)
		switch {
		case x < y:
			return -1, ok
		case x > y:
			return 1, ok
		}
		return 0, ok
	}
	switch a := a.(type) {
	case nil:
		return 0, b == nil
	case string:
		b, ok := b.(string)
		return strings.Compare(a, b), ok
	case bool:
		b, ok := b.(bool)
		if a == b {
			return 0, ok
		}
		return 1, ok
	}
	return 0, false
}

// compileFilter parses (criteria). The library AWS runs knows comparisons only: in, nin, size,
// contains, empty and ! are errors there.
func compileFilter(text string, depth int) (token, error) {
	if depth > 10 {
		return nil, errors.New("filters nested too deeply")
	}
	if !strings.HasPrefix(text, "(") || !strings.HasSuffix(text, ")") {
		return nil, errors.New("filter without parentheses")
	}
	c := filterCompiler{text: text, depth: depth}
	expr, err := c.primary(0)
	if err != nil {
		return nil, err
	}
	if c.skipSpace(); c.pos != len(c.text) {
		return nil, fmt.Errorf("unexpected %q in a filter", c.text[c.pos:])
	}
	return &filter{expr}, nil
}
