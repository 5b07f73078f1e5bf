// Package openapi reads and writes Swagger 2.0 and OpenAPI 3.0 documents with API Gateway's
// extensions, and maps REST APIs and HTTP APIs to them and back.
//
// document.go and the trees below it (node.go, json.go, yaml.go) know documents and no service;
// rest.go is what a REST API consists of, readrest.go and writerest.go are its two directions; http.go,
// readhttp.go and writehttp.go are the same for HTTP APIs. read.go has what both have in common.
package openapi
