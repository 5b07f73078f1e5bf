package integration

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

const hexDigits = "0123456789ABCDEF"

// AppendString appends s as a JSON string, written as API Gateway's JSON library writes it:
// nothing is escaped that does not have to be. Bytes that are not UTF-8 become U+FFFD.
func AppendString[T string | []byte](b []byte, s T) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			if size := sequence(s[i:min(len(s), i+utf8.UTFMax)]); size > 0 {
				i += size
				continue
			}
			b = append(append(b, s[start:i]...), "\uFFFD"...)
			i++
			start = i
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = appendEscape(append(b, s[start:i]...), c)
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// sequence is the length of the UTF-8 sequence that s begins with, 0 if it is none.
func sequence[T string | []byte](s T) int {
	r, size := utf8.DecodeRuneInString(string(s))
	if r == utf8.RuneError && size <= 1 {
		return 0
	}
	return size
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\t':
		return append(b, '\\', 't')
	case '\n':
		return append(b, '\\', 'n')
	case '\f':
		return append(b, '\\', 'f')
	case '\r':
		return append(b, '\\', 'r')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// Unquote decodes a string of valid JSON in UTF-8. A lone surrogate becomes U+FFFD.
func Unquote(quoted []byte) string {
	s := quoted[1 : len(quoted)-1]
	next := bytes.IndexByte(s, '\\')
	if next < 0 {
		return string(s)
	}
	b := make([]byte, 0, len(s))
	for ; next >= 0; next = bytes.IndexByte(s, '\\') {
		b = append(b, s[:next]...)
		b, s = appendUnescaped(b, s[next+1:])
	}
	return string(append(b, s...))
}

// appendUnescaped decodes the escape whose backslash stood before s.
func appendUnescaped(b, s []byte) (decoded, rest []byte) {
	c, rest := s[0], s[1:]
	switch c {
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		r, rest := hexRune(rest), rest[4:]
		if utf16.IsSurrogate(r) && len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
			if pair := utf16.DecodeRune(r, hexRune(rest[2:])); pair != utf8.RuneError {
				return utf8.AppendRune(b, pair), rest[6:]
			}
		}
		return utf8.AppendRune(b, r), rest
	}
	return append(b, c), rest
}

func hexRune(s []byte) (r rune) {
	for _, c := range s[:4] {
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c | 0x20 - 'a' + 10
		}
		r = r<<4 | rune(c)
	}
	return r
}
