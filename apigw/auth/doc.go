// Package auth decides who may use a method: authorizers, and the API's resource policy. Each is
// asked by a Guard, which joins what they say. A Lambda asks a function
// and remembers its answers. Read guard.go first.
package auth
