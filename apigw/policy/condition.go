package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A condition is one key of one operator of a statement's Condition.
type condition struct {
	key        string // in lower case
	operator   *operator
	quantifier quantifier
	ifExists   bool
	absent     bool   // of the operator Null: the key must not be there
	wanted     []test // one of which has to hold; of a negated operator, none
}

type quantifier int

const (
	single quantifier = iota
	forAnyValue
	forAllValues
)

// conditions compiles a Condition element.
func conditions(raw map[string]map[string]json.RawMessage) (all []condition, err error) {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		for _, key := range slices.Sorted(maps.Keys(raw[name])) {
			c, err := newCondition(name, key, raw[name][key])
			if err != nil {
				errs = append(errs, fmt.Errorf("condition %s of %s: %w", name, key, err))
				continue
			}
			all = append(all, c)
		}
	}
	return all, errors.Join(errs...)
}

func newCondition(name, key string, raw json.RawMessage) (c condition, err error) {
	c.key = strings.ToLower(key)
	if rest, ok := cutFold(name, "ForAnyValue:"); ok {
		name, c.quantifier = rest, forAnyValue
	} else if rest, ok := cutFold(name, "ForAllValues:"); ok {
		name, c.quantifier = rest, forAllValues
	}
	name = strings.ToLower(name)
	if rest, ok := strings.CutSuffix(name, "ifexists"); ok {
		name, c.ifExists = rest, true
	}
	values, err := texts(raw)
	if err != nil {
		return c, err
	}
	if name == "null" {
		c.absent, err = parseNull(values)
		return c, err
	}
	if c.operator = operators[name]; c.operator == nil {
		return c, errors.New("no such operator")
	}
	for _, v := range values {
		t, err := c.operator.compile(v)
		if err != nil {
			return c, err
		}
		c.wanted = append(c.wanted, t)
	}
	return c, nil
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

func parseNull(values []string) (bool, error) {
	if len(values) != 1 || !strings.EqualFold(values[0], "true") && !strings.EqualFold(values[0], "false") {
		return false, errors.New("is neither true nor false")
	}
	return strings.EqualFold(values[0], "true"), nil
}

// texts are the values of a condition: strings, numbers or booleans, one or a list.
func texts(raw json.RawMessage) ([]string, error) {
	values, err := list[json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, v := range values {
		var text string
		switch v[0] {
		case '"':
			err = json.Unmarshal(v, &text)
		case '{', '[', 'n':
			err = fmt.Errorf("%s is no value", v)
		default:
			text = string(v)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

// met tells whether a request meets the condition. A key that is not there meets negated
// operators and ForAllValues, as IAM has it.
func (c *condition) met(r *Request) bool {
	values := r.values(c.key)
	switch {
	case c.operator == nil:
		return (len(values) == 0) == c.absent
	case len(values) == 0:
		return c.ifExists || c.operator.negated && c.quantifier != forAnyValue || c.quantifier == forAllValues
	case c.quantifier == forAllValues:
		return !slices.ContainsFunc(values, func(v string) bool { return !c.accepts(r, v) })
	case c.quantifier == forAnyValue:
		return slices.ContainsFunc(values, func(v string) bool { return c.accepts(r, v) })
	}
	return c.accepts(r, values[0])
}

func (c *condition) accepts(r *Request, value string) bool {
	found := slices.ContainsFunc(c.wanted, func(t test) bool { return t(r, value) })
	return found != c.operator.negated
}
