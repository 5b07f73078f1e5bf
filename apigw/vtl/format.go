package vtl

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"postern/apigw/jsonpath"
)

var errFormat = errors.New("illegal format")

// A verb is one %-specification of String.format.
type verb struct {
	flags            string
	width, precision int // -1: none
	conversion       byte
}

// format is String.format for %s %S %d %x %X %o %c %b %f %e %E %g %n %%.
func (r *run) format(f string, args []any) (any, error) {
	var out []byte
	next := 0
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			out = append(out, f[i])
			continue
		}
		v, position, n, err := parseVerb(f[i+1:])
		if err != nil {
			return nil, err
		}
		i += n
		switch v.conversion {
		case '%':
			out = append(out, v.pad("%")...)
			continue
		case 'n':
			out = append(out, '\n')
			continue
		}
		at := position - 1
		if position == 0 {
			at = next
			next++
		}
		if at >= len(args) {
			return nil, errFormat
		}
		text, err := r.formatOne(v, args[at])
		if err != nil {
			return nil, err
		}
		out = append(out, text...)
		if len(out) > r.limit {
			return nil, errTooLarge
		}
	}
	return string(out), nil
}

// parseVerb reads what is behind a percent sign. position is that of %2$s, 0 for none.
func parseVerb(s string) (v verb, position, n int, err error) {
	v.width, v.precision = -1, -1
	number := func() int {
		k, start := 0, n
		for n < len(s) && isDigit(s[n]) {
			k = k*10 + int(s[n]-'0')
			n++
		}
		if n == start || n-start > 5 {
			return -1
		}
		return k
	}
	if k := number(); k > 0 && n < len(s) && s[n] == '$' {
		position = k
		n++
	} else {
		n = 0
	}
	for n < len(s) && strings.IndexByte("-#+ 0,(", s[n]) >= 0 {
		v.flags += s[n : n+1]
		n++
	}
	v.width = number()
	if n < len(s) && s[n] == '.' {
		n++
		if v.precision = number(); v.precision < 0 {
			return v, 0, 0, errFormat
		}
	}
	if n == len(s) {
		return v, 0, 0, errFormat
	}
	v.conversion = s[n]
	return v, position, n + 1, nil
}

func (v *verb) has(flag string) bool { return strings.Contains(v.flags, flag) }

func (v *verb) pad(s string) string {
	if n := v.width - length(s); n > 0 {
		if v.has("-") {
			return s + strings.Repeat(" ", n)
		}
		return strings.Repeat(" ", n) + s
	}
	return s
}

func (r *run) formatOne(v verb, a any) (string, error) {
	switch v.conversion {
	case 's', 'S':
		s, err := r.text(a)
		if v.precision >= 0 && v.precision < length(s) {
			cut, _, _ := slice(s, 0, v.precision)
			s = cut.(string)
		}
		if v.conversion == 'S' {
			s = strings.ToUpper(s)
		}
		return v.pad(s), err
	case 'b':
		b, ok := a.(bool)
		return v.pad(fmt.Sprint(b || !ok)), nil
	case 'c':
		switch c := a.(type) {
		case char:
			return v.pad(string(jsonpath.AppendUnit(nil, uint16(c)))), nil
		case int32:
			return v.pad(string(c)), nil
		}
	case 'd', 'x', 'X', 'o':
		return v.integer(a)
	case 'f', 'e', 'E', 'g':
		return v.float(a)
	}
	return "", errFormat
}

func (v *verb) integer(a any) (string, error) {
	switch a.(type) {
	case int32, int64, *big.Int:
	default:
		return "", errFormat
	}
	var s string
	switch n := a.(type) {
	case int32:
		s = fmt.Sprintf("%"+string(v.conversion), v.bits(int64(n), 32))
	case int64:
		s = fmt.Sprintf("%"+string(v.conversion), v.bits(n, 64))
	case *big.Int:
		s = fmt.Sprintf("%"+string(v.conversion), n)
	}
	return v.number(s), nil
}

// bits is n, for %x and %o the unsigned number of the same bits.
func (v *verb) bits(n int64, size int) any {
	switch {
	case v.conversion == 'd':
		return n
	case size == 32:
		return uint32(n)
	}
	return uint64(n)
}

func (v *verb) float(a any) (string, error) {
	switch a.(type) {
	case float64, *jsonpath.Decimal:
	default:
		return "", errFormat
	}
	f, _ := jsonpath.Float(a)
	precision := v.precision
	if precision < 0 {
		precision = 6
	}
	return v.number(fmt.Sprintf("%.*"+string(v.conversion), min(precision, 1000), f)), nil
}

// number applies sign, grouping and zero padding.
func (v *verb) number(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	} else if v.has("+") {
		sign = "+"
	} else if v.has(" ") {
		sign = " "
	}
	if v.has(",") {
		s = grouped(s)
	}
	if n := v.width - len(sign) - len(s); v.has("0") && n > 0 {
		s = strings.Repeat("0", n) + s
	}
	return v.pad(sign + s)
}

func grouped(s string) string {
	whole, fraction, dot := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		return whole + "." + fraction
	}
	return whole
}
