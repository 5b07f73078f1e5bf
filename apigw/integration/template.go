package integration

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"postern/apigw"
	"postern/apigw/vtl"
)

const jsonType = "application/json"

// Templates are the mapping templates of an integration request or of one integration
// response, by media type.
type Templates struct {
	all      []template
	fallback *template  // application/json, else the first
	by       *Selection // that chooses a template by its key, of WebSocket APIs; nil: the media type does
}

// SelectBy makes templates those of a WebSocket API, which an expression chooses.
func (ts *Templates) SelectBy(s *Selection) { ts.by = s }

// selected is the template that the expression chooses, else $default; nil for neither.
func (ts *Templates) selected(x *apigw.Exchange) (standard *template) {
	key, _ := ts.by.Key(x)
	for i := range ts.all {
		switch t := &ts.all[i]; t.key {
		case key:
			return t
		case apigw.DefaultRoute:
			standard = t
		}
	}
	return standard
}

// A template is compiled, is constant, or has the error that every request runs into.
type template struct {
	key       string // as configured
	mediaType string
	code      *vtl.Template
	size      int    // what its output is likely to fit in
	constant  []byte // what code always yields, where it refers to nothing
	err       error
}

// CompileTemplates compiles templates by media type. What cannot be compiled is put there as well,
// to fail as it does on AWS when it is chosen; the problems are returned by their keys.
func CompileTemplates(sources map[string]string) (*Templates, map[string]error) {
	ts := &Templates{}
	problems := map[string]error{}
	for _, key := range slices.Sorted(maps.Keys(sources)) {
		t := compileTemplate(key, sources[key])
		if t.err != nil {
			problems[key] = t.err
		}
		ts.all = append(ts.all, t)
	}
	for i := range ts.all {
		if t := &ts.all[i]; ts.fallback == nil || t.mediaType == jsonType && ts.fallback.mediaType != jsonType {
			ts.fallback = t
		}
	}
	return ts, problems
}

// maxFirstBuffer bounds what is set aside for an output: templates may be long and yield little.
const maxFirstBuffer = 4 << 10

func compileTemplate(key, source string) template {
	t := template{key: key, mediaType: apigw.MediaType(key), size: min(len(source)+64, maxFirstBuffer)}
	t.code, t.err = vtl.Parse(source)
	if t.err == nil && !strings.ContainsAny(source, `$#\`) {
		t.constant = []byte(source)
	}
	return t
}

// Constants lists what templates yield that refer to nothing.
func (ts *Templates) Constants() (all [][]byte) {
	for _, t := range ts.all {
		if t.constant != nil {
			all = append(all, t.constant)
		}
	}
	return all
}

// find returns the template of a media type, nil if there is none.
func (ts *Templates) find(mediaType string) *template {
	for i := range ts.all {
		if ts.all[i].mediaType == mediaType {
			return &ts.all[i]
		}
	}
	return nil
}

// render is the template's output for a body. A template that fails is logged as failure.
func (t *template) render(x *apigw.Exchange, body []byte, failure string) ([]byte, error) {
	if t.err != nil {
		return nil, apigw.ConfigurationError(failure, fmt.Errorf("parse template %s: %w", t.key, t.err))
	}
	if t.constant != nil {
		return t.constant, nil
	}
	out, err := sessionOf(x).execute(x, t.code, make([]byte, 0, t.size), body)
	if err != nil {
		return nil, apigw.ConfigurationError(failure, fmt.Errorf("template %s: %w", t.key, err))
	}
	return out, nil
}

// A Passthrough says what happens to a body that no request template is for.
type Passthrough int

// The zero Passthrough is AWS's default.
const (
	WhenNoMatch Passthrough = iota
	WhenNoTemplates
	Never
)

// ParsePassthrough reads WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER or "".
func ParsePassthrough(s string) (Passthrough, bool) {
	switch s {
	case "", "WHEN_NO_MATCH":
		return WhenNoMatch, true
	case "WHEN_NO_TEMPLATES":
		return WhenNoTemplates, true
	case "NEVER":
		return Never, true
	}
	return WhenNoMatch, false
}

// forRequest chooses by the type of the client's body; nil lets the body pass as it is. (Facts:
// rest-dataplane §7, which is the developer guide's table.)
func (ts *Templates) forRequest(x *apigw.Exchange, p Passthrough) (*template, error) {
	if t := ts.requested(x); t != nil {
		return t, nil
	}
	if p == Never || p == WhenNoTemplates && len(ts.all) > 0 {
		return nil, &apigw.Rejection{Type: apigw.UnsupportedMediaType}
	}
	return nil, nil
}

func (ts *Templates) requested(x *apigw.Exchange) *template {
	if ts.by != nil {
		return ts.selected(x)
	}
	contentType := x.Request.ContentType()
	if contentType == "" {
		contentType = jsonType
	}
	return ts.find(contentType)
}

// forResponse chooses by the type that the client accepts; nil where there are no templates.
func (ts *Templates) forResponse(x *apigw.Exchange) *template {
	if ts.by != nil {
		return ts.selected(x)
	}
	if len(ts.all) > 1 {
		if t := ts.find(x.Request.Accept()); t != nil {
			return t
		}
	}
	return ts.fallback
}
