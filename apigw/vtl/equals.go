package vtl

import "postern/apigw/jsonpath"

// maxCompared bounds the values that one comparison looks at: lists may share their items many times over.
const maxCompared = 1 << 20

// equals is Java's, deep for lists and maps.
func equals(a, b any) bool {
	left := maxCompared
	return equalsAt(a, b, 0, &left)
}

func equalsAt(a, b any, depth int, left *int) bool {
	if *left--; *left < 0 || depth > maxPrintDepth {
		return false
	}
	if x, y := itemsOf(a), itemsOf(b); x != nil && y != nil {
		return x == y || equalItems(*x, *y, depth, left)
	}
	if x, y := mapOf(a), mapOf(b); x != nil && y != nil {
		return x == y || equalMaps(x, y, depth, left)
	}
	if isNumber(a) && isNumber(b) {
		order, _ := compareNumbers(a, b)
		return order == 0 && numberRank(a) == numberRank(b)
	}
	switch a.(type) {
	case nil, string, bool, char, *list, *entry, *loop, *definition, *iterator:
		return a == b
	}
	return false
}

func equalItems(x, y []any, depth int, left *int) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if !equalsAt(x[i], y[i], depth+1, left) {
			return false
		}
	}
	return true
}

func equalMaps(x, y *jsonpath.Object, depth int, left *int) bool {
	if x.Len() != y.Len() {
		return false
	}
	for _, m := range x.Members() {
		v, ok := y.Get(m.Name)
		if !ok || !equalsAt(m.Value, v, depth+1, left) {
			return false
		}
	}
	return true
}

// javaHash is hashCode of the values that have one; nil for the others.
func (r *run) javaHash(v any, depth int) (int32, error) {
	if r.steps++; r.steps > maxSteps || depth > maxPrintDepth {
		return 0, errTooMuch
	}
	switch v := v.(type) {
	case nil:
		return 0, nil
	case string:
		return hashCode(v), nil
	case char:
		return int32(v), nil
	case bool:
		if v {
			return 1231, nil
		}
		return 1237, nil
	}
	if items := itemsOf(v); items != nil {
		hash := int32(1)
		for _, item := range *items {
			one, err := r.javaHash(item, depth+1)
			if err != nil {
				return 0, err
			}
			hash = 31*hash + one
		}
		return hash, nil
	}
	if m := mapOf(v); m != nil {
		hash := int32(0)
		for _, one := range m.Members() {
			key, _ := r.javaHash(keyOf(one.Name), depth+1)
			value, err := r.javaHash(one.Value, depth+1)
			if err != nil {
				return 0, err
			}
			hash += key ^ value
		}
		return hash, nil
	}
	return numberHash(v), nil
}
