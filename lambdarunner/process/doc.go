// Package process runs functions as processes of this machine, with the interpreters
// that are here: a sandbox is a process group of its own, with a Runtime API listener
// on loopback and a private /tmp. It isolates nothing: a function can do what Postern
// can. lambdarunner/docker has containers.
//
// launcher.go starts sandboxes, reserve.go keeps an interpreter ready for the next one,
// command.go knows what to run for a runtime; client/ holds the Runtime API clients for Python,
// Node and Ruby that AWS's images have inside.
package process
