// Package service knows the AWS services that API Gateway calls: what they are called and
// speak, where they answer here, and how a request to them is signed. It builds no
// integration request: that is apigw/integration. Start with client.go.
package service
