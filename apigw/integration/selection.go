package integration

import (
	"fmt"
	"strconv"
	"strings"

	"postern/apigw"
)

// A Selection is a selection expression of a WebSocket API: text with variables in it, whose value is
// a key of something. (API Gateway developer guide, "WebSocket selection expressions", read 2026-11.)
type Selection struct {
	parts []selectionPart
}

// A selectionPart is text as it is, or a variable.
type selectionPart struct {
	text  string
	value apigw.Value // nil in text
}

// CompileSelection compiles an expression. A variable is $name or ${name}, and \$ is a dollar sign;
// $default, which is meant as the key, is accepted without the backslash.
func CompileSelection(expression string) (*Selection, error) {
	s := &Selection{}
	text := strings.Builder{}
	for rest := expression; rest != ""; {
		switch {
		case strings.HasPrefix(rest, `\$`):
			text.WriteByte('$')
			rest = rest[2:]
			continue
		case rest[0] != '$' || strings.HasPrefix(rest, apigw.DefaultRoute):
			text.WriteByte(rest[0])
			rest = rest[1:]
			continue
		}
		name, after, err := cutSelected(rest[1:])
		if err != nil {
			return nil, err
		}
		value, err := selectedValue(name)
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, selectionPart{text: text.String()}, selectionPart{value: value})
		text.Reset()
		rest = after
	}
	s.parts = append(s.parts, selectionPart{text: text.String()})
	return s, nil
}

// cutSelected reads the name of a variable behind its dollar sign.
func cutSelected(s string) (name, after string, err error) {
	if braced, ok := strings.CutPrefix(s, "{"); ok {
		name, after, ok = strings.Cut(braced, "}")
		if !ok {
			return "", "", fmt.Errorf("${%s is not closed", braced)
		}
		return name, after, nil
	}
	n := 0
	for n < len(s) && isSelectedByte(s[n]) {
		n++
	}
	return s[:n], s[n:], nil
}

func isSelectedByte(c byte) bool {
	return strings.IndexByte("._-[]*", c) >= 0 || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// selectedValue is the value of a variable: request.{body|header|querystring}.…,
// integration.response.{statuscode|header|multivalueheader|body}.…, context.…, stageVariables.…
func selectedValue(name string) (apigw.Value, error) {
	if v, ok := commonValue(name); ok && !strings.HasPrefix(name, "'") {
		return v, nil
	}
	if of, ok := strings.CutPrefix(name, "request."); ok {
		if v, err := requestValue(of); v != nil || err != nil {
			return v, err
		}
	}
	if name == "integration.response.statuscode" {
		return func(x *apigw.Exchange) []string { return []string{strconv.Itoa(x.Endpoint.Response.Status)} }, nil
	}
	if strings.HasPrefix(name, "integration.response.") {
		return ResponseValue(name)
	}
	return nil, fmt.Errorf("$%s is no variable of a selection expression", name)
}

// Key is the value of the expression for an Exchange; ok is false where something that it names is
// not there.
func (s *Selection) Key(x *apigw.Exchange) (key string, ok bool) {
	if len(s.parts) == 1 {
		return s.parts[0].text, true
	}
	var b strings.Builder
	for _, p := range s.parts {
		if p.value == nil {
			b.WriteString(p.text)
			continue
		}
		values := p.value(x)
		if len(values) == 0 {
			return "", false
		}
		b.WriteString(values[len(values)-1])
	}
	return b.String(), true
}
