// Package domain finds the custom domain name that a request came to, and there the API,
// stage and path that it is for.
//
// It knows names and paths alone: who the caller is and what the stage does is for others.
// A Registry may be read by any number of requests while names come and go; its look-ups cost
// the same however many there are. Read domain.go first.
package domain
