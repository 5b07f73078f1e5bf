package jsonpath

import (
	"unicode/utf16"
	"unicode/utf8"
)

// AppendUnit appends one UTF-16 unit to a WTF-8 string: a low surrogate behind a high one makes
// the character the two stand for, a lone one is kept in three bytes.
func AppendUnit(dst []byte, u uint16) []byte {
	if u >= 0xD800 && u <= 0xDFFF {
		if n := len(dst); u >= 0xDC00 && n >= 3 && dst[n-3] == 0xED && dst[n-2] >= 0xA0 && dst[n-2] < 0xB0 {
			high := 0xD000 | rune(dst[n-2]&0x3F)<<6 | rune(dst[n-1]&0x3F)
			return utf8.AppendRune(dst[:n-3], utf16.DecodeRune(high, rune(u)))
		}
		return append(dst, 0xE0|byte(u>>12), 0x80|byte(u>>6)&0xBF, 0x80|byte(u&0x3F))
	}
	return utf8.AppendRune(dst, rune(u))
}

// DecodeUnit reads the first character of a non-empty WTF-8 string: a rune, which may be a
// surrogate, and its length in bytes. Bytes that are no UTF-8 read as U+FFFD, one at a time.
func DecodeUnit(s string) (rune, int) {
	if s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	if len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] < 0xC0 && s[2]&0xC0 == 0x80 {
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return utf8.DecodeRuneInString(s)
}
