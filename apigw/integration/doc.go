// Package integration holds what the steps of a REST API's method do from the request
// validator to the integration response: mapping expressions, templates, conversions between
// text and bytes, and the calls of the backends themselves.
//
// Its values are immutable and compiled once, by apigw/compile, which also puts them
// in order; at run time they only read and fill an Exchange. Read request.go, then response.go;
// lambda.go, http.go, httpproxy.go and mock.go are the backends.
package integration
