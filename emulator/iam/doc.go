// Package iam serves the users, groups, roles and policies of IAM, and says for calls of APIs what
// their callers may. Management requests are not decided by it.
//
// Read service.go first, then class.go, role.go and user.go; identity.go is what calls of APIs ask.
package iam
