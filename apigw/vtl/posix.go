package vtl

import "strings"

// posixClasses are Java's \p{…} that Go calls [:…:].
var posixClasses = map[string]string{
	"Lower": "lower", "Upper": "upper", "ASCII": "ascii", "Alpha": "alpha", "Digit": "digit", "Alnum": "alnum", "Punct": "punct",
	"Graph": "graph", "Print": "print", "Blank": "blank", "Cntrl": "cntrl", "XDigit": "xdigit", "Space": "space",
}

// goClasses replaces those in source, inside and outside of brackets.
func goClasses(source string) string {
	if !strings.Contains(source, "{") {
		return source
	}
	var b strings.Builder
	depth := 0
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case c == '\\' && i+1 < len(source):
			class, n := posixClass(source[i:])
			if n > 0 && depth == 0 {
				class = "[" + class + "]"
			}
			b.WriteString(class)
			i += max(n, 2) - 1
			continue
		case c == '[':
			depth++
		case c == ']' && depth > 0:
			depth--
		}
		b.WriteByte(source[i])
	}
	return b.String()
}

// posixClass translates \p{Name} or \P{Name} at the start of s and says how long it is; any other escape it returns
// as it is, with 0.
func posixClass(s string) (string, int) {
	end := strings.IndexByte(s, '}')
	if end < 3 || s[1]|0x20 != 'p' || s[2] != '{' || posixClasses[s[3:end]] == "" {
		return s[:2], 0
	}
	if s[1] == 'P' {
		return "[:^" + posixClasses[s[3:end]] + ":]", end + 1
	}
	return "[:" + posixClasses[s[3:end]] + ":]", end + 1
}
