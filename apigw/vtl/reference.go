package vtl

// A form says how a reference is written. Text that only looks like one is schmoo, Velocity's word.
type form uint8

const (
	normal form = iota
	formal      // ${name}
	quiet       // $!name, $!{name}: the same as normal, as a missing value prints nothing in either
	schmoo
)

// A reference is $name with what follows it.
type reference struct {
	slot    int
	steps   []step
	form    form
	escaped bool   // an odd number of backslashes in front: print the literal
	prefix  string // half of the backslashes
	more    string // dollars and hashes in front that belong to nothing
	literal string
	pos     int
}

// A step leads from a value to the next: .name, .name(args), [index]. nil is null, which ends a reference.
type step interface {
	apply(r *run, on any) (any, error)
	assign(r *run, on, v any) error
}

var missing any = ""

func (n *reference) truth(r *run) (bool, error) {
	v, err := n.value(r)
	if b, ok := v.(bool); ok {
		return b, err
	}
	return err == nil, err
}

// value is "" for whatever resolves to nothing: so AWS has it, unlike plain Velocity
// (203 recorded outputs, see testdata/vtl/README.md).
func (n *reference) value(r *run) (any, error) {
	if n.form == schmoo {
		return missing, nil
	}
	v := r.vars[n.slot]
	for _, s := range n.steps {
		if v == nil {
			return missing, nil
		}
		var err error
		if v, err = s.apply(r, v); err != nil {
			return nil, err
		}
	}
	if v == nil {
		return missing, nil
	}
	return v, nil
}

func (n *reference) render(r *run) error {
	r.out = append(r.out, n.prefix...)
	switch {
	case n.escaped:
		r.out = append(r.out, n.literal...)
		_, err := n.value(r)
		return err
	case n.form == schmoo:
		r.out = append(r.out, n.more...)
		r.out = append(r.out, n.literal...)
		return nil
	}
	r.out = append(r.out, n.more...)
	v, err := n.value(r)
	if err != nil {
		return err
	}
	if d, ok := v.(*definition); ok {
		return d.render(r)
	}
	r.out, err = r.appendText(r.out, v)
	return err
}

// assign is #set. Without properties, ${name} and $!name name no variable in Velocity 1.7: nothing happens.
func (n *reference) assign(r *run, v any) error {
	if n.form == schmoo {
		return nil
	}
	last := len(n.steps) - 1
	if last < 0 {
		if n.form == normal {
			r.vars[n.slot] = v
		}
		return nil
	}
	on := r.vars[n.slot]
	for _, s := range n.steps[:last] {
		if on == nil {
			return nil
		}
		var err error
		if on, err = s.apply(r, on); err != nil {
			return err
		}
	}
	if on == nil {
		return nil
	}
	return n.steps[last].assign(r, on, v)
}
