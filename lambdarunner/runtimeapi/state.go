package runtimeapi

// A state is where the runtime inside the sandbox is. Only the runtime's own calls
// and its end change it:
//
//	starting ──next──► idle ──(an event)──► running ──response|error──► answered ──next──► idle
//	running ──next──► running: the same event again
//	starting ──init/error──► failed
//	any ──(the process ends)──► exited
type state string

const (
	starting state = "Started" // the names AWS's emulator prints
	idle     state = "Ready"
	running  state = "Running"
	answered state = "InvocationResponse"
	failed   state = "InitError"
	exited   state = "Exited"
)

// The calls of a runtime.
const (
	callNext      = "Ready"
	callInitError = "InitError"
)

// allowed says from which states a call may come.
var allowed = map[string][]state{
	callNext:      {starting, idle, answered},
	callInitError: {starting},
}
