// Package route finds the method of a REST API that answers a verb and a path.
//
// It knows API Gateway's precedence and its treatment of slashes and
// percent-encoding, and nothing of HTTP, stages or integrations. Read tree.go.
package route
