package vtl

import (
	"fmt"

	"postern/apigw/jsonpath"
)

type property struct{ name string }

// apply finds a map's member, or what a getter or is-method of that name returns.
func (s *property) apply(r *run, on any) (any, error) {
	switch v := on.(type) {
	case *jsonpath.Object:
		m, _ := v.Get(s.name)
		return m, nil
	case inputObject:
		if s.name == "body" {
			return r.scope.text(), nil
		}
		return nil, nil
	case contextRoot:
		return r.contextMember(s.name), nil
	case contextGroup:
		return contextValue(v.Lookup(s.name)), nil
	case stageVariables:
		return param(r.scope.StageVariables, s.name), nil
	case paramGroups:
		return r.paramGroup(s.name), nil
	case *loop:
		return v.property(s.name), nil
	}
	if o := mapOf(on); o != nil {
		m, _ := o.Get(s.name)
		return m, nil
	}
	return r.getter(on, s.name)
}

// getters are the properties of Java's classes that are methods with a longer name.
var getters = map[string]string{"empty": "isEmpty", "bytes": "getBytes", "key": "getKey", "value": "getValue", "blank": "isBlank", "naN": "isNaN", "infinite": "isInfinite"}

func (r *run) getter(on any, name string) (any, error) {
	if method, ok := getters[name]; ok {
		return r.call(on, method, nil)
	}
	return nil, nil
}

func (s *property) assign(r *run, on, v any) error {
	switch on := on.(type) {
	case contextRoot:
		r.overrides().set(s.name, v)
		return nil
	case *entry:
		if s.name == "value" {
			on.of.Set(on.name, v)
		}
		return nil
	}
	if o := mapOf(on); o != nil {
		o.Set(s.name, v)
	}
	return nil
}

type index struct {
	at  expr
	pos int
}

// apply is get(): a list counts from its end with a negative index.
func (s *index) apply(r *run, on any) (any, error) {
	at, err := s.at.value(r)
	if err != nil {
		return nil, err
	}
	if items := itemsOf(on); items != nil {
		i, ok := at.(int32)
		if !ok {
			return nil, nil
		}
		return s.item(*items, int(i))
	}
	r.args = append(r.args, at)
	v, err := r.call(on, "get", r.args[len(r.args)-1:])
	r.args = r.args[:len(r.args)-1]
	return v, err
}

func (s *index) item(items []any, i int) (any, error) {
	if i < 0 {
		i += len(items)
	}
	if i < 0 || i >= len(items) {
		return nil, &fault{s.pos, fmt.Errorf("index %d out of range of a list of %d", i, len(items))}
	}
	return items[i], nil
}

func (s *index) assign(r *run, on, v any) error {
	at, err := s.at.value(r)
	if err != nil {
		return err
	}
	if items := itemsOf(on); items != nil {
		i, ok := at.(int32)
		if !ok {
			return nil
		}
		if _, err := s.item(*items, int(i)); err != nil {
			return err
		}
		if i < 0 {
			i += int32(len(*items))
		}
		(*items)[i] = v
		return nil
	}
	name, err := r.keyName(at)
	if err != nil {
		return err
	}
	return (&property{name}).assign(r, on, v)
}

type method struct {
	name    string
	args    []expr
	pos     int
	path    *jsonpath.Path // of $input.path and $input.json with a literal
	pathErr error
	pattern *pattern // of a method that takes a regular expression, with a literal
}

func (s *method) apply(r *run, on any) (any, error) {
	if s.path != nil || s.pathErr != nil {
		if _, ok := on.(inputObject); ok {
			v, err := r.inputPath(s.name, s.path, s.pathErr)
			return v, s.at(err)
		}
	}
	base := len(r.args)
	for _, a := range s.args {
		v, err := a.value(r)
		if err != nil {
			r.args = r.args[:base]
			return nil, err
		}
		r.args = append(r.args, v)
	}
	r.prepared = s.pattern
	v, err := r.call(on, s.name, r.args[base:])
	r.prepared = nil
	r.args = r.args[:base]
	return v, s.at(err)
}

// at adds the place to an error.
func (s *method) at(err error) error {
	if err == nil || err == errStop || err == errBreak {
		return err
	}
	switch err.(type) {
	case *fault, loopBreak:
		return err
	}
	return &fault{s.pos, fmt.Errorf("%s: %w", s.name, err)}
}

func (s *method) assign(*run, any, any) error { return nil }
