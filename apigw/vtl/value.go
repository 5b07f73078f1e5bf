package vtl

import (
	"strconv"

	"postern/apigw/jsonpath"
)

// Values are those of package jsonpath (an Object is Java's LinkedHashMap and also what a map literal
// makes, an Array json-smart's JSONArray) and the types of this file.

// A list is an ArrayList, or another of Java's collections that print like one.
type list struct {
	items []any
	kind  listKind
}

type listKind uint8

const (
	arrayList   listKind = iota
	setOrValues          // keySet(), entrySet(), values(): no index
	javaArray            // split(), getBytes(): fixed length
)

// JSON implements jsonpath.Converter.
func (l *list) JSON() any { return &jsonpath.Array{Items: l.items} }

// A char is Java's Character: one UTF-16 unit.
type char uint16

// JSON implements jsonpath.Converter.
func (c char) JSON() any { return string(jsonpath.AppendUnit(nil, uint16(c))) }

// An entry is one of a map's entrySet().
type entry struct {
	of   *jsonpath.Object
	name string
}

// JSON implements jsonpath.Converter.
func (e *entry) JSON() any {
	v, _ := e.of.Get(e.name)
	o := &jsonpath.Object{}
	o.Set(e.name, v)
	return o
}

type iterator struct {
	items []any
	next  int
}

// A quietMap is a map below $context: it prints nothing.
type quietMap struct{ jsonpath.Object }

// JSON implements jsonpath.Converter.
func (m *quietMap) JSON() any { return &m.Object }

// mapOf is the Object behind a map of any kind, nil if v is none.
func mapOf(v any) *jsonpath.Object {
	switch v := v.(type) {
	case *jsonpath.Object:
		return v
	case *quietMap:
		return &v.Object
	}
	return nil
}

// itemsOf is the items of a list that has an index, nil if v is none.
func itemsOf(v any) *[]any {
	switch v := v.(type) {
	case *jsonpath.Array:
		return &v.Items
	case *list:
		if v.kind != setOrValues {
			return &v.items
		}
	}
	return nil
}

// Objects have strings for names; keys of other classes get a mark that no JSON text has a reason to contain.
const keyMark = "\x00\x01"

// keyName is the name under which a map keeps a key.
func (r *run) keyName(key any) (string, error) {
	if s, ok := key.(string); ok {
		return s, nil
	}
	s, err := r.text(key)
	return keyMark + class(key) + s, err
}

// class is one letter for the class of a key.
func class(key any) string {
	switch key.(type) {
	case int32:
		return "i"
	case bool:
		return "b"
	}
	return "o"
}

// keyOf is the key that a name stands for.
func keyOf(name string) any {
	if len(name) < 3 || name[:2] != keyMark {
		return name
	}
	switch text := name[3:]; name[2] {
	case 'i':
		n, _ := strconv.ParseInt(text, 10, 32)
		return int32(n)
	case 'b':
		return text == "true"
	default:
		return text
	}
}

// sameClass says whether Velocity compares two values with equals.
func sameClass(a, b any) bool {
	switch a.(type) {
	case string:
		_, ok := b.(string)
		return ok
	case bool:
		_, ok := b.(bool)
		return ok
	case char:
		_, ok := b.(char)
		return ok
	case *jsonpath.Array, *list:
		return itemsOf(a) != nil && itemsOf(b) != nil
	}
	return mapOf(a) != nil && mapOf(b) != nil
}
