// Package httpapi holds what is HTTP APIs' own: mapping expressions. Read expression.go.
package httpapi
