package vtl

import "postern/apigw/jsonpath"

// contextRoot is $context, contextGroup one of its groups such as identity, stageVariables $stageVariables.
type (
	contextRoot    struct{}
	contextGroup   struct{ Context }
	stageVariables struct{}
)

// contextMember looks at what templates have set first.
func (r *run) contextMember(name string) any {
	if v, ok := r.overrides().member(name); ok {
		return v
	}
	if r.scope.Context == nil {
		return nil
	}
	return contextValue(r.scope.Context.Lookup(name))
}

// contextValue makes a template's value of a Context's.
func contextValue(v any, ok bool) any {
	if !ok {
		return nil
	}
	switch v := v.(type) {
	case string, bool, float64, int32:
		return v
	case int:
		return jsonpath.Int(int64(v))
	case int64:
		return jsonpath.Int(v)
	case Context:
		return contextGroup{v}
	}
	return nil
}

// contextMap is $context as a map; groups in it print nothing.
func (r *run) contextMap() *jsonpath.Object {
	o := &jsonpath.Object{}
	if c := r.scope.Context; c != nil {
		for _, name := range c.Names() {
			o.Set(name, r.contextMember(name))
		}
	}
	for _, name := range [...]string{"requestOverride", "responseOverride"} {
		o.Set(name, r.contextMember(name))
	}
	for _, m := range r.overrides().others.Members() {
		o.Set(m.Name, m.Value)
	}
	return o
}

func groupObject(g contextGroup) *jsonpath.Object {
	o := &jsonpath.Object{}
	for _, name := range g.Names() {
		o.Set(name, contextValue(g.Lookup(name)))
	}
	return o
}
