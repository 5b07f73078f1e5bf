// Package lambda is the control plane of AWS Lambda and its Invoke: functions,
// versions, aliases, permissions and tags are documents of the store, and an
// invocation finds its function in a table in memory, checks the function's
// resource policy where somebody else calls, and hands it to the pool of
// sandboxes.
//
// It does not run code (lambdarunner does) and does not speak HTTP (wire does),
// but for one handler that serves deployment packages to whoever followed the
// Code.Location of GetFunction.
//
// Read service.go first, then function.go for the life of a function and
// resolve.go and invoke.go for the path of an invocation.
package lambda
