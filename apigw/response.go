package apigw

import "io"

// A Response is what the client gets, but for the headers that API Gateway adds to
// every answer.
type Response struct {
	Status int
	Header Header
	Body   []byte
	// Stream is the body of an answer that is sent as it is produced, instead of Body. Whoever
	// writes the answer closes it, as does who gives it up.
	Stream io.ReadCloser
	// Cut is why the Stream ended before its end, nil if it did not: the connection ends with it.
	Cut error
	// Traced says that the backend was called, so that the answer shows the trace id.
	Traced bool
	// Function says that the backend was a function that answered: Lambda adds a segment
	// to the trace id.
	Function bool
}

// A Header is a list of header fields with names as they go over the wire:
// API Gateway keeps the case that a function or a mapping chose.
type Header []Field

// A Field is one header line.
type Field struct{ Name, Value string }

// Get returns the first value of a name in any case, or "".
func (h Header) Get(name string) string {
	for _, f := range h {
		if equalFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Has reports whether a name is there in any case.
func (h Header) Has(name string) bool {
	for _, f := range h {
		if equalFold(f.Name, name) {
			return true
		}
	}
	return false
}

// Add appends a field.
func (h *Header) Add(name, value string) { *h = append(*h, Field{name, value}) }

// Del removes all fields of a name in any case.
func (h *Header) Del(name string) {
	kept := (*h)[:0]
	for _, f := range *h {
		if !equalFold(f.Name, name) {
			kept = append(kept, f)
		}
	}
	*h = kept
}

// Set replaces all fields of a name in any case.
func (h *Header) Set(name string, values ...string) {
	h.Del(name)
	for _, v := range values {
		h.Add(name, v)
	}
}

// equalFold compares header names, which are ASCII.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
