package accesslog

import (
	"strings"

	"postern/apigw"
)

// A Format is a compiled format. It is immutable.
type Format struct{ parts []part }

// A part is text as it is, or a variable.
type part struct {
	text     string
	variable variable
}

// A variable appends its value; what it does not append anything for prints as "-".
type variable func(dst []byte, x *apigw.Exchange) []byte

// Compile compiles a format: $context.name and ${context.name} are variables, all else stays. An
// unknown name has no value, as on AWS.
func Compile(format string) *Format {
	f := &Format{}
	literal := 0
	for i := 0; i < len(format); {
		name, n := cutVariable(format[i:])
		if n == 0 {
			i++
			continue
		}
		f.parts = append(f.parts, part{text: format[literal:i]}, part{variable: compileVariable(name)})
		i += n
		literal = i
	}
	f.parts = append(f.parts, part{text: format[literal:]})
	return f
}

// Append prints the line of a call that was answered.
func (f *Format) Append(dst []byte, x *apigw.Exchange) []byte {
	for i := range f.parts {
		p := &f.parts[i]
		if p.variable == nil {
			dst = append(dst, p.text...)
			continue
		}
		before := len(dst)
		if dst = p.variable(dst, x); len(dst) == before {
			dst = append(dst, '-')
		}
	}
	return dst
}

// cutVariable reads a variable at the start of s and says how long it is; 0 for none.
func cutVariable(s string) (name string, n int) {
	rest, ok := strings.CutPrefix(s, "$context.")
	braced := false
	if !ok {
		if rest, braced = strings.CutPrefix(s, "${context."); !braced {
			return "", 0
		}
	}
	name = rest[:nameLength(rest)]
	n = len(s) - len(rest) + len(name)
	if braced {
		if !strings.HasPrefix(rest[len(name):], "}") {
			return "", 0
		}
		n++
	}
	if name == "" {
		return "", 0
	}
	return name, n
}

// nameLength is how far names joined by dots reach. A dot that no name follows ends a sentence.
func nameLength(s string) int {
	n := 0
	for n < len(s) && (isNameByte(s[n]) || s[n] == '.' && n > 0 && n+1 < len(s) && isNameByte(s[n+1])) {
		n++
	}
	return n
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
