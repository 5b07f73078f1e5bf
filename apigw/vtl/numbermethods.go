package vtl

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"postern/apigw/jsonpath"
)

// callNumber is Integer, Long, Double, BigInteger and BigDecimal. Static methods are called on a value, as
// templates do: $n.parseInt('7').
func (r *run) callNumber(on any, name string, args []any) (any, error) {
	switch len(args) {
	case 0:
		return callNumber0(on, name), nil
	case 1:
		if name == "equals" {
			return equals(on, args[0]), nil
		}
		if name == "compareTo" {
			if numberRank(on) != numberRank(args[0]) {
				return nil, nil
			}
			order, _ := compareNumbers(on, args[0])
			return int32(order), nil
		}
	}
	if numberRank(on) == rankDouble {
		return staticDouble(name, args)
	}
	return staticInteger(on, name, args)
}

func callNumber0(on any, name string) any {
	switch name {
	case "toString":
		return string(jsonpath.AppendNumber(nil, on))
	case "intValue":
		return intValue(on)
	case "longValue":
		return long(on)
	case "shortValue":
		return int32(int16(long(on)))
	case "byteValue":
		return int32(int8(long(on)))
	case "doubleValue":
		f, _ := jsonpath.Float(on)
		return f
	case "floatValue":
		f, _ := jsonpath.Float(on)
		short, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
		return short
	case "hashCode":
		return numberHash(on)
	}
	if f, ok := on.(float64); ok {
		switch name {
		case "isNaN":
			return math.IsNaN(f)
		case "isInfinite":
			return math.IsInf(f, 0)
		}
	}
	return nil
}

// intValue cuts long integers to their low bits and saturates doubles, as Java's casts do.
func intValue(v any) int32 {
	if f, ok := v.(float64); ok {
		return int32(max(math.MinInt32, min(math.MaxInt32, long(f))))
	}
	return int32(long(v))
}

func numberHash(v any) int32 {
	switch n := v.(type) {
	case int32:
		return n
	case int64:
		return int32(n ^ int64(uint64(n)>>32))
	case float64:
		b := math.Float64bits(n)
		return int32(b ^ b>>32)
	}
	return 0
}

func staticDouble(name string, args []any) (any, error) {
	if text, ok := arg[string](args, 0); ok && len(args) == 1 {
		switch name {
		case "parseDouble", "valueOf":
			f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil && !math.IsInf(f, 0) {
				return nil, errors.New("not a number: " + quote(text))
			}
			return f, nil
		}
		return nil, nil
	}
	a, ok := floatArg(args, 0)
	if !ok {
		return nil, nil
	}
	if len(args) == 1 {
		switch name {
		case "toString":
			return string(jsonpath.AppendNumber(nil, a)), nil
		case "valueOf":
			return a, nil
		case "isNaN":
			return math.IsNaN(a), nil
		case "isInfinite":
			return math.IsInf(a, 0), nil
		}
		return nil, nil
	}
	b, ok := floatArg(args, 1)
	if !ok || len(args) != 2 {
		return nil, nil
	}
	switch name {
	case "max":
		return max(a, b), nil
	case "min":
		return min(a, b), nil
	case "sum":
		return a + b, nil
	case "compare":
		return int32(compareOrdered(a, b)), nil
	}
	return nil, nil
}

func floatArg(args []any, i int) (float64, bool) {
	if i >= len(args) {
		return 0, false
	}
	switch n := args[i].(type) {
	case float64:
		return n, true
	case int32:
		return float64(n), true
	case int64:
		return float64(n), true
	}
	return 0, false
}

// An integerClass is Integer or Long: what its static methods take and return.
type integerClass struct {
	bits  int
	parse string
}

func (c integerClass) box(n int64) any {
	if c.bits == 32 {
		return int32(n)
	}
	return n
}

func (c integerClass) arg(args []any, i int) (int64, bool) {
	if i >= len(args) {
		return 0, false
	}
	switch n := args[i].(type) {
	case int32:
		return int64(n), true
	case int64:
		return n, c.bits == 64
	}
	return 0, false
}

func staticInteger(on any, name string, args []any) (any, error) {
	c := integerClass{32, "parseInt"}
	switch on.(type) {
	case int32:
	case int64:
		c = integerClass{64, "parseLong"}
	default:
		return nil, nil
	}
	if text, ok := arg[string](args, 0); ok {
		return c.parseText(name, text, args[1:])
	}
	a, ok := c.arg(args, 0)
	switch {
	case !ok:
		return nil, nil
	case len(args) == 1:
		return c.call1(name, a), nil
	}
	b, ok := c.arg(args, 1)
	if !ok || len(args) != 2 {
		return nil, nil
	}
	return c.call2(name, a, b), nil
}

func (c integerClass) parseText(name, text string, rest []any) (any, error) {
	base := int32(10)
	if len(rest) > 0 {
		var ok bool
		if base, ok = arg[int32](rest, 0); !ok || len(rest) > 1 {
			return nil, nil
		}
	}
	if name != c.parse && name != "valueOf" && (name != "decode" || len(rest) > 0) {
		return nil, nil
	}
	if base < 2 || base > 36 {
		return nil, errors.New("radix out of range")
	}
	n, err := strconv.ParseInt(text, int(base), c.bits)
	if err != nil {
		return nil, errors.New("not a number: " + quote(text))
	}
	return c.box(n), nil
}

func (c integerClass) call1(name string, a int64) any {
	unsigned := uint64(a)
	if c.bits == 32 {
		unsigned = uint64(uint32(a))
	}
	switch name {
	case "toString":
		return strconv.FormatInt(a, 10)
	case "valueOf":
		return c.box(a)
	case "toHexString":
		return strconv.FormatUint(unsigned, 16)
	case "toOctalString":
		return strconv.FormatUint(unsigned, 8)
	case "toBinaryString":
		return strconv.FormatUint(unsigned, 2)
	case "bitCount":
		return int32(bits.OnesCount64(unsigned))
	case "signum":
		return int32(big.NewInt(a).Sign())
	}
	return nil
}

func (c integerClass) call2(name string, a, b int64) any {
	switch name {
	case "toString":
		if b < 2 || b > 36 {
			b = 10
		}
		return strconv.FormatInt(a, int(b))
	case "max":
		return c.box(max(a, b))
	case "min":
		return c.box(min(a, b))
	case "sum":
		return c.box(a + b)
	case "compare":
		return int32(compareOrdered(a, b))
	}
	return nil
}
