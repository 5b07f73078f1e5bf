package vtl

import (
	"errors"

	"postern/apigw/jsonpath"
)

// inputObject is $input, utilObject $util; paramGroups is $input.params().
type (
	inputObject struct{}
	utilObject  struct{}
	paramGroups struct{}
)

// text is the body as $input.body prints it.
func (s *Scope) text() any {
	if len(s.Body) == 0 {
		return emptyBody
	}
	if s.body == nil {
		s.body = string(s.Body)
	}
	return s.body
}

var emptyBody any = "{}"

// json is the parsed body. A template that changes it sees its changes.
func (s *Scope) json() (any, error) {
	if !s.parsed {
		s.parsed = true
		if len(s.Body) == 0 {
			s.root = &jsonpath.Object{}
		} else {
			s.root, s.jsonErr = jsonpath.Decode(s.Body)
		}
	}
	return s.root, s.jsonErr
}

func (r *run) callInput(name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		switch name {
		case "getBody":
			return r.scope.text(), nil
		case "params":
			return paramGroups{}, nil
		}
	case 1:
		text, ok := args[0].(string)
		if !ok {
			return nil, nil
		}
		switch name {
		case "params":
			return r.param(text), nil
		case "path", "json":
			p, err := jsonpath.Compile(text)
			return r.inputPath(name, p, err)
		}
	}
	return nil, nil
}

// inputPath is $input.path and $input.json. What is missing is null, and as JSON "" with its quotes.
func (r *run) inputPath(name string, p *jsonpath.Path, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if r.steps += len(r.scope.Body) >> 8; r.steps > maxSteps {
		return nil, errTooMuch
	}
	root, err := r.scope.json()
	if err != nil {
		return nil, err
	}
	v, err := p.Eval(root)
	if err != nil && !errors.Is(err, jsonpath.ErrNotFound) {
		return nil, err
	}
	if name == "path" {
		return v, nil
	}
	if v == nil {
		return `""`, nil
	}
	text, err := jsonpath.AppendJSON(nil, v)
	return string(text), err
}

func param(from Params, name string) any {
	if from == nil {
		return nil
	}
	if v, ok := from.Lookup(name); ok {
		return v
	}
	return nil
}

// param is $input.params('name'): "" where there is none.
func (r *run) param(name string) any {
	for _, from := range [...]Params{r.scope.Path, r.scope.Query, r.scope.Header} {
		if v := param(from, name); v != nil {
			return v
		}
	}
	return missing
}

func (r *run) paramGroup(name string) any {
	switch name {
	case "path":
		return paramMap(r.scope.Path)
	case "querystring":
		return paramMap(r.scope.Query)
	case "header":
		return paramMap(r.scope.Header)
	}
	return nil
}

func (r *run) paramGroups() *jsonpath.Object {
	o := &jsonpath.Object{}
	for _, name := range [...]string{"path", "querystring", "header"} {
		o.Set(name, r.paramGroup(name))
	}
	return o
}
