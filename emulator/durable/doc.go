// Package durable is the engine of Lambda's durable executions: it keeps what a
// durable function has checkpointed, and invokes it again when something that it
// waits for is done.
//
// An execution, its operations and the events of its history are documents of the
// store. Every change of one is a transaction; what follows from it (an invocation,
// a timer, an answer to who waits) is done when that is on disk, and again after a
// restart where it was not. Nothing runs while there is nothing due.
//
// It does not run functions and does not know how they are stored: its user gives
// it a Runner. It checks and answers the operations of the SDK that are about
// executions.
//
// Read execution.go for what is kept, change.go for how it changes, checkpoint.go
// and update.go for what a function may do to its operations, and invocation.go for
// the function's turns.
package durable
