package eventsource

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// A Pattern is a filter pattern: an object whose leaves are lists of what a value may be. (EventBridge user
// guide, "Comparison operators for use in event patterns"; Lambda takes all but wildcard.)
type Pattern struct{ root node }

// A node wants members of an object, each of which has to fit; or, with or, one of the alternatives as well.
type node struct {
	members map[string]node
	or      []node
	leaf    []rule // one of which has to fit; nil for an object
}

// A rule decides about a value; there says whether there is one at all.
type rule func(value any, there bool) bool

// ParsePattern reads a pattern.
func ParsePattern(text string) (*Pattern, error) {
	var root map[string]any
	if err := json.Unmarshal([]byte(text), &root); err != nil {
		return nil, err
	}
	n, err := parseNode(root)
	if err != nil {
		return nil, err
	}
	return &Pattern{n}, nil
}

func parseNode(object map[string]any) (n node, err error) {
	n.members = map[string]node{}
	for name, value := range object {
		var child node
		switch v := value.(type) {
		case map[string]any:
			child, err = parseNode(v)
		case []any:
			if name == "$or" {
				n.or, err = parseAlternatives(v)
				if err != nil {
					return n, err
				}
				continue
			}
			child.leaf, err = parseRules(v)
		default:
			err = errors.New("it is neither an object nor a list")
		}
		if err != nil {
			return n, fmt.Errorf("%s: %w", name, err)
		}
		n.members[name] = child
	}
	return n, nil
}

func parseAlternatives(list []any) (all []node, err error) {
	for _, a := range list {
		object, ok := a.(map[string]any)
		if !ok {
			return nil, errors.New("$or: an alternative is no object")
		}
		n, err := parseNode(object)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

func parseRules(list []any) (rules []rule, err error) {
	if len(list) == 0 {
		return nil, errors.New("the list is empty")
	}
	for _, item := range list {
		r, err := parseRule(item)
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func parseRule(item any) (rule, error) {
	object, ok := item.(map[string]any)
	if !ok {
		if _, list := item.([]any); list {
			return nil, errors.New("a list in a list")
		}
		return func(v any, there bool) bool { return there && v == item }, nil
	}
	if len(object) != 1 {
		return nil, errors.New("a comparison has one member")
	}
	for name, operand := range object {
		return parseComparison(name, operand)
	}
	return nil, nil
}

func parseComparison(name string, operand any) (rule, error) {
	text, isText := operand.(string)
	switch name {
	case "prefix", "suffix", "equals-ignore-case":
		if !isText {
			return nil, fmt.Errorf("%s is no string", name)
		}
		return onText(comparisons[name], text), nil
	case "exists":
		want, ok := operand.(bool)
		if !ok {
			return nil, errors.New("exists is no boolean")
		}
		return func(_ any, there bool) bool { return there == want }, nil
	case "numeric":
		return parseNumeric(operand)
	case "anything-but":
		return parseAnythingBut(operand)
	case "cidr":
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		return onText(func(value, _ string) bool {
			at, err := netip.ParseAddr(value)
			return err == nil && network.Contains(at)
		}, text), nil
	}
	return nil, fmt.Errorf("unknown comparison %q", name)
}

var comparisons = map[string]func(value, operand string) bool{
	"prefix": strings.HasPrefix, "suffix": strings.HasSuffix, "equals-ignore-case": strings.EqualFold,
}

func onText(compare func(value, operand string) bool, operand string) rule {
	return func(v any, there bool) bool {
		text, ok := v.(string)
		return there && ok && compare(text, operand)
	}
}

// parseAnythingBut reads what a value may not be: a value, a list of them, or a comparison.
func parseAnythingBut(operand any) (rule, error) {
	list, ok := operand.([]any)
	if !ok {
		list = []any{operand}
	}
	not, err := parseRules(list)
	if err != nil {
		return nil, fmt.Errorf("anything-but: %w", err)
	}
	return func(v any, there bool) bool { return there && !fits(not, v, there) }, nil
}

var orders = map[string]func(a, b float64) bool{
	"=": func(a, b float64) bool { return a == b }, "<": func(a, b float64) bool { return a < b }, "<=": func(a, b float64) bool { return a <= b },
	">": func(a, b float64) bool { return a > b }, ">=": func(a, b float64) bool { return a >= b },
}

// parseNumeric reads ["<", 10, ">=", 0].
func parseNumeric(operand any) (rule, error) {
	list, ok := operand.([]any)
	if !ok || len(list) == 0 || len(list)%2 != 0 {
		return nil, errors.New("numeric is no list of operators and numbers")
	}
	type bound struct {
		holds func(a, b float64) bool
		of    float64
	}
	var bounds []bound
	for i := 0; i < len(list); i += 2 {
		name, _ := list[i].(string)
		n, isNumber := list[i+1].(float64)
		if orders[name] == nil || !isNumber {
			return nil, fmt.Errorf("numeric: %v %v", list[i], list[i+1])
		}
		bounds = append(bounds, bound{orders[name], n})
	}
	return func(v any, there bool) bool {
		n, ok := v.(float64)
		for _, b := range bounds {
			ok = ok && b.holds(n, b.of)
		}
		return there && ok
	}, nil
}

// Match tells whether a value of encoding/json fits the pattern.
func (p *Pattern) Match(value map[string]any) bool { return p.root.match(value) }

func (n node) match(value map[string]any) bool {
	for name, child := range n.members {
		v, there := value[name]
		if !child.fits(v, there) {
			return false
		}
	}
	if n.or == nil {
		return true
	}
	for _, alternative := range n.or {
		if alternative.match(value) {
			return true
		}
	}
	return false
}

func (n node) fits(v any, there bool) bool {
	if n.leaf == nil {
		object, ok := v.(map[string]any)
		return n.match(object) && (ok || !there)
	}
	if list, ok := v.([]any); ok { // one of the elements has to fit
		for _, e := range list {
			if fits(n.leaf, e, true) {
				return true
			}
		}
		return len(list) == 0 && fits(n.leaf, nil, false)
	}
	return fits(n.leaf, v, there)
}

func fits(rules []rule, v any, there bool) bool {
	for _, r := range rules {
		if r(v, there) {
			return true
		}
	}
	return false
}
