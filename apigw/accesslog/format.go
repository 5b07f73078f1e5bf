package accesslog

import "postern/apigw"

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
	for text, r := range apigw.References(format, "context") {
		f.parts = append(f.parts, part{text: text})
		if r.Name != "" {
			f.parts = append(f.parts, part{variable: compileVariable(r.Name)})
		}
	}
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
