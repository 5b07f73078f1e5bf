// Package runtimeapi is the Lambda Runtime, Extensions and Telemetry API that one sandbox talks
// to, as an explicit state machine, and the life of an invocation around it: time-outs,
// crashes, START, END and REPORT. It starts and kills nothing itself: whoever
// starts the sandbox gives it a Kill function and tells it of the sandbox's end.
//
// server.go has the invocation and event.go its end, state.go the states, handler.go the
// calls; extension.go, extensionapi.go and shutdown.go have those of extensions; telemetry.go,
// subscription.go, delivery.go and platform.go what they are told; http.go and request.go the
// protocol under them.
// Source: the documentation of the APIs and AWS's Runtime Interface Emulator.
package runtimeapi
