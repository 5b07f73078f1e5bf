package vtl

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf16"

	"postern/apigw/jsonpath"
)

var errRange = errors.New("index out of range")

// callString is java.lang.String. Indexes count UTF-16 units.
func (r *run) callString(s, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		return callString0(s, name), nil
	case 1:
		if v, ok, err := r.callString1(s, name, args[0]); ok || err != nil {
			return v, err
		}
	case 2:
		if v, ok, err := r.callString2(s, name, args[0], args[1]); ok || err != nil {
			return v, err
		}
	}
	switch name {
	case "format":
		if f, ok := arg[string](args, 0); ok {
			return r.format(f, args[1:])
		}
	case "join":
		return r.join(args)
	case "regionMatches":
		return regionMatches(s, args), nil
	}
	return nil, nil
}

func arg[T any](args []any, i int) (T, bool) {
	var none T
	if i >= len(args) {
		return none, false
	}
	v, ok := args[i].(T)
	return v, ok
}

func callString0(s, name string) any {
	switch name {
	case "length":
		return int32(length(s))
	case "isEmpty":
		return s == ""
	case "isBlank":
		return strings.TrimSpace(s) == ""
	case "toString", "intern":
		return s
	case "toLowerCase":
		return strings.ToLower(s)
	case "toUpperCase":
		return strings.ReplaceAll(strings.ToUpper(s), "ß", "SS")
	case "trim":
		return strings.TrimFunc(s, func(c rune) bool { return c <= ' ' })
	case "strip":
		return strings.TrimSpace(s)
	case "stripLeading":
		return strings.TrimLeftFunc(s, unicode.IsSpace)
	case "stripTrailing":
		return strings.TrimRightFunc(s, unicode.IsSpace)
	case "hashCode":
		return hashCode(s)
	case "toCharArray":
		l := &list{kind: javaArray}
		for _, u := range units(s) {
			l.items = append(l.items, char(u))
		}
		return l
	case "getBytes":
		l := &list{kind: javaArray, items: make([]any, len(s))}
		for i := range l.items {
			l.items[i] = int32(int8(s[i]))
		}
		return l
	}
	return nil
}

// callString1 also says whether there is such a method with such an argument.
func (r *run) callString1(s, name string, a any) (any, bool, error) {
	switch name {
	case "equals":
		t, ok := a.(string)
		return ok && s == t, true, nil
	case "valueOf", "copyValueOf":
		t, err := r.text(a)
		return t, true, err
	case "contentEquals":
		t, ok := a.(string)
		return s == t, ok, nil
	}
	switch a := a.(type) {
	case string:
		return r.callStringText(s, name, a)
	case int32:
		return callStringInt(s, name, int(a))
	}
	return nil, false, nil
}

func (r *run) callStringText(s, name, t string) (any, bool, error) {
	switch name {
	case "concat":
		if len(s)+len(t) > r.limit {
			return nil, false, errTooLarge
		}
		return s + t, true, nil
	case "contains":
		return strings.Contains(s, t), true, nil
	case "startsWith":
		return strings.HasPrefix(s, t), true, nil
	case "endsWith":
		return strings.HasSuffix(s, t), true, nil
	case "indexOf":
		return int32(unitIndex(s, strings.Index(s, t))), true, nil
	case "lastIndexOf":
		return int32(unitIndex(s, strings.LastIndex(s, t))), true, nil
	case "equalsIgnoreCase":
		return strings.EqualFold(s, t), true, nil
	case "compareTo":
		return compareUnits(s, t), true, nil
	case "compareToIgnoreCase":
		return compareUnits(strings.ToLower(s), strings.ToLower(t)), true, nil
	case "matches":
		ok, err := r.matches(t, s)
		return ok, true, err
	case "split":
		l, err := r.split(s, t, 0)
		return l, true, err
	case "getBytes":
		if t != "UTF-8" && t != "utf-8" {
			return nil, false, errors.New("charset " + quote(t) + " is not supported")
		}
		return callString0(s, name), true, nil
	}
	return nil, false, nil
}

func callStringInt(s, name string, n int) (any, bool, error) {
	switch name {
	case "substring":
		return slice(s, n, length(s))
	case "charAt", "codePointAt":
		u := units(s)
		if n < 0 || n >= len(u) {
			return nil, false, errRange
		}
		if name == "charAt" {
			return char(u[n]), true, nil
		}
		return int32(utf16.Decode(u[n:min(n+2, len(u))])[0]), true, nil
	case "indexOf":
		return int32(unitIndex(s, strings.IndexRune(s, rune(n)))), true, nil
	case "lastIndexOf":
		return int32(unitIndex(s, strings.LastIndex(s, string(rune(n))))), true, nil
	case "repeat":
		if n < 0 || n*len(s) > defaultMaxOutput {
			return nil, false, errRange
		}
		return strings.Repeat(s, n), true, nil
	}
	return nil, false, nil
}

func (r *run) callString2(s, name string, a, b any) (any, bool, error) {
	switch a := a.(type) {
	case int32:
		if n, ok := b.(int32); ok && (name == "substring" || name == "subSequence") {
			return slice(s, int(a), int(n))
		}
	case char:
		return r.callString2(s, name, string(jsonpath.AppendUnit(nil, uint16(a))), b)
	case string:
		switch b := b.(type) {
		case string:
			return r.callStringTexts(s, name, a, b)
		case char:
			return r.callString2(s, name, a, string(jsonpath.AppendUnit(nil, uint16(b))))
		case int32:
			return r.callStringFrom(s, name, a, int(b))
		}
	}
	return nil, false, nil
}

func (r *run) callStringTexts(s, name, a, b string) (any, bool, error) {
	switch name {
	case "replace":
		if n := strings.Count(s, a); n > 0 && len(s)+n*len(b) > defaultMaxOutput {
			return nil, false, errTooLarge
		}
		return strings.ReplaceAll(s, a, b), true, nil
	case "replaceAll":
		t, err := r.replace(s, a, b, -1)
		return t, true, err
	case "replaceFirst":
		t, err := r.replace(s, a, b, 1)
		return t, true, err
	}
	return nil, false, nil
}

func (r *run) callStringFrom(s, name, t string, n int) (any, bool, error) {
	switch name {
	case "split":
		l, err := r.split(s, t, n)
		return l, true, err
	case "indexOf":
		return int32(indexFrom(units(s), units(t), n)), true, nil
	case "lastIndexOf":
		return int32(lastIndexFrom(units(s), units(t), n)), true, nil
	case "startsWith":
		return hasUnits(units(s), units(t), n), true, nil
	}
	return nil, false, nil
}

// join is String.join(delimiter, list) or (delimiter, a, b, …).
func (r *run) join(args []any) (any, error) {
	delimiter, ok := arg[string](args, 0)
	if !ok || len(args) < 2 {
		return nil, nil
	}
	items := args[1:]
	if all, ok := iterable(args[1]); ok && len(args) == 2 {
		items = all
	}
	var out []byte
	for i, item := range items {
		if i > 0 {
			out = append(out, delimiter...)
		}
		var err error
		if out, err = r.appendNested(out, item, 0); err != nil {
			return nil, err
		}
	}
	return string(out), nil
}

// regionMatches has an optional boolean in front: ignore case.
func regionMatches(s string, args []any) any {
	fold, hasFold := arg[bool](args, 0)
	if hasFold {
		args = args[1:]
	}
	at, ok1 := arg[int32](args, 0)
	other, ok2 := arg[string](args, 1)
	from, ok3 := arg[int32](args, 2)
	n, ok4 := arg[int32](args, 3)
	if !ok1 || !ok2 || !ok3 || !ok4 || len(args) != 4 {
		return nil
	}
	a, okA, _ := slice(s, int(at), int(at)+int(n))
	b, okB, _ := slice(other, int(from), int(from)+int(n))
	if !okA || !okB {
		return false
	}
	return a == b || fold && strings.EqualFold(a.(string), b.(string))
}
