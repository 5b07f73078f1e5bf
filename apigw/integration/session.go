package integration

import (
	"postern/apigw"
	"postern/apigw/jsonpath"
	"postern/apigw/vtl"
)

// A session is what the steps of this package remember from one to the next, in
// Exchange.Templates: one allocation for both templates and all body mappings.
type session struct {
	overrides vtl.Overrides // shared by both templates
	scope     vtl.Scope     // of the template that runs now

	requestBody  document // the client's
	responseBody document // the backend's
}

func sessionOf(x *apigw.Exchange) *session {
	if s, ok := x.Templates.(*session); ok {
		return s
	}
	s := &session{}
	x.Templates = s
	return s
}

// execute runs a template over a body.
func (s *session) execute(x *apigw.Exchange, t *vtl.Template, dst, body []byte) ([]byte, error) {
	s.scope = vtl.Scope{
		Body:           body,
		Path:           pathParams{x},
		Query:          queryParams{x},
		Header:         headerParams{x},
		StageVariables: vtl.Strings(x.Stage.Variables),
		Context:        contextVariables{x},
		Overrides:      &s.overrides,
	}
	return t.Execute(dst, &s.scope)
}

// A document is a body as JSON, parsed when a mapping first asks for it.
type document struct {
	root   any
	err    error
	parsed bool
}

func (d *document) of(body []byte) (any, error) {
	if !d.parsed {
		d.parsed = true
		d.root, d.err = jsonpath.Decode(body)
	}
	return d.root, d.err
}
