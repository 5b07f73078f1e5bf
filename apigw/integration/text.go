package integration

import (
	"strings"

	"postern/apigw"
)

// A Text is a string with stage variables in it, ${stageVariables.name}, as URIs, ARNs and
// connections have them. The zero Text is empty.
type Text struct {
	parts []textPart
	fixed string // the whole Text where it names no variable
}

type textPart struct {
	literal  string
	variable string // "" in a literal part
}

const variableStart = "${stageVariables."

// ParseText finds the stage variables in s. What only looks like one stays as it stands.
func ParseText(s string) Text {
	var parts []textPart
	literal := 0 // where the text begins that no part holds yet
	for i := 0; i < len(s); {
		name, after, ok := cutVariable(s[i:])
		if !ok {
			i++
			continue
		}
		parts = append(parts, textPart{literal: s[literal:i]}, textPart{variable: name})
		i = len(s) - len(after)
		literal = i
	}
	if parts == nil {
		return Text{fixed: s}
	}
	return Text{parts: append(parts, textPart{literal: s[literal:]})}
}

func cutVariable(s string) (name, after string, ok bool) {
	s, ok = strings.CutPrefix(s, variableStart)
	if !ok {
		return "", "", false
	}
	name, after, ok = strings.Cut(s, "}")
	return name, after, ok && isVariableName(name)
}

func isVariableName(s string) bool {
	for _, c := range []byte(s) {
		if !(c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z') {
			return false
		}
	}
	return s != ""
}

// Resolve fills in the variables of the stage. A variable that the stage does not have is
// empty, as on AWS, where the integration then fails with what is left of the text; so
// the error is always nil today and callers may treat it as a misconfiguration.
func (t Text) Resolve(x *apigw.Exchange) (string, error) {
	if t.parts == nil {
		return t.fixed, nil
	}
	var b strings.Builder
	for _, p := range t.parts {
		if p.variable == "" {
			b.WriteString(p.literal)
			continue
		}
		value, _ := x.Variable(p.variable)
		b.WriteString(value)
	}
	return b.String(), nil
}
