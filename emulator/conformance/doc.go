// Package conformance tests services against what AWS was seen or is documented to do: it runs their scripts and
// sends operations what cannot be. Only tests import it. Read script.go, then input.go.
package conformance
