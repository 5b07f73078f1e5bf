package vtl

import "postern/apigw/jsonpath"

type foreach struct {
	element int
	list    expr
	body    []node
}

// A loop is $foreach.
type loop struct {
	index  int
	last   bool
	parent *loop
}

// render gives the variables of the loop back to what was around it. A loop ends without an
// error after MaxIterations.
func (n *foreach) render(r *run) error {
	v, err := n.list.value(r)
	if err != nil {
		return err
	}
	items, ok := r.iterable(v)
	if !ok || len(items) == 0 {
		return nil
	}
	if len(items) > 1 { // the body may change the list
		items = append([]any(nil), items...)
	}
	saved := [...]any{r.at(n.element), r.at(r.t.foreach), r.at(r.t.count), r.at(r.t.hasNext)}
	parent, _ := saved[1].(*loop)
	l := &loop{parent: parent}
	r.put(r.t.foreach, l)
	err = n.iterate(r, items, l)
	r.put(r.t.hasNext, saved[3])
	r.put(r.t.count, saved[2])
	r.put(r.t.foreach, saved[1])
	r.put(n.element, saved[0])
	return err
}

func (n *foreach) iterate(r *run, items []any, l *loop) error {
	for i, item := range items {
		if i == MaxIterations {
			break
		}
		l.index, l.last = i, i == len(items)-1
		r.vars[n.element] = item
		if r.t.count >= 0 {
			r.vars[r.t.count] = int32(i + 1)
		}
		r.put(r.t.hasNext, !l.last)
		if r.steps++; r.steps > maxSteps {
			return errTooMuch
		}
		switch err := r.render(n.body); {
		case err == nil:
		case err == errBreak:
			return nil
		default:
			if b, ok := err.(loopBreak); ok && b.loop == l {
				return nil
			}
			return err
		}
	}
	return nil
}

// iterable also knows what is only seen as a map.
func (r *run) iterable(v any) ([]any, bool) {
	switch g := v.(type) {
	case contextRoot:
		v = r.contextMap()
	case contextGroup:
		v = groupObject(g)
	case stageVariables:
		v = paramMap(r.scope.StageVariables)
	case paramGroups:
		v = r.paramGroups()
	}
	return iterable(v)
}

// iterable is the items of a list, the values of a map, what is left of an iterator.
func iterable(v any) ([]any, bool) {
	switch v := v.(type) {
	case *jsonpath.Array:
		return v.Items, true
	case *list:
		return v.items, true
	case *iterator:
		rest := v.items[v.next:]
		v.next = len(v.items)
		return rest, true
	}
	if o := mapOf(v); o != nil {
		return values(o), true
	}
	return nil, false
}

func (l *loop) property(name string) any {
	switch name {
	case "index":
		return int32(l.index)
	case "count":
		return int32(l.index + 1)
	case "hasNext":
		return !l.last
	case "first":
		return l.index == 0
	case "last":
		return l.last
	case "parent":
		if l.parent != nil {
			return l.parent
		}
	case "topmost":
		for l.parent != nil {
			l = l.parent
		}
		return l
	}
	return nil
}

func (l *loop) call(name string, args []any) any {
	if len(args) > 0 {
		return nil
	}
	for _, prefix := range [...]string{"get", "is"} {
		if n := len(prefix); len(name) > n && name[:n] == prefix {
			return l.property(string(name[n]|0x20) + name[n+1:])
		}
	}
	if name == "hasNext" {
		return !l.last
	}
	return nil
}
