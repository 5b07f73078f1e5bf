package vtl

import (
	"errors"

	"postern/apigw/jsonpath"
)

// A constant is a literal number or string: false to #if.
type constant struct{ v any }

func (c constant) value(*run) (any, error)  { return c.v, nil }
func (c constant) truth(*run) (bool, error) { return false, nil }

// truth is the literal true or false.
type truth bool

func (t truth) value(*run) (any, error)  { return bool(t), nil }
func (t truth) truth(*run) (bool, error) { return bool(t), nil }

type or struct{ left, right expr }

func (n *or) value(r *run) (any, error) { return boxed(n.truth(r)) }

func (n *or) truth(r *run) (bool, error) {
	if ok, err := n.left.truth(r); ok || err != nil {
		return ok, err
	}
	return n.right.truth(r)
}

type and struct{ left, right expr }

func (n *and) value(r *run) (any, error) { return boxed(n.truth(r)) }

func (n *and) truth(r *run) (bool, error) {
	if ok, err := n.left.truth(r); !ok || err != nil {
		return false, err
	}
	return n.right.truth(r)
}

type not struct{ of expr }

func (n *not) value(r *run) (any, error) { return boxed(n.truth(r)) }

func (n *not) truth(r *run) (bool, error) {
	ok, err := n.of.truth(r)
	return !ok && err == nil, err
}

func boxed(b bool, err error) (any, error) { return b, err }

type equal struct {
	left, right expr
	negated     bool
}

func (n *equal) value(r *run) (any, error) { return boxed(n.truth(r)) }

// truth compares numbers by value, values of one class with equals, and others by what they print.
// null == null is true.
func (n *equal) truth(r *run) (bool, error) {
	a, b, err := both(r, n.left, n.right)
	if err != nil {
		return false, err
	}
	same, err := r.equal(a, b)
	return same != n.negated && err == nil, err
}

func (r *run) equal(a, b any) (bool, error) {
	if a == nil || b == nil {
		return a == nil && b == nil, nil
	}
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return x == y, nil
		}
	}
	if order, ok := compareNumbers(a, b); ok {
		return order == 0, nil
	}
	if sameClass(a, b) {
		return equals(a, b), nil
	}
	x, err := r.text(a)
	if err != nil {
		return false, err
	}
	y, err := r.text(b)
	return x == y, err
}

func both(r *run, left, right expr) (a, b any, err error) {
	if a, err = left.value(r); err == nil {
		b, err = right.value(r)
	}
	return a, b, err
}

type relation struct {
	left, right expr
	op          kind
}

func (n *relation) value(r *run) (any, error) { return boxed(n.truth(r)) }

// truth is false unless both sides are numbers.
func (n *relation) truth(r *run) (bool, error) {
	a, b, err := both(r, n.left, n.right)
	if err != nil {
		return false, err
	}
	order, ok := compareNumbers(a, b)
	if !ok {
		return false, nil
	}
	switch n.op {
	case kLess:
		return order < 0, nil
	case kLessEqual:
		return order <= 0, nil
	case kGreater:
		return order > 0, nil
	}
	return order >= 0, nil
}

type listNode struct{ items []expr }

func (n *listNode) truth(*run) (bool, error) { return false, nil }

func (n *listNode) value(r *run) (any, error) {
	l := &list{items: make([]any, len(n.items))}
	for i, item := range n.items {
		v, err := item.value(r)
		if err != nil {
			return nil, err
		}
		l.items[i] = v
	}
	return l, nil
}

type mapNode struct{ keys, values []expr }

func (n *mapNode) truth(*run) (bool, error) { return false, nil }

func (n *mapNode) value(r *run) (any, error) {
	m := &jsonpath.Object{}
	for i := range n.keys {
		k, v, err := both(r, n.keys[i], n.values[i])
		if err != nil {
			return nil, err
		}
		key, err := r.keyName(k)
		if err != nil {
			return nil, err
		}
		m.Set(key, v)
	}
	return m, nil
}

// maxRange bounds [1..n]; a #foreach would not go further anyway.
const maxRange = 100_000

type rangeNode struct {
	from, to expr
	pos      int
}

func (n *rangeNode) truth(*run) (bool, error) { return false, nil }

// value counts down if it has to. It is null unless both bounds are integers.
func (n *rangeNode) value(r *run) (any, error) {
	a, b, err := both(r, n.from, n.to)
	if err != nil {
		return nil, err
	}
	from, ok := wholeNumber(a)
	to, ok2 := wholeNumber(b)
	if !ok || !ok2 {
		return nil, nil
	}
	step := 1
	if from > to {
		step = -1
	}
	count := (to-from)*step + 1
	if count > maxRange {
		return nil, &fault{n.pos, errors.New("range too long")}
	}
	l := &list{items: make([]any, count)}
	for i := range l.items {
		l.items[i] = int32(from + i*step)
	}
	return l, nil
}

func wholeNumber(v any) (int, bool) {
	switch n := v.(type) {
	case int32:
		return int(n), true
	case int64:
		return int(int32(n)), true
	}
	return 0, false
}

// An interpolation is a string in double quotes with references or directives in it.
type interpolation struct {
	nodes []node
	trim  bool
}

func (n *interpolation) truth(*run) (bool, error) { return false, nil }

func (n *interpolation) value(r *run) (any, error) {
	s, err := r.capture(n.nodes)
	if n.trim && s != "" {
		s = s[:len(s)-1]
	}
	return s, err
}
