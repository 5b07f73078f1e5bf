// Package debuggertest has clients of debuggers, for tests.
package debuggertest
