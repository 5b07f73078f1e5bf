package vtl

import (
	"errors"
	"slices"

	"postern/apigw/jsonpath"
)

var errFixed = errors.New("the list cannot be changed")

// maxItems bounds a list that a template builds.
const maxItems = 1 << 20

// callList is java.util.List, Set and what Velocity wraps around arrays.
func (r *run) callList(on any, name string, args []any) (any, error) {
	items, kind := &[]any{}, arrayList
	switch l := on.(type) {
	case *jsonpath.Array:
		items = &l.Items
	case *list:
		items, kind = &l.items, l.kind
	}
	if r.steps += len(*items); r.steps > maxSteps {
		return nil, errTooMuch
	}
	if v, ok, err := r.readList(on, *items, kind, name, args); ok || err != nil {
		return v, err
	}
	if changes(name) && kind != arrayList && (kind != javaArray || name != "set") {
		return nil, errFixed
	}
	return changeList(items, name, args)
}

// readList is what leaves the list as it is.
func (r *run) readList(on any, items []any, kind listKind, name string, args []any) (any, bool, error) {
	if len(args) == 0 {
		switch name {
		case "size":
			return int32(len(items)), true, nil
		case "isEmpty":
			return len(items) == 0, true, nil
		case "iterator", "listIterator":
			return &iterator{items: slices.Clone(items)}, true, nil
		case "toArray":
			return &list{kind: javaArray, items: slices.Clone(items)}, true, nil
		case "toString":
			s, err := r.text(on)
			return s, true, err
		case "hashCode":
			h, err := r.javaHash(on, 0)
			return h, true, err
		}
		return nil, false, nil
	}
	if len(args) == 1 {
		switch name {
		case "contains":
			return slices.ContainsFunc(items, equalTo(args[0])), true, nil
		case "equals":
			return equals(on, args[0]), true, nil
		case "containsAll":
			all, ok := iterable(args[0])
			return ok && !slices.ContainsFunc(all, func(v any) bool { return !slices.ContainsFunc(items, equalTo(v)) }), ok, nil
		}
	}
	if kind == setOrValues {
		return nil, false, nil
	}
	return readIndexed(items, name, args)
}

func equalTo(v any) func(any) bool { return func(other any) bool { return equals(v, other) } }

func readIndexed(items []any, name string, args []any) (any, bool, error) {
	i, isIndex := arg[int32](args, 0)
	switch {
	case len(args) == 1 && name == "get" && isIndex:
		if i < 0 || int(i) >= len(items) {
			return nil, false, errRange
		}
		return items[i], true, nil
	case len(args) == 1 && name == "indexOf":
		return int32(slices.IndexFunc(items, equalTo(args[0]))), true, nil
	case len(args) == 1 && name == "lastIndexOf":
		for at := len(items) - 1; at >= 0; at-- {
			if equals(items[at], args[0]) {
				return int32(at), true, nil
			}
		}
		return int32(-1), true, nil
	case len(args) == 2 && name == "subList" && isIndex:
		to, ok := arg[int32](args, 1)
		if !ok {
			return nil, false, nil
		}
		if i < 0 || int(to) > len(items) || i > to {
			return nil, false, errRange
		}
		return &list{items: slices.Clone(items[i:to])}, true, nil // Unlike Java's, it does not write through
	}
	return nil, false, nil
}

func changes(name string) bool {
	switch name {
	case "add", "addAll", "remove", "removeAll", "retainAll", "clear", "set":
		return true
	}
	return false
}

func changeList(items *[]any, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		if name == "clear" {
			*items = nil
		}
		return nil, nil
	case 1:
		return changeList1(items, name, args[0])
	case 2:
		i, ok := arg[int32](args, 0)
		if !ok {
			return nil, nil
		}
		return changeListAt(items, name, int(i), args[1])
	}
	return nil, nil
}

func changeList1(items *[]any, name string, v any) (any, error) {
	switch name {
	case "add":
		if len(*items) >= maxItems {
			return nil, errTooLarge
		}
		*items = append(*items, v)
		return true, nil
	case "remove":
		if i, ok := v.(int32); ok {
			return removeAt(items, int(i))
		}
		i := slices.IndexFunc(*items, equalTo(v))
		if i >= 0 {
			*items = slices.Delete(*items, i, i+1)
		}
		return i >= 0, nil
	}
	more, ok := iterable(v)
	if !ok {
		return nil, nil
	}
	before := len(*items)
	switch name {
	case "addAll":
		if before+len(more) > maxItems {
			return nil, errTooLarge
		}
		*items = append(*items, more...)
	case "removeAll", "retainAll":
		keep := name == "retainAll"
		more = slices.Clone(more)
		*items = slices.DeleteFunc(*items, func(item any) bool { return slices.ContainsFunc(more, equalTo(item)) != keep })
	default:
		return nil, nil
	}
	return len(*items) != before, nil
}

func removeAt(items *[]any, i int) (any, error) {
	if i < 0 || i >= len(*items) {
		return nil, errRange
	}
	old := (*items)[i]
	*items = slices.Delete(*items, i, i+1)
	return old, nil
}

func changeListAt(items *[]any, name string, i int, v any) (any, error) {
	n := len(*items)
	switch name {
	case "set":
		if i < 0 || i >= n {
			return nil, errRange
		}
		old := (*items)[i]
		(*items)[i] = v
		return old, nil
	case "add", "addAll":
		more := []any{v}
		if name == "addAll" {
			all, ok := iterable(v)
			if !ok {
				return nil, nil
			}
			more = slices.Clone(all)
		}
		if i < 0 || i > n || n+len(more) > maxItems {
			return nil, errRange
		}
		*items = slices.Insert(*items, i, more...)
		if name == "addAll" {
			return len(more) > 0, nil
		}
	}
	return nil, nil
}

func (it *iterator) call(name string, args []any) (any, error) {
	if len(args) > 0 {
		return nil, nil
	}
	switch name {
	case "hasNext":
		return it.next < len(it.items), nil
	case "next":
		if it.next >= len(it.items) {
			return nil, errors.New("no such element")
		}
		it.next++
		return it.items[it.next-1], nil
	}
	return nil, nil
}
