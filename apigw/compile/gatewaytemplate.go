package compile

import (
	"strings"

	"postern/apigw"
)

// compileGatewayTemplate compiles the body of a gateway response. It is not a mapping
// template: $context.… and $stageVariables.…, with braces or without, are replaced by their
// values and all else stays (API Gateway developer guide, "Set up gateway responses").
func compileGatewayTemplate(source string) func(*apigw.Exchange) string {
	var parts []gatewayPart
	literal := 0
	for i := 0; i < len(source); {
		part, n := cutReference(source[i:])
		if n == 0 {
			i++
			continue
		}
		parts = append(parts, gatewayPart{literal: source[literal:i]}, part)
		i += n
		literal = i
	}
	if parts == nil {
		return func(*apigw.Exchange) string { return source }
	}
	parts = append(parts, gatewayPart{literal: source[literal:]})
	return func(x *apigw.Exchange) string {
		var b strings.Builder
		for _, p := range parts {
			b.WriteString(p.text(x))
		}
		return b.String()
	}
}

// A gatewayPart is literal text, or the name of a variable.
type gatewayPart struct{ literal, context, variable string }

func (p gatewayPart) text(x *apigw.Exchange) string {
	var v string
	switch {
	case p.context != "":
		v, _ = x.Context(p.context)
	case p.variable != "":
		v, _ = x.Variable(p.variable)
	default:
		return p.literal
	}
	return v
}

// cutReference reads a reference at the start of s and says how long it is; 0 for none.
func cutReference(s string) (gatewayPart, int) {
	rest, ok := strings.CutPrefix(s, "$")
	if !ok {
		return gatewayPart{}, 0
	}
	rest, braced := strings.CutPrefix(rest, "{")
	path := rest[:pathLength(rest)]
	n := len(s) - len(rest) + len(path)
	if braced {
		if !strings.HasPrefix(rest[len(path):], "}") {
			return gatewayPart{}, 0
		}
		n++
	}
	if name, ok := strings.CutPrefix(path, "context."); ok {
		return gatewayPart{context: name}, n
	}
	if name, ok := strings.CutPrefix(path, "stageVariables."); ok {
		return gatewayPart{variable: name}, n
	}
	return gatewayPart{}, 0
}

// pathLength is how far names joined by dots reach. A dot that no name follows ends a sentence.
func pathLength(s string) int {
	n := 0
	for n < len(s) && (isNameByte(s[n]) || s[n] == '.' && n > 0 && n+1 < len(s) && isNameByte(s[n+1])) {
		n++
	}
	return n
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
