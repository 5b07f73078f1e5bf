package vtl

import (
	"postern/apigw/jsonpath"
)

// maxPrintDepth bounds the nesting of a printed value, which may be nested in itself.
const maxPrintDepth = 1000

// text is what v prints.
func (r *run) text(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	mark := len(r.out)
	var err error
	r.out, err = r.appendText(r.out, v)
	s := string(r.out[mark:])
	r.out = r.out[:mark]
	return s, err
}

// appendText appends Java's toString of v. Members of maps and lists print as null where
// there is none; JSON arrays print as JSON, whatever is in them.
func (r *run) appendText(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return dst, nil
	case string:
		return append(dst, v...), nil
	case *definition:
		if r.t == nil { // kept in Overrides beyond its execution
			return dst, nil
		}
		mark := len(dst)
		own := r.out
		r.out = dst
		err := v.render(r)
		dst, r.out = r.out, own
		if err != nil {
			return dst[:mark], err
		}
		return dst, nil
	}
	return r.appendNested(dst, v, 0)
}

func (r *run) appendNested(dst []byte, v any, depth int) ([]byte, error) {
	if depth > maxPrintDepth || len(dst) > r.limit {
		return dst, errTooLarge
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return append(dst, v...), nil
	case bool:
		if v {
			return append(dst, "true"...), nil
		}
		return append(dst, "false"...), nil
	case char:
		return jsonpath.AppendUnit(dst, uint16(v)), nil
	case *jsonpath.Object:
		return r.appendMap(dst, v, depth)
	case *jsonpath.Array:
		return jsonpath.AppendListText(dst, v)
	case *list:
		return r.appendList(dst, v, depth)
	case *entry:
		value, _ := v.of.Get(v.name)
		dst = append(r.appendKey(dst, v.name), '=')
		return r.appendNested(dst, value, depth+1)
	case contextRoot:
		return r.appendMap(dst, r.contextMap(), depth)
	case stageVariables:
		return r.appendMap(dst, paramMap(r.scope.StageVariables), depth)
	case paramGroups:
		return r.appendMap(dst, r.paramGroups(), depth)
	case *definition:
		return r.appendText(dst, v)
	}
	if isNumber(v) {
		return jsonpath.AppendNumber(dst, v), nil
	}
	return dst, nil // groups of $context, $input, $util, $foreach, iterators
}

func (r *run) appendMap(dst []byte, o *jsonpath.Object, depth int) ([]byte, error) {
	dst = append(dst, '{')
	for i, m := range o.Members() {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(r.appendKey(dst, m.Name), '=')
		var err error
		if dst, err = r.appendNested(dst, m.Value, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func (r *run) appendKey(dst []byte, name string) []byte {
	if len(name) > 2 && name[:2] == keyMark {
		name = name[3:]
	}
	return append(dst, name...)
}

func (r *run) appendList(dst []byte, l *list, depth int) ([]byte, error) {
	if l.kind == javaArray {
		return append(dst, "[Ljava.lang.Object;"...), nil // Java adds the address
	}
	dst = append(dst, '[')
	for i, item := range l.items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		var err error
		if dst, err = r.appendNested(dst, item, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}
