// Package httpapi has what HTTP APIs do otherwise than REST APIs: events and responses of functions,
// requests to HTTP backends, parameter mapping and CORS. Calling and waiting is integration's.
//
// Read lambda.go first, then expression.go.
package httpapi
