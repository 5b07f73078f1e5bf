package vtl

import "errors"

// A node is a part of a template that prints, a directive or a piece of text.
type node interface {
	render(r *run) error
}

// An expr is a part of a template that has a value. nil is Java's null; what a
// reference yields is never nil (see reference.value).
type expr interface {
	value(r *run) (any, error)
	// truth is what #if sees. Only booleans, comparisons and references can be true in Velocity
	// 1.7: #if(1), #if('x') and #if([]) are false.
	truth(r *run) (bool, error)
}

// What ends a part of the template early travels as an error.
var (
	errStop  = errors.New("#stop")
	errBreak = errors.New("#break") // of the nearest loop, definition or the template
)

// A loopBreak is #break($foreach): it ends that loop.
type loopBreak struct{ loop *loop }

func (loopBreak) Error() string { return "#break of an outer #foreach" }

func (r *run) render(nodes []node) error {
	for _, n := range nodes {
		if t, ok := n.(text); ok {
			r.out = append(r.out, t...)
			continue
		}
		if r.steps++; r.steps > maxSteps {
			return errTooMuch
		}
		if err := n.render(r); err != nil {
			return err
		}
		if len(r.out) > r.limit {
			return errTooLarge
		}
	}
	return nil
}

type text string

func (t text) render(r *run) error {
	r.out = append(r.out, t...)
	return nil
}

type ifNode struct {
	branches  []branch
	otherwise []node
}

type branch struct {
	condition expr
	body      []node
}

func (n *ifNode) render(r *run) error {
	for i := range n.branches {
		ok, err := n.branches[i].condition.truth(r)
		if err != nil {
			return err
		}
		if ok {
			return r.render(n.branches[i].body)
		}
	}
	return r.render(n.otherwise)
}

type set struct {
	to   *reference
	from expr
}

// render leaves the variable as it was if the value is null; a missing reference is not (it is "").
func (n *set) render(r *run) error {
	v, err := n.from.value(r)
	if err != nil || v == nil {
		return err
	}
	return n.to.assign(r, v)
}

type define struct {
	slot int
	body []node
}

func (n *define) render(r *run) error {
	r.vars[n.slot] = &definition{body: n.body}
	return nil
}

// A definition is what #define assigns: it renders where it is printed, with the variables of that moment.
type definition struct {
	body  []node
	depth int
}

// maxDefinitionDepth is Velocity's define.provide.scope limit on a definition that prints itself.
const maxDefinitionDepth = 2

func (d *definition) render(r *run) error {
	if d.depth >= maxDefinitionDepth {
		return nil
	}
	d.depth++
	err := r.render(d.body)
	d.depth--
	if err == errBreak {
		return nil
	}
	return err
}

type stop struct{}

func (stop) render(*run) error { return errStop }

type breakNode struct {
	target expr
	pos    int
}

func (n *breakNode) render(r *run) error {
	if n.target == nil {
		return errBreak
	}
	v, err := n.target.value(r)
	if err != nil {
		return err
	}
	if l, ok := v.(*loop); ok {
		return loopBreak{l}
	}
	return &fault{n.pos, errors.New("#break wants a loop, as in #break($foreach)")}
}

// failing is a directive that Velocity accepts and cannot run.
type failing struct {
	pos  int
	text string
}

func (n *failing) render(*run) error { return &fault{n.pos, errors.New(n.text)} }

// A fault is an error with its place in the template.
type fault struct {
	pos int
	err error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }
