// Package auth decides who may use a method: authorizers, and the API's resource policy. Each is
// asked by a Guard, which joins what they say. Read guard.go first.
package auth
