// Package debugger has the ports at which debuggers find the functions that they step through. A port stays the
// same while sandboxes come and go.
package debugger
