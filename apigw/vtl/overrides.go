package vtl

import (
	"iter"
	"strconv"

	"postern/apigw/jsonpath"
)

// Overrides is what the templates of one exchange wrote under $context.requestOverride and
// $context.responseOverride. The zero Overrides is ready to use; share one between the request template and the
// response template. Values are the printed form of what was set; names keep their case and order.
type Overrides struct {
	request, response *quietMap
	others            jsonpath.Object // #set($context.anything = …)
}

func (o *Overrides) requestMap() *quietMap {
	if o.request == nil {
		o.request = groupMap("header", "path", "querystring")
	}
	return o.request
}

func (o *Overrides) responseMap() *quietMap {
	if o.response == nil {
		o.response = groupMap("header")
	}
	return o.response
}

func groupMap(groups ...string) *quietMap {
	m := &quietMap{}
	for _, g := range groups {
		m.Set(g, &quietMap{})
	}
	return m
}

func (o *Overrides) member(name string) (any, bool) {
	switch name {
	case "requestOverride":
		return o.requestMap(), true
	case "responseOverride":
		return o.responseMap(), true
	}
	return o.others.Get(name)
}

func (o *Overrides) set(name string, v any) {
	switch name {
	case "requestOverride", "responseOverride": // whole groups cannot be replaced
	default:
		o.others.Set(name, v)
	}
}

// RequestHeader lists $context.requestOverride.header.
func (o *Overrides) RequestHeader() iter.Seq2[string, string] { return members(o.request, "header") }

// RequestPath lists $context.requestOverride.path.
func (o *Overrides) RequestPath() iter.Seq2[string, string] { return members(o.request, "path") }

// RequestQuery lists $context.requestOverride.querystring.
func (o *Overrides) RequestQuery() iter.Seq2[string, string] {
	return members(o.request, "querystring")
}

// ResponseHeader lists $context.responseOverride.header.
func (o *Overrides) ResponseHeader() iter.Seq2[string, string] { return members(o.response, "header") }

// ResponseStatus is $context.responseOverride.status where it was set to a number.
func (o *Overrides) ResponseStatus() (int, bool) {
	if o.response == nil {
		return 0, false
	}
	v, ok := o.response.Get("status")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(printed(v))
	return n, err == nil
}

// members lists one group of an override map; a group that was replaced by something else is empty.
func members(of *quietMap, group string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if of == nil {
			return
		}
		v, _ := of.Get(group)
		o := mapOf(v)
		if o == nil {
			return
		}
		for _, m := range o.Members() {
			if !yield(string(new(run).appendKey(nil, m.Name)), printed(m.Value)) {
				return
			}
		}
	}
}

// printed is the text of a value outside of an execution.
func printed(v any) string {
	r := &run{scope: &Scope{}, limit: defaultMaxOutput}
	out, err := r.appendText(nil, v)
	if err != nil {
		return ""
	}
	return string(wellFormed(out, 0))
}
