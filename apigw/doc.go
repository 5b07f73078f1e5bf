// Package apigw is the vocabulary of the invoke path: an Exchange is one call of a
// deployed API, a Stage is what serves it, a Step is one thing API Gateway does to
// it and a Rejection is how it ends early.
//
// A Stage is immutable and made by apigw/compile; apigw/gateway runs its steps.
// The package does no HTTP and imports nothing of ours. Read exchange.go, then step.go.
package apigw
