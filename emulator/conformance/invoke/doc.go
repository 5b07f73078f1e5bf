// Package invoke tests deployed REST APIs against what AWS was seen or is documented to answer. It has no code but
// that of its test, which runs the scripts in testdata: see invoke_test.go.
package invoke
