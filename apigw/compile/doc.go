// Package compile makes the immutable *apigw.Stage that serves a deployment of its
// definition: it parses every template, mapping, pattern, schema and URI, and puts each
// method's steps in API Gateway's order.
//
// What AWS would accept and then answer 500 for compiles into a step that does the same,
// with a warning that names the place; what could not be on AWS at all is an error. No
// request is served here, and no other package of apigw knows the SDK's types. Read
// rest.go, then method.go.
package compile
