// Package auth decides who may use a method or route: authorizers, and the API's resource policy. Each is
// asked by a Guard, which joins what they say, for APIs of every kind. A Lambda asks a function
// and remembers its answers; what passes between the two is its Format. UserPools and JWT look at tokens, Signed at
// signatures. Read guard.go first.
package auth
