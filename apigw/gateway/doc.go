// Package gateway is the HTTP front of deployed APIs: it finds the stage that a
// request's host and path name, runs the steps of the method, and writes the answer.
// It decides nothing about APIs itself: stages come compiled.
//
// gateway.go has the way of a request, target.go the forms of an invoke URL, stages.go
// what is published, render.go how answers and rejections are written.
package gateway
