package integration

import (
	"bytes"
	"fmt"
)

// EachMember walks the members of an object that is valid JSON.
func EachMember(doc []byte, visit func(key string, value []byte) error) error {
	doc = bytes.TrimSpace(doc)
	if doc[0] != '{' {
		return fmt.Errorf("is no object: %.40s", doc)
	}
	for rest := skipBlank(doc[1:]); rest[0] != '}'; {
		key := rest[:valueEnd(rest)]
		rest = skipBlank(skipBlank(rest[len(key):])[1:]) // the colon
		value := rest[:valueEnd(rest)]
		if err := visit(Unquote(key), value); err != nil {
			return err
		}
		rest = skipComma(rest[len(value):])
	}
	return nil
}

// EachElement walks the elements of an array that is valid JSON.
func EachElement(doc []byte, visit func(value []byte) error) error {
	if doc[0] != '[' {
		return fmt.Errorf("is no list: %.40s", doc)
	}
	for rest := skipBlank(doc[1:]); rest[0] != ']'; {
		value := rest[:valueEnd(rest)]
		if err := visit(value); err != nil {
			return err
		}
		rest = skipComma(rest[len(value):])
	}
	return nil
}

func skipComma(b []byte) []byte {
	if b = skipBlank(b); b[0] == ',' {
		b = skipBlank(b[1:])
	}
	return b
}

func skipBlank(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\t' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// valueEnd is where the value ends that valid JSON begins with.
func valueEnd(b []byte) int {
	switch b[0] {
	case '"':
		return stringEnd(b)
	case '{', '[':
		depth := 0
		for i := 0; ; i++ {
			switch b[i] {
			case '"':
				i += stringEnd(b[i:]) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	if end := bytes.IndexAny(b, ",]} \t\r\n"); end >= 0 {
		return end
	}
	return len(b)
}

func stringEnd(b []byte) int {
	for i := 1; ; {
		i += bytes.IndexByte(b[i:], '"')
		if !escaped(b[:i]) {
			return i + 1
		}
		i++
	}
}

// escaped reports whether what follows b stands behind an odd number of backslashes.
func escaped(b []byte) bool {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}
