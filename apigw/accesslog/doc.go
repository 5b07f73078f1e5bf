// Package accesslog compiles the format of an access log, text with $context variables in it, and
// prints the line of a call. It does not write the line anywhere. Read format.go first.
package accesslog
