package vtl

import (
	"encoding/base64"
	"errors"
	"strings"

	"postern/apigw/jsonpath"
)

// callUtil is $util. Its methods take strings only.
func (r *run) callUtil(name string, args []any) (any, error) {
	s, ok := arg[string](args, 0)
	if !ok || len(args) != 1 {
		return nil, nil
	}
	switch name {
	case "escapeJavaScript":
		return escapeJavaScript(s), nil
	case "parseJson":
		return jsonpath.Decode([]byte(s))
	case "urlEncode":
		return urlEncode(s), nil
	case "urlDecode":
		return urlDecode(s)
	case "base64Encode":
		return base64.StdEncoding.EncodeToString(wellFormed([]byte(s), 0)), nil
	case "base64Decode":
		return base64Decode(s)
	}
	return nil, nil
}

// escapeJavaScript is commons-lang's: quotes of both kinds, slashes, and everything outside of ASCII.
func escapeJavaScript(s string) string {
	i := 0
	for i < len(s) && s[i] >= ' ' && s[i] < 0x7F && !strings.ContainsRune(`"'\/`, rune(s[i])) {
		i++
	}
	if i == len(s) {
		return s
	}
	out := append(make([]byte, 0, len(s)+16), s[:i]...)
	for _, u := range units(s[i:]) {
		switch {
		case u == '"' || u == '\'' || u == '\\' || u == '/':
			out = append(out, '\\', byte(u))
		case u >= ' ' && u < 0x7F:
			out = append(out, byte(u))
		default:
			out = appendControl(out, u)
		}
	}
	return string(out)
}

func appendControl(out []byte, u uint16) []byte {
	switch u {
	case '\b':
		return append(out, `\b`...)
	case '\n':
		return append(out, `\n`...)
	case '\t':
		return append(out, `\t`...)
	case '\f':
		return append(out, `\f`...)
	case '\r':
		return append(out, `\r`...)
	case 0x7F:
		return append(out, 0x7F)
	}
	const hex = "0123456789ABCDEF"
	return append(out, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
}

// urlEncode is java.net.URLEncoder with UTF-8.
func urlEncode(s string) string {
	out := make([]byte, 0, len(s)+len(s)/2)
	const hex = "0123456789ABCDEF"
	for _, c := range wellFormed([]byte(s), 0) {
		switch {
		case isLetter(c), isDigit(c), c == '.', c == '-', c == '*', c == '_':
			out = append(out, c)
		case c == ' ':
			out = append(out, '+')
		default:
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}

func urlDecode(s string) (any, error) {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(s) {
				return nil, errors.New("incomplete % sequence")
			}
			high, ok := unhex(s[i+1])
			low, ok2 := unhex(s[i+2])
			if !ok || !ok2 {
				return nil, errors.New("bad % sequence")
			}
			out = append(out, high<<4|low)
			i += 2
		default:
			out = append(out, c)
		}
	}
	return strings.ToValidUTF8(string(out), "\uFFFD"), nil
}

func unhex(c byte) (byte, bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return (c | 0x20) - 'a' + 10, true
	}
	return 0, false
}

// base64Decode takes text with all of its padding or none, and no line ends, as java.util.Base64 does.
func base64Decode(s string) (any, error) {
	encoding := base64.RawStdEncoding
	if strings.HasSuffix(s, "=") {
		encoding = base64.StdEncoding
	}
	out, err := encoding.DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("not base64")
	}
	return strings.ToValidUTF8(string(out), "\uFFFD"), nil
}
