// Package iam serves the roles and policies of IAM that functions and APIs name.
// It keeps them as AWS would; it decides about no request by them.
//
// Read service.go first, then role.go.
package iam
