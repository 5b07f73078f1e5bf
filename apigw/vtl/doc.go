// Package vtl compiles and runs API Gateway's mapping templates: Velocity 1.7 with
// AWS's differences, $input, $util, $context and $stageVariables. It knows nothing of
// HTTP or of integrations. Read template.go first, then scope.go. lexer.go and parser.go follow
// Velocity's grammar; node.go, expression.go, reference.go and step.go are what a template is compiled to; the
// *methods.go files, util.go and input.go are what it can call.
package vtl
