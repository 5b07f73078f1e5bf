package jsonpath

import (
	"errors"
	"fmt"
)

// ErrNotFound is what Eval returns for a definite path that leads nowhere. An
// indefinite path ($..a, $.l[*], filters) yields an empty Array instead, unless it stumbles: over
// a missing member of an object in a wildcard, over an index out of range behind a deep scan.
var ErrNotFound = errors.New("no value at this path")

// A Path is a compiled JSONPath: immutable, for any number of goroutines.
type Path struct {
	source   string
	tokens   []token
	definite bool
	plain    bool // $.a.b.c
}

// A token is one step of a path. walk applies it to v and passes what it finds to next.
type token interface {
	walk(e *evaluation, v any, rest []token) error
	definite() bool
}

// An evaluation is one Eval: the document and what was found in it.
type evaluation struct {
	root  any
	found []any
	steps int
}

// maxSteps bounds the work of one Eval, and with it nested deep scans ($..*..*..*).
const maxSteps = 5_000_000

var errTooMuch = errors.New("the path visits too many values")

// Eval finds the path's value in root: the value itself for a definite path, an *Array of
// what was found for an indefinite one. Values are shared with root, not copied. The error is
// ErrNotFound, or says why the path cannot be applied.
func (p *Path) Eval(root any) (any, error) {
	return p.eval(root, root)
}

// Definite says whether the path can lead to one value only.
func (p *Path) Definite() bool { return p.definite }

// eval starts at from; filters refer to root with $.
func (p *Path) eval(root, from any) (any, error) {
	if p.plain {
		return p.members(from)
	}
	e := evaluation{root: root}
	if err := e.step(from, p.tokens); err != nil {
		return nil, err
	}
	if !p.definite {
		return &Array{Items: e.found}, nil
	}
	if len(e.found) == 0 {
		return nil, ErrNotFound
	}
	return e.found[0], nil
}

// members is the short way for the usual path.
func (p *Path) members(v any) (any, error) {
	for _, t := range p.tokens {
		o, ok := v.(*Object)
		if !ok {
			return nil, ErrNotFound
		}
		if v, ok = o.Get(t.(*members).names[0]); !ok {
			return nil, ErrNotFound
		}
	}
	return v, nil
}

func (e *evaluation) step(v any, tokens []token) error {
	if e.steps++; e.steps > maxSteps {
		return errTooMuch
	}
	if len(tokens) == 0 {
		e.found = append(e.found, v)
		return nil
	}
	return tokens[0].walk(e, v, tokens[1:])
}

// String is the path as given to Compile.
func (p *Path) String() string { return p.source }

// members is .name or ['a','b']. strict says what becomes of a path that goes on behind a missing
// member: nothing is found at all, or nothing in this branch only.
type members struct {
	names  []string
	strict bool
}

func (t *members) definite() bool { return true }

func (t *members) walk(e *evaluation, v any, rest []token) error {
	o, ok := v.(*Object)
	if !ok {
		return ErrNotFound
	}
	if len(t.names) != 1 {
		return t.walkMany(e, o, rest)
	}
	found, ok := o.Get(t.names[0])
	switch {
	case ok:
		return e.step(found, rest)
	case len(rest) > 0 && !t.strict:
		return nil
	}
	return ErrNotFound
}

func (t *members) walkMany(e *evaluation, o *Object, rest []token) error {
	if len(rest) > 0 {
		return errors.New("several names in brackets have to end a path")
	}
	merged := &Object{}
	for _, name := range t.names {
		if found, ok := o.Get(name); ok {
			merged.Set(name, found)
		}
	}
	return e.step(merged, nil)
}

// wildcard is .* or [*]. Missing members are forgiven below arrays, not below objects.
type wildcard struct{}

func (wildcard) definite() bool { return false }

func (wildcard) walk(e *evaluation, v any, rest []token) error {
	switch v := v.(type) {
	case *Object:
		for _, m := range v.members {
			if err := e.step(m.Value, rest); err != nil {
				return err
			}
		}
	case *Array:
		for _, item := range v.Items {
			if err := e.step(item, rest); err != nil && err != ErrNotFound {
				return err
			}
		}
	}
	return nil
}

// scan is .. in front of another token, which is applied to every value it could match. Below an array
// that another token follows, the library applies that token to all elements, whatever the index says.
type scan struct{}

func (scan) definite() bool { return false }

func (scan) walk(e *evaluation, v any, rest []token) error { return e.scan(v, rest, 0) }

func (e *evaluation) scan(v any, rest []token, depth int) error {
	if e.steps++; e.steps > maxSteps || depth > 4*maxDepth {
		return errTooMuch
	}
	switch v := v.(type) {
	case *Object:
		if e.scans(v, rest[0]) {
			if err := e.step(v, rest); err != nil {
				return err
			}
		}
		for _, m := range v.members {
			if err := e.scan(m.Value, rest, depth+1); err != nil {
				return err
			}
		}
	case *Array:
		if err := e.scanArray(v, rest); err != nil {
			return err
		}
		for _, item := range v.Items {
			if err := e.scan(item, rest, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *evaluation) scanArray(a *Array, rest []token) error {
	if !e.scans(a, rest[0]) {
		return nil
	}
	if len(rest) == 1 {
		return e.step(a, rest)
	}
	for _, item := range a.Items {
		if err := e.step(item, rest[1:]); err != nil {
			return err
		}
	}
	return nil
}

// scans says whether a deep scan stops at v to apply next.
func (e *evaluation) scans(v any, next token) bool {
	switch next := next.(type) {
	case *members:
		o, ok := v.(*Object)
		for i := 0; ok && i < len(next.names); i++ {
			_, ok = o.Get(next.names[i])
		}
		return ok
	case *elements:
		_, ok := v.(*Array)
		return ok
	case *filter:
		return next.accepts(e, v)
	case scan:
		return false
	}
	return true
}

func notAnArray(v any) error { return fmt.Errorf("an index or filter cannot be applied to a %T", v) }
