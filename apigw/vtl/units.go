package vtl

import (
	"unicode/utf8"

	"postern/apigw/jsonpath"
)

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// length counts UTF-16 units.
func length(s string) int { return unitIndex(s, len(s)) }

// unitIndex makes an offset in bytes one in UTF-16 units; -1 stays.
func unitIndex(s string, at int) int {
	if at < 0 {
		return at
	}
	n := 0
	for i := 0; i < at; {
		c, size := jsonpath.DecodeUnit(s[i:])
		i += size
		n++
		if c > 0xFFFF {
			n++
		}
	}
	return n
}

// units is the string as Java has it.
func units(s string) []uint16 {
	out := make([]uint16, 0, len(s))
	for s != "" {
		c, n := jsonpath.DecodeUnit(s)
		s = s[n:]
		if c > 0xFFFF {
			c -= 0x10000
			out = append(out, uint16(0xD800+c>>10), uint16(0xDC00+c&0x3FF))
		} else {
			out = append(out, uint16(c))
		}
	}
	return out
}

func fromUnits(u []uint16) string {
	out := make([]byte, 0, len(u))
	for _, one := range u {
		out = jsonpath.AppendUnit(out, one)
	}
	return string(out)
}

// slice is substring.
func slice(s string, from, to int) (any, bool, error) {
	if ascii(s) {
		if from < 0 || to > len(s) || from > to {
			return nil, false, errRange
		}
		return s[from:to], true, nil
	}
	u := units(s)
	if from < 0 || to > len(u) || from > to {
		return nil, false, errRange
	}
	return fromUnits(u[from:to]), true, nil
}

func hasUnits(s, t []uint16, at int) bool {
	if at < 0 || at > len(s)-len(t) {
		return false
	}
	for i := range t {
		if s[at+i] != t[i] {
			return false
		}
	}
	return true
}

func indexFrom(s, t []uint16, from int) int {
	for i := max(from, 0); i <= len(s)-len(t); i++ {
		if hasUnits(s, t, i) {
			return i
		}
	}
	if len(t) == 0 {
		return len(s)
	}
	return -1
}

func lastIndexFrom(s, t []uint16, from int) int {
	for i := min(from, len(s)-len(t)); i >= 0; i-- {
		if hasUnits(s, t, i) {
			return i
		}
	}
	return -1
}

// compareUnits is compareTo: the difference of the first units that differ, or of the lengths.
func compareUnits(s, t string) int32 {
	a, b := units(s), units(t)
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return int32(a[i]) - int32(b[i])
		}
	}
	return int32(len(a) - len(b))
}

// hashCode is String.hashCode.
func hashCode(s string) int32 {
	var h int32
	for _, u := range units(s) {
		h = 31*h + int32(u)
	}
	return h
}
