package jsonpath

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// A Decimal is Java's BigDecimal: Unscaled × 10^-Scale.
type Decimal struct {
	Unscaled *big.Int
	Scale    int
}

// maxExponent bounds a Decimal's exponent; Java's is bound by int.
const maxExponent = 1 << 30

// Number types the text of a number as json-smart does, and says whether it is one.
func Number(text string) (any, bool) {
	digits, fraction := scanNumber(text)
	switch {
	case digits == 0:
		return nil, false
	case !fraction:
		return integer(text)
	case len(text) > 18:
		return decimal(text)
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil || math.IsInf(f, 0)
}

// scanNumber counts the digits and says whether there is a dot or exponent; 0 digits is no number.
func scanNumber(s string) (digits int, fraction bool) {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	run := func() int {
		n := 0
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i, n = i+1, n+1
		}
		return n
	}
	digits = run()
	if i < len(s) && s[i] == '.' {
		i++
		fraction = true
		digits += run()
	}
	if digits > 0 && i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		fraction = true
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if run() == 0 {
			return 0, false
		}
	}
	if i < len(s) {
		return 0, false
	}
	return digits, fraction
}

func integer(text string) (any, bool) {
	if len(text) < 20 {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return Int(n), true
		}
	}
	n, ok := new(big.Int).SetString(text, 10)
	if ok && n.IsInt64() {
		return Int(n.Int64()), true
	}
	return n, ok
}

// Int is n as an int32 if it fits, else as an int64.
func Int(n int64) any {
	if n == int64(int32(n)) {
		return int32(n)
	}
	return n
}

func decimal(text string) (any, bool) {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		e, err := strconv.Atoi(text[i+1:])
		if err != nil || e > maxExponent || e < -maxExponent {
			return nil, false
		}
		mantissa, exponent = text[:i], e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	return &Decimal{n, len(fraction) - exponent}, ok
}

// Float is the nearest float64 of a number of any type, and whether v is a number.
func Float(v any) (float64, bool) {
	switch n := v.(type) {
	case int32:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	case *big.Int:
		f, _ := new(big.Float).SetInt(n).Float64()
		return f, true
	case *Decimal:
		f, _ := strconv.ParseFloat(string(AppendNumber(nil, n)), 64)
		return f, true
	}
	return 0, false
}

// AppendNumber prints a number as Java's toString does; v must be one.
func AppendNumber(dst []byte, v any) []byte {
	switch n := v.(type) {
	case int32:
		return strconv.AppendInt(dst, int64(n), 10)
	case int64:
		return strconv.AppendInt(dst, n, 10)
	case *big.Int:
		return n.Append(dst, 10)
	case float64:
		return appendFloat(dst, n)
	case *Decimal:
		return n.append(dst)
	}
	return dst
}

// appendFloat is Double.toString: at least one digit behind the dot, scientific outside 10^-3 to 10^7.
func appendFloat(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case abs == 0 || abs >= 1e-3 && abs < 1e7:
		start := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		if !strings.Contains(string(dst[start:]), ".") {
			dst = append(dst, '.', '0')
		}
		return dst
	}
	text := strconv.FormatFloat(f, 'e', -1, 64)
	if text[1] == 'e' || text[2] == 'e' { // Java takes the best of two digits: 4.9E-324
		text = strconv.FormatFloat(f, 'e', 1, 64)
	}
	mantissa, exponent, _ := strings.Cut(text, "e")
	dst = append(dst, mantissa...)
	if !strings.Contains(mantissa, ".") {
		dst = append(dst, '.', '0')
	}
	dst = append(dst, 'E')
	e, _ := strconv.Atoi(exponent)
	return strconv.AppendInt(dst, int64(e), 10)
}

// append is BigDecimal.toString.
func (d *Decimal) append(dst []byte) []byte {
	if d.Unscaled.Sign() < 0 {
		dst = append(dst, '-')
	}
	digits := new(big.Int).Abs(d.Unscaled).String()
	adjusted := len(digits) - 1 - d.Scale
	switch {
	case d.Scale == 0:
		return append(dst, digits...)
	case d.Scale > 0 && adjusted >= -6:
		if n := d.Scale - len(digits) + 1; n > 0 {
			digits = strings.Repeat("0", n) + digits
		}
		dot := len(digits) - d.Scale
		dst = append(dst, digits[:dot]...)
		dst = append(dst, '.')
		return append(dst, digits[dot:]...)
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(dst, '.')
		dst = append(dst, digits[1:]...)
	}
	if adjusted != 0 {
		dst = append(dst, 'E')
		if adjusted > 0 {
			dst = append(dst, '+')
		}
		dst = strconv.AppendInt(dst, int64(adjusted), 10)
	}
	return dst
}
