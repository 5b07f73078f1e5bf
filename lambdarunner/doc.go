// Package lambdarunner runs functions: a Pool reuses warm sandboxes, starts more for
// more invocations at once, and ends what is idle, outdated or dead. It knows nothing of
// API Gateway, of AWS's wire format or of how a sandbox is made: a Launcher does that, of
// which process and docker have one each.
//
// function.go has the vocabulary, sandbox.go the contract with launchers, pool.go the
// way of an invocation, start.go and ahead.go when sandboxes start, warm.go what becomes of them between invocations.
package lambdarunner
