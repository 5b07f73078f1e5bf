package integration

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"postern/apigw"
	"postern/apigw/vtl"
)

// A Request is a method's integration request: it makes what goes to the backend of what the client
// sent.
type Request struct {
	Verb string // "" or ANY: the client's
	URI  Text   // stage variables and, in braces, parameters to be filled by Path

	Path, Query, Header []Mapping

	// Templates of the body; nil where none apply, as in proxy integrations.
	Templates   *Templates
	Passthrough Passthrough
	Handling    Handling
}

// A Mapping is one request parameter or response header and what fills it.
type Mapping struct {
	Name  string
	Value apigw.Value
	// Encoded says that Value is percent-encoded, as a path parameter that goes from
	// path to path is.
	Encoded bool
}

// Run is the step.
func (r *Request) Run(_ context.Context, x *apigw.Exchange) error {
	if err := r.body(x); err != nil {
		return err
	}
	to := &x.Endpoint.Request
	if to.Verb = r.Verb; to.Verb == "" || to.Verb == "ANY" {
		to.Verb = x.Request.Verb
	}
	for _, m := range r.Header {
		for _, v := range m.Value(x) {
			to.Header.Add(m.Name, v)
		}
	}
	for _, m := range r.Query {
		for _, v := range m.Value(x) {
			to.Query.Add(m.Name, v)
		}
	}
	s, _ := x.Templates.(*session)
	if s != nil {
		overrideRequest(to, &s.overrides)
	}
	return r.uri(x, s)
}

// body converts the client's body and runs it through the template for its type.
func (r *Request) body(x *apigw.Exchange) error {
	how := requestConversion(r.Handling, x.Stage.BinaryMediaTypes.Match(x.Request.ContentType()))
	body, err := how.apply(x.Request.Body)
	if err != nil {
		return err
	}
	if r.Templates != nil {
		t, err := r.Templates.forRequest(x, r.Passthrough)
		if err != nil {
			return err
		}
		if t != nil {
			return r.transform(x, t, how, body)
		}
	}
	x.Endpoint.Request.Body = body
	return nil
}

// transform refuses bytes even if there are none: with */* among the binary types a
// preflight answered by a MOCK needs CONVERT_TO_TEXT.
func (r *Request) transform(x *apigw.Exchange, t *template, how conversion, body []byte) error {
	if how.binary() {
		return apigw.ConfigurationError(noRequest, fmt.Errorf("template %s cannot read a binary body", t.key))
	}
	out, err := t.render(x, body, noRequest)
	if len(out) == 0 { // recorded: an empty body becomes an empty object
		out = emptyObject
	}
	x.Endpoint.Request.Body = out
	return err
}

const noRequest = "Unable to transform request"

var emptyObject = []byte("{}")

func overrideRequest(to *apigw.EndpointRequest, o *vtl.Overrides) {
	for name, v := range o.RequestHeader() {
		to.Header.Set(name, v)
	}
	for name, v := range o.RequestQuery() {
		to.Query.Set(name, v)
	}
}

// uri fills the stage variables and path parameters.
func (r *Request) uri(x *apigw.Exchange, s *session) error {
	uri, err := r.URI.Resolve(x)
	if err != nil {
		return err
	}
	if strings.IndexByte(uri, '{') < 0 {
		x.Endpoint.Request.URI = uri
		return nil
	}
	if s != nil {
		for name, v := range s.overrides.RequestPath() {
			uri = strings.ReplaceAll(uri, "{"+name+"}", escapePath(v))
		}
	}
	for _, m := range r.Path {
		values := m.Value(x)
		if len(values) == 0 {
			continue
		}
		v := values[len(values)-1]
		if !m.Encoded {
			v = escapePath(v)
		}
		uri = strings.ReplaceAll(uri, "{"+m.Name+"}", v)
	}
	x.Endpoint.Request.URI = uri
	return nil
}

// escapePath encodes what a path cannot hold and leaves its slashes alone: the value
// of a greedy parameter has them.
func escapePath(v string) string {
	return strings.ReplaceAll(url.PathEscape(v), "%2F", "/")
}
