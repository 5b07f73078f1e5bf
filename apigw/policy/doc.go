// Package policy reads IAM policy documents and decides what they say of a request: identity
// policies, resource policies, and the policies that Lambda authorizers return. It knows one
// document at a time; how several are joined is for its caller. Read document.go, then evaluate.go.
package policy
