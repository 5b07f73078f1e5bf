package jsonpath

import (
	"errors"
	"math"
	"math/big"
)

// MaxText bounds the text of one value: templates can nest a small value in itself many times over.
const MaxText = 32 << 20

// ErrTooLarge says that the text of a value would be longer than MaxText, or that it is nested
// too deeply, perhaps in itself.
var ErrTooLarge = errors.New("value too large or too deep to print")

// A Converter is a value of another package that may sit in an Array or Object; JSON
// returns what to print for it.
type Converter interface{ JSON() any }

// AppendJSON appends v as compact JSON text, as $input.json prints it. It escapes what json-smart
// escapes: quotes, backslashes, control characters and U+2000 to U+20FF.
func AppendJSON(dst []byte, v any) ([]byte, error) {
	return encoder{limit: len(dst) + MaxText}.value(dst, v, 0)
}

// AppendListText appends a list as JSONArray.toString does: AppendJSON with slashes escaped too.
func AppendListText(dst []byte, v any) ([]byte, error) {
	return encoder{limit: len(dst) + MaxText, slashes: true}.value(dst, v, 0)
}

type encoder struct {
	limit   int
	slashes bool
}

func (e encoder) value(dst []byte, v any, depth int) ([]byte, error) {
	if depth > maxDepth || len(dst) > e.limit {
		return dst, ErrTooLarge
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		if v {
			return append(dst, "true"...), nil
		}
		return append(dst, "false"...), nil
	case string:
		return e.text(dst, v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return append(dst, "null"...), nil
		}
		return AppendNumber(dst, v), nil
	case int32, int64, *big.Int, *Decimal:
		return AppendNumber(dst, v), nil
	case *Object:
		return e.object(dst, v, depth)
	case *Array:
		return e.array(dst, v, depth)
	case Converter:
		return e.value(dst, v.JSON(), depth+1)
	}
	return append(dst, "null"...), nil
}

func (e encoder) object(dst []byte, o *Object, depth int) ([]byte, error) {
	dst = append(dst, '{')
	for i, m := range o.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.text(dst, m.Name)
		dst = append(dst, ':')
		var err error
		if dst, err = e.value(dst, m.Value, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func (e encoder) array(dst []byte, a *Array, depth int) ([]byte, error) {
	dst = append(dst, '[')
	for i, item := range a.Items {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = e.value(dst, item, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (e encoder) text(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7F && c != '"' && c != '\\' && (c != '/' || !e.slashes) {
			i++
			continue
		}
		r, n := DecodeUnit(s[i:])
		if r < 0x7F || r <= 0x9F || r >= 0x2000 && r <= 0x20FF {
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, r)
			start = i + n
		}
		i += n
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\', '/':
		return append(dst, '\\', byte(r))
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	const hex = "0123456789ABCDEF"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
