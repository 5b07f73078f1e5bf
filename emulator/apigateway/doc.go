// Package apigateway serves the control plane of API Gateway's REST APIs: it
// checks and stores definitions, freezes them into deployments and tells a
// Publisher what stages are to serve. It answers no call of a deployed API.
//
// Read service.go first, then restapi.go and deployment.go; patch.go is what
// every Update operation does.
package apigateway
