package httpapi

import (
	"fmt"
	"strings"

	"postern/apigw"
	"postern/apigw/jsonpath"
)

// An Expression is the right side of a parameter mapping of an HTTP API: text with references to the
// request or response, $context and stage variables in it. It is the one for header, query, path and
// response mappings and for the parameters of AWS service integrations.
// (HTTP API guide, "Transform API requests and responses", read 2026-11.)
type Expression struct {
	source string
	parts  []part
}

// A part is text, or a reference.
type part struct {
	text      string
	reference apigw.Value // nil in text
}

// ParseRequest reads an expression over the request:
//
//	$request.header.N, $request.querystring.N, $request.path.N, $request.path,
//	$request.body, $request.body.JSONPATH, $context.V, $stageVariables.V
//
// each also as ${…}, alone or between static text.
func ParseRequest(s string) (Expression, error) { return parseExpression(s, requestValue) }

// ParseResponse reads an expression over the integration's response: $response.header.N,
// $response.body, $response.body.JSONPATH, $context.V, $stageVariables.V and static text.
func ParseResponse(s string) (Expression, error) { return parseExpression(s, responseValue) }

// String is the expression as it was written.
func (e Expression) String() string { return e.source }

// Static tells expressions without references.
func (e Expression) Static() bool {
	return len(e.parts) == 0 || len(e.parts) == 1 && e.parts[0].reference == nil
}

// Resolve fills in the references. Several values of a header or query parameter are joined with
// commas. ok is false where one of the references leads to nothing.
func (e Expression) Resolve(x *apigw.Exchange) (value string, ok bool) {
	if len(e.parts) == 1 {
		return e.parts[0].resolve(x)
	}
	var b strings.Builder
	for _, p := range e.parts {
		v, ok := p.resolve(x)
		if !ok {
			return "", false
		}
		b.WriteString(v)
	}
	return b.String(), true
}

func (p part) resolve(x *apigw.Exchange) (string, bool) {
	if p.reference == nil {
		return p.text, true
	}
	switch values := p.reference(x); len(values) {
	case 0:
		return "", false
	case 1:
		return values[0], true
	default:
		return strings.Join(values, ","), true
	}
}

// ResolveJSON is Resolve for an expression that is JSON but for its references: what stands for one
// within a string is escaped, so that no client can end the string.
func (e Expression) ResolveJSON(x *apigw.Exchange) (value string, ok bool) {
	var b []byte
	quoted := false
	for _, p := range e.parts {
		v, ok := p.resolve(x)
		switch {
		case !ok:
			return "", false
		case p.reference == nil:
			b, quoted = append(b, v...), endsQuoted(v, quoted)
		case quoted:
			b = append(b, escaped(v)...)
		default:
			b = append(b, v...)
		}
	}
	return string(b), true
}

// endsQuoted tells whether a string of JSON is open after s, if one was before.
func endsQuoted(s string, quoted bool) bool {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted:
			i++
		}
	}
	return quoted
}

// escaped is s within a string of JSON.
func escaped(s string) []byte {
	b, err := jsonpath.AppendJSON(nil, s)
	if err != nil {
		return nil
	}
	return b[1 : len(b)-1]
}

func parseExpression(s string, of source) (Expression, error) {
	e := Expression{source: s}
	text := 0 // where the text begins that no part holds yet
	for i := 0; i < len(s); {
		name, n := cutReference(s[i:])
		if n == 0 {
			i++
			continue
		}
		v, err := of(name)
		if err != nil {
			return Expression{}, fmt.Errorf("%s: %w", s[i:i+n], err)
		}
		if text < i {
			e.parts = append(e.parts, part{text: s[text:i]})
		}
		e.parts = append(e.parts, part{reference: v})
		i += n
		text = i
	}
	if text < len(s) {
		e.parts = append(e.parts, part{text: s[text:]})
	}
	return e, nil
}

// cutReference reads a reference at the start of s and says how long it is; 0 for none. A dollar that
// no name follows is text.
func cutReference(s string) (name string, n int) {
	rest, ok := strings.CutPrefix(s, "$")
	if !ok {
		return "", 0
	}
	if braced, ok := strings.CutPrefix(rest, "{"); ok {
		if n = nameLen(braced, func(c byte) bool { return c != '}' }); n == len(braced) {
			return rest, len(s) // it has no end: no source has this name
		}
		return braced[:n], n + len("${}")
	}
	n = nameLen(rest, func(c byte) bool { return isNameByte(c) || c == '.' || c == '-' })
	for n > 0 && (rest[n-1] == '.' || rest[n-1] == '-') { // the name ends before: $request.header.a-$context.b
		n--
	}
	if n == 0 || '0' <= rest[0] && rest[0] <= '9' {
		return "", 0
	}
	return rest[:n], n + 1
}

// nameLen is how far a name reaches; what stands in brackets belongs to it.
func nameLen(s string, within func(byte) bool) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '[' && i > 0 {
			if end := strings.IndexByte(s[i:], ']'); end > 0 {
				i += end
				continue
			}
		}
		if !within(s[i]) {
			return i
		}
	}
	return len(s)
}

func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
