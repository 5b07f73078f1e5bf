package apigw

import (
	"iter"
	"slices"
	"strings"
)

// A Reference names a variable in text that is not a mapping template: $context.error.message is
// the root "context" and the name "error.message".
type Reference struct{ Root, Name string }

// References cuts text at its references to roots, with braces or without. Each comes with the
// text before it; what follows the last one comes with none. All else is text.
func References(source string, roots ...string) iter.Seq2[string, Reference] {
	return func(yield func(string, Reference) bool) {
		literal := 0
		for i := 0; i < len(source); {
			r, n := cutReference(source[i:])
			if n == 0 || !slices.Contains(roots, r.Root) {
				i++
				continue
			}
			if !yield(source[literal:i], r) {
				return
			}
			i += n
			literal = i
		}
		yield(source[literal:], Reference{})
	}
}

// cutReference reads a reference at the start of s and says how long it is; 0 for none.
func cutReference(s string) (r Reference, n int) {
	rest, ok := strings.CutPrefix(s, "$")
	if !ok {
		return Reference{}, 0
	}
	rest, braced := strings.CutPrefix(rest, "{")
	path := rest[:pathLength(rest)]
	n = len(s) - len(rest) + len(path)
	if braced {
		if !strings.HasPrefix(rest[len(path):], "}") {
			return Reference{}, 0
		}
		n++
	}
	root, name, ok := strings.Cut(path, ".")
	if !ok {
		return Reference{}, 0
	}
	return Reference{root, name}, n
}

// pathLength is how far names joined by dots reach. A dot that no name follows ends a sentence.
func pathLength(s string) int {
	n := 0
	for n < len(s) && (isNameByte(s[n]) || s[n] == '.' && n > 0 && n+1 < len(s) && isNameByte(s[n+1])) {
		n++
	}
	return n
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
