// Package vtl compiles and runs API Gateway's mapping templates: Velocity 1.7 with
// AWS's differences, $input, $util, $context and $stageVariables. It knows nothing of
// HTTP or of integrations. Read template.go first, then scope.go; lexer.go and parser.go follow
// Velocity's grammar, the node_*.go files are what a template is compiled to.
package vtl
