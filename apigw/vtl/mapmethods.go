package vtl

import "postern/apigw/jsonpath"

// callMapLike is java.util.Map, for maps and for the parts of a scope that behave like one.
func (r *run) callMapLike(on any, name string, args []any) (any, error) {
	if name == "get" && len(args) == 1 {
		if key, ok := args[0].(string); ok {
			return (&property{key}).apply(r, on)
		}
	}
	switch on := on.(type) {
	case *jsonpath.Object:
		return r.callMap(on, on, name, args)
	case *quietMap:
		return r.callMap(on, &on.Object, name, args)
	case contextRoot:
		if key, ok := arg[string](args, 0); ok && name == "put" && len(args) == 2 {
			return nil, (&property{key}).assign(r, on, args[1])
		}
		return r.callMap(on, r.contextMap(), name, args)
	case contextGroup:
		return r.callMap(on, groupObject(on), name, args)
	case stageVariables:
		return r.callMap(on, paramMap(r.scope.StageVariables), name, args)
	case paramGroups:
		return r.callMap(on, r.paramGroups(), name, args)
	}
	return nil, nil
}

func (r *run) callMap(on any, m *jsonpath.Object, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		return r.callMap0(on, m, name)
	case 1:
		return r.callMap1(on, m, name, args[0])
	case 2:
		return r.callMap2(m, name, args[0], args[1])
	}
	return nil, nil
}

func (r *run) callMap0(on any, m *jsonpath.Object, name string) (any, error) {
	switch name {
	case "size":
		return int32(m.Len()), nil
	case "isEmpty":
		return m.Len() == 0, nil
	case "keySet":
		keys := &list{kind: setOrValues, items: make([]any, m.Len())}
		for i, one := range m.Members() {
			keys.items[i] = keyOf(one.Name)
		}
		return keys, nil
	case "values":
		return &list{kind: setOrValues, items: values(m)}, nil
	case "entrySet":
		entries := &list{kind: setOrValues, items: make([]any, m.Len())}
		for i, one := range m.Members() {
			entries.items[i] = &entry{m, one.Name}
		}
		return entries, nil
	case "clear":
		m.Clear()
	case "toString":
		return r.text(on)
	case "hashCode":
		return r.javaHash(on, 0)
	}
	return nil, nil
}

func values(m *jsonpath.Object) []any {
	all := make([]any, m.Len())
	for i, one := range m.Members() {
		all[i] = one.Value
	}
	return all
}

func (r *run) callMap1(on any, m *jsonpath.Object, name string, a any) (any, error) {
	switch name {
	case "containsValue":
		for _, one := range m.Members() {
			if equals(one.Value, a) {
				return true, nil
			}
		}
		return false, nil
	case "equals":
		return equals(on, a), nil
	case "putAll":
		if more := mapOf(a); more != nil {
			for _, one := range more.Members() {
				m.Set(one.Name, one.Value)
			}
		}
		return nil, nil
	}
	key, err := r.keyName(a)
	if err != nil {
		return nil, err
	}
	switch name {
	case "get":
		v, _ := m.Get(key)
		return v, nil
	case "containsKey":
		_, ok := m.Get(key)
		return ok, nil
	case "remove":
		old, _ := m.Delete(key)
		return old, nil
	}
	return nil, nil
}

func (r *run) callMap2(m *jsonpath.Object, name string, k, v any) (any, error) {
	key, err := r.keyName(k)
	if err != nil {
		return nil, err
	}
	old, there := m.Get(key)
	switch name {
	case "put":
		if m.Len() >= maxItems {
			return nil, errTooLarge
		}
		m.Set(key, v)
		return old, nil
	case "getOrDefault":
		if there {
			return old, nil
		}
		return v, nil
	case "putIfAbsent":
		if old == nil {
			m.Set(key, v)
		}
		return old, nil
	case "replace":
		if there {
			m.Set(key, v)
		}
		return old, nil
	}
	return nil, nil
}

func (r *run) callEntry(e *entry, name string, args []any) (any, error) {
	v, _ := e.of.Get(e.name)
	switch {
	case name == "getKey" && len(args) == 0:
		return keyOf(e.name), nil
	case name == "getValue" && len(args) == 0:
		return v, nil
	case name == "toString" && len(args) == 0:
		return r.text(e)
	case name == "setValue" && len(args) == 1:
		e.of.Set(e.name, args[0])
		return v, nil
	}
	return nil, nil
}
