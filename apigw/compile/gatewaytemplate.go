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
	for text, r := range apigw.References(source, "context", "stageVariables") {
		parts = append(parts, gatewayPart{text, r})
	}
	if len(parts) == 1 {
		return func(*apigw.Exchange) string { return source }
	}
	return func(x *apigw.Exchange) string {
		var b strings.Builder
		for _, p := range parts {
			b.WriteString(p.literal)
			b.WriteString(p.value(x))
		}
		return b.String()
	}
}

// A gatewayPart is literal text and the variable that follows it, if one does.
type gatewayPart struct {
	literal  string
	variable apigw.Reference
}

func (p gatewayPart) value(x *apigw.Exchange) (v string) {
	switch p.variable.Root {
	case "context":
		v, _ = x.Context(p.variable.Name)
	case "stageVariables":
		v, _ = x.Variable(p.variable.Name)
	}
	return v
}
