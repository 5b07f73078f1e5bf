package vtl

import (
	"math"
	"math/big"

	"postern/apigw/jsonpath"
)

// maxScale is the exponent up to which decimals are calculated exactly; beyond it their
// floating-point values are.
const maxScale = 10_000

var ten = big.NewInt(10)

// toDecimal is new BigDecimal(v) by way of the number's text.
func toDecimal(v any) *jsonpath.Decimal {
	switch n := v.(type) {
	case *jsonpath.Decimal:
		return n
	case float64:
		return floatDecimal(n)
	}
	return &jsonpath.Decimal{Unscaled: bigInt(v)}
}

func floatDecimal(f float64) *jsonpath.Decimal {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return &jsonpath.Decimal{Unscaled: new(big.Int)}
	}
	text := string(jsonpath.AppendNumber(nil, f))
	for len(text) <= 18 { // leading zeros make json-smart's rule choose a decimal
		if text[0] == '-' {
			text = "-0" + text[1:]
		} else {
			text = "0" + text
		}
	}
	n, _ := jsonpath.Number(text)
	d, ok := n.(*jsonpath.Decimal)
	if !ok {
		return &jsonpath.Decimal{Unscaled: new(big.Int)}
	}
	return d
}

// align gives two decimals one scale.
func align(a, b *jsonpath.Decimal) (x, y *big.Int, scale int) {
	x, y = a.Unscaled, b.Unscaled
	switch {
	case a.Scale < b.Scale:
		x = new(big.Int).Mul(x, power(b.Scale-a.Scale))
	case b.Scale < a.Scale:
		y = new(big.Int).Mul(y, power(a.Scale-b.Scale))
	}
	return x, y, max(a.Scale, b.Scale)
}

func power(n int) *big.Int { return new(big.Int).Exp(ten, big.NewInt(int64(n)), nil) }

func inBounds(a, b *jsonpath.Decimal) bool {
	for _, d := range [...]*jsonpath.Decimal{a, b} {
		if d.Scale > maxScale || d.Scale < -maxScale || d.Unscaled.BitLen() > maxBits {
			return false
		}
	}
	return true
}

func calculateDecimal(op kind, a, b *jsonpath.Decimal) any {
	if !inBounds(a, b) {
		x, _ := jsonpath.Float(a)
		y, _ := jsonpath.Float(b)
		return calculateFloat(op, x, y)
	}
	if op == kTimes {
		return &jsonpath.Decimal{Unscaled: new(big.Int).Mul(a.Unscaled, b.Unscaled), Scale: a.Scale + b.Scale}
	}
	x, y, scale := align(a, b)
	v := new(big.Int)
	switch op {
	case kPlus:
		v.Add(x, y)
	case kMinus:
		v.Sub(x, y)
	default:
		if y.Sign() == 0 {
			return nil
		}
		if op == kModulo {
			return &jsonpath.Decimal{Unscaled: v.Rem(x, y), Scale: scale}
		}
		return divideDecimal(x, y, a.Scale)
	}
	return &jsonpath.Decimal{Unscaled: v, Scale: scale}
}

// divideDecimal keeps the scale of the dividend and rounds half down, as MathUtils has it.
func divideDecimal(x, y *big.Int, scale int) *jsonpath.Decimal {
	sign := x.Sign() * y.Sign()
	n, d := new(big.Int).Abs(x), new(big.Int).Abs(y)
	if scale >= 0 {
		n.Mul(n, power(scale))
	} else {
		d.Mul(d, power(-scale))
	}
	q, rest := new(big.Int).QuoRem(n, d, new(big.Int))
	if rest.Lsh(rest, 1).Cmp(d) > 0 {
		q.Add(q, big.NewInt(1))
	}
	if sign < 0 {
		q.Neg(q)
	}
	return &jsonpath.Decimal{Unscaled: q, Scale: scale}
}

func compareDecimals(a, b *jsonpath.Decimal) int {
	if !inBounds(a, b) {
		x, _ := jsonpath.Float(a)
		y, _ := jsonpath.Float(b)
		return compareOrdered(x, y)
	}
	x, y, _ := align(a, b)
	return x.Cmp(y)
}
