// Package emulator is Postern as a value: Open it with a Config, serve its
// Handler, Close it. It is the only package that knows every part: it wires the
// control planes, the gateway, the function runner and the store together and
// holds no AWS behaviour of its own.
//
// Start reading at emulator.go; front.go shows where a request goes, publish.go
// how a deployment gets from the control plane to the gateway.
package emulator
