package vtl

import "strings"

// What is in this file recognizes one token, or a family of tokens, at the start of s. The
// len functions return 0 for none.

func matchPunctuation(b *best, s string) {
	switch s[0] {
	case '[':
		b.offer(kListOpen, 1)
	case ']':
		b.offer(kListClose, 1)
	case ',':
		b.offer(kComma, 1)
	case ':':
		b.offer(kColon, 1)
	case '{':
		b.offer(kCurlyOpen, 1)
	case '}':
		b.offer(kCurlyClose, 1)
	case '(':
		b.offer(kParenOpen, 1)
	case ')':
		b.offer(kParenClose, 1+lenBlankLine(s[1:]))
	case '.':
		if strings.HasPrefix(s, "..") {
			b.offer(kDoubleDot, 2)
		}
	}
}

func matchLiteral(b *best, s string) {
	n := 0
	for n < len(s) && isSpace(s[n]) {
		n++
	}
	b.offer(kSpace, n)
	if s[0] == '"' || s[0] == '\'' {
		b.offer(kString, lenString(s))
	}
	matchTruth(b, s)
}

func matchTruth(b *best, s string) {
	if strings.HasPrefix(s, "true") {
		b.offer(kTrue, 4)
	} else if strings.HasPrefix(s, "false") {
		b.offer(kFalse, 5)
	}
}

var operators = []struct {
	text string
	kind kind
}{
	{"-", kMinus}, {"+", kPlus}, {"*", kTimes}, {"/", kDivide}, {"%", kModulo},
	{"&&", kAnd}, {"and", kAnd}, {"||", kOr}, {"or", kOr},
	{"<", kLess}, {"lt", kLess}, {"<=", kLessEqual}, {"le", kLessEqual},
	{">", kGreater}, {"gt", kGreater}, {">=", kGreaterEqual}, {"ge", kGreaterEqual},
	{"==", kEqual}, {"eq", kEqual}, {"!=", kNotEqual}, {"ne", kNotEqual},
	{"!", kNot}, {"not", kNot}, {"=", kAssign},
}

func matchOperator(b *best, s string) {
	for _, o := range operators {
		if strings.HasPrefix(s, o.text) {
			b.offer(o.kind, len(o.text))
		}
	}
}

var controls = []struct {
	name string
	kind kind
	line bool // takes blanks and the line end behind it along
}{
	{"end", kEnd, true}, {"if", kIf, false}, {"elseif", kElseIf, false}, {"else", kElse, true}, {"stop", kStop, false},
}

func matchPreDirective(b *best, s string) {
	for _, c := range controls {
		n := 0
		if strings.HasPrefix(s, c.name) {
			n = len(c.name)
		} else if strings.HasPrefix(s, "{"+c.name+"}") {
			n = len(c.name) + 2
		}
		if n > 0 && c.line {
			n += lenBlankLine(s[n:])
		}
		b.offer(c.kind, n)
	}
}

func matchNumber(b *best, s string) {
	n := 0
	if s[0] == '-' {
		n = 1
	}
	digits := lenDigits(s[n:])
	whole := n + digits
	if digits > 0 {
		if strings.HasPrefix(s[whole:], "..") {
			b.offer(kInteger, whole+2)
		} else {
			b.offer(kInteger, whole)
		}
		b.offer(kFloat, withExponent(s, whole, true))
	}
	if whole < len(s) && s[whole] == '.' {
		fraction := lenDigits(s[whole+1:])
		if digits+fraction > 0 {
			b.offer(kFloat, withExponent(s, whole+1+fraction, false))
		}
	}
}

// withExponent is n plus the exponent at s[n:]; 0 if there has to be one and is not.
func withExponent(s string, n int, needed bool) int {
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		m := n + 1
		if m < len(s) && (s[m] == '+' || s[m] == '-') {
			m++
		}
		if d := lenDigits(s[m:]); d > 0 {
			return m + d
		}
	}
	if needed {
		return 0
	}
	return n
}

func matchWord(b *best, s string) {
	b.offer(kWord, lenWord(s))
	b.offer(kBracedWord, lenBracedWord(s))
}

func lenWord(s string) int {
	if s == "" || !isLetter(s[0]) && s[0] != '_' && s[0] != '@' {
		return 0
	}
	n := 1
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '_' || s[n] == '@') {
		n++
	}
	return n
}

func lenBracedWord(s string) int {
	if len(s) < 3 || s[0] != '{' || s[1] == '@' {
		return 0
	}
	n := 1 + lenWord(s[1:])
	if n == 1 || n >= len(s) || s[n] != '}' {
		return 0
	}
	return n + 1
}

func lenIdentifier(s string) int {
	if !isLetter(s[0]) && s[0] != '_' {
		return 0
	}
	n := 1
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '_' || s[n] == '-') {
		n++
	}
	return n
}

// lenDot wants a letter behind the dot; the letter is given back later.
func lenDot(s string) int {
	if s[0] == '.' && len(s) > 1 && isLetter(s[1]) {
		return 2
	}
	return 0
}

// lenSet is blanks, #set, blanks and the parenthesis.
func lenSet(s string) int {
	n := 0
	for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	switch {
	case strings.HasPrefix(s[n:], "#set"):
		n += 4
	case strings.HasPrefix(s[n:], "#{set}"):
		n += 6
	default:
		return 0
	}
	for n < len(s) && s[n] == ' ' {
		n++
	}
	if n < len(s) && s[n] == '(' {
		return n + 1
	}
	return 0
}

func lenEmptyIndex(s string) int {
	for _, p := range [...]string{"$[", "$![", `$\![`} {
		if strings.HasPrefix(s, p) {
			return len(p)
		}
	}
	return 0
}

// lenString is the longest string literal; a doubled quote is a quote.
func lenString(s string) int {
	quote, n := s[0], 0
	for i := 1; i < len(s); i++ {
		if s[i] != quote {
			continue
		}
		n = i + 1
		if n >= len(s) || s[n] != quote {
			return n
		}
		i++
	}
	return n
}

// lenBlankLine is blanks up to and with a line end.
func lenBlankLine(s string) int {
	n := 0
	for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	if e := lenLineEnd(s[n:]); e > 0 {
		return n + e
	}
	return 0
}

func lenLineEnd(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case s != "" && (s[0] == '\n' || s[0] == '\r'):
		return 1
	}
	return 0
}

func lenDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
