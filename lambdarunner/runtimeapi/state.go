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

// The states that only an extension is in; it is also in starting, idle, running, failed and exited:
//
//	starting ──register──► registered ──next──► idle ──(an event)──► running ──next──► idle
//	registered ──init/error──► failed
//	registered, idle, running ──exit/error──► exitFailed
//	starting ──(it could not be started)──► unlaunched
//	any ──(the process ends)──► exited, or shutdownFailed if it had to be killed at the end
const (
	registered     state = "Registered"
	exitFailed     state = "ExitError"
	unlaunched     state = "LaunchError"
	shutdownFailed state = "ShutdownFailed"
)

// The calls of a runtime and of extensions, by the state that they lead to.
const (
	callNext      = "Ready"
	callInitError = "InitError"
	callRegister  = "Registered"
	callExitError = "Exited"
)

// allowed says from which states a call may come.
var allowed = map[string][]state{
	callNext:      {starting, idle, answered},
	callInitError: {starting},
}

// allowedOfExtension says it for extensions. An error reported again changes nothing.
var allowedOfExtension = map[string][]state{
	callRegister:  {starting},
	callNext:      {registered, running},
	callInitError: {registered, failed},
	callExitError: {registered, idle, running, exitFailed},
}
