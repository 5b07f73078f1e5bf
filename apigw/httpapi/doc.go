// Package httpapi holds what is HTTP APIs' own: mapping expressions. Read parameter.go.
package httpapi
