package vtl

import (
	"math"
	"math/big"

	"postern/apigw/jsonpath"
)

type arithmetic struct {
	left, right expr
	op          kind
	literal     string // of right, which + prints for a null
}

func (n *arithmetic) truth(*run) (bool, error) { return false, nil }

// value is null for what is not two numbers (but for + with a string) and for a division by zero.
func (n *arithmetic) value(r *run) (any, error) {
	a, b, err := both(r, n.left, n.right)
	if err != nil {
		return nil, err
	}
	if n.op == kPlus && (isString(a) || isString(b)) {
		return n.concat(r, a, b)
	}
	if !isNumber(a) || !isNumber(b) {
		return nil, nil
	}
	return calculate(n.op, a, b), nil
}

func isString(v any) bool { _, ok := v.(string); return ok }

func (n *arithmetic) concat(r *run, a, b any) (any, error) {
	x, err := r.text(a)
	if err != nil {
		return nil, err
	}
	y := n.literal
	if b != nil {
		if y, err = r.text(b); err != nil {
			return nil, err
		}
	}
	if err := r.make(len(x) + len(y)); err != nil {
		return nil, err
	}
	return x + y, nil
}

// Numbers rank as in Velocity's MathUtils: the result of two has the class of the higher, integers widen where they overflow.
const (
	rankInt = iota
	rankLong
	rankBigInteger
	rankDouble
	rankBigDecimal
	rankNone
)

func numberRank(v any) int {
	switch v.(type) {
	case int32:
		return rankInt
	case int64:
		return rankLong
	case *big.Int:
		return rankBigInteger
	case float64:
		return rankDouble
	case *jsonpath.Decimal:
		return rankBigDecimal
	}
	return rankNone
}

func isNumber(v any) bool { return numberRank(v) != rankNone }

// base is the rank to calculate in. A BigInteger and a double make a BigDecimal.
func base(a, b any) int {
	x, y := numberRank(a), numberRank(b)
	if x != y && min(x, y) == rankBigInteger && max(x, y) == rankDouble {
		return rankBigDecimal
	}
	return max(x, y)
}

func calculate(op kind, a, b any) any {
	switch base(a, b) {
	case rankInt, rankLong:
		return calculateLong(op, long(a), long(b), numberRank(a) == rankInt && numberRank(b) == rankInt)
	case rankBigInteger:
		return calculateBig(op, bigInt(a), bigInt(b))
	case rankDouble:
		x, _ := jsonpath.Float(a)
		y, _ := jsonpath.Float(b)
		return calculateFloat(op, x, y)
	}
	return calculateDecimal(op, toDecimal(a), toDecimal(b))
}

func calculateLong(op kind, a, b int64, ints bool) any {
	var v int64
	overflow := false
	switch op {
	case kPlus:
		v = a + b
		overflow = (v^a)&(v^b) < 0
	case kMinus:
		v = a - b
		overflow = (a^b)&(a^v) < 0
	case kTimes:
		v = a * b
		overflow = b != 0 && (v/b != a || a == math.MinInt64 && b == -1)
	case kDivide, kModulo:
		if b == 0 {
			return nil
		}
		if op == kModulo {
			v = a % b
		} else {
			v = a / b
		}
	}
	switch {
	case overflow:
		return calculateBig(op, big.NewInt(a), big.NewInt(b))
	case ints:
		return jsonpath.Int(v)
	}
	return v
}

// maxBits bounds big integers, which a loop could square a thousand times.
const maxBits = 1 << 16

func calculateBig(op kind, a, b *big.Int) any {
	v := new(big.Int)
	switch op {
	case kPlus:
		v.Add(a, b)
	case kMinus:
		v.Sub(a, b)
	case kTimes:
		if a.BitLen()+b.BitLen() > maxBits {
			return nil
		}
		v.Mul(a, b)
	default:
		if b.Sign() == 0 {
			return nil
		}
		if op == kDivide {
			v.Quo(a, b)
		} else {
			v.Mod(a, new(big.Int).Abs(b))
		}
	}
	return v
}

func calculateFloat(op kind, a, b float64) any {
	switch op {
	case kPlus:
		return a + b
	case kMinus:
		return a - b
	case kTimes:
		return a * b
	}
	if b == 0 {
		return nil
	}
	if op == kDivide {
		return a / b
	}
	return math.Mod(a, b)
}

func long(v any) int64 {
	switch n := v.(type) {
	case int32:
		return int64(n)
	case int64:
		return n
	case *big.Int:
		return int64(new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)).Uint64())
	}
	f, _ := jsonpath.Float(v)
	switch {
	case f != f:
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

func bigInt(v any) *big.Int {
	if n, ok := v.(*big.Int); ok {
		return n
	}
	return big.NewInt(long(v))
}

// compareNumbers says how two numbers are ordered, and whether they are numbers.
func compareNumbers(a, b any) (int, bool) {
	if !isNumber(a) || !isNumber(b) {
		return 0, false
	}
	switch base(a, b) {
	case rankInt, rankLong:
		return compareOrdered(long(a), long(b)), true
	case rankBigInteger:
		return bigInt(a).Cmp(bigInt(b)), true
	case rankDouble:
		x, _ := jsonpath.Float(a)
		y, _ := jsonpath.Float(b)
		return compareOrdered(x, y), true
	}
	return compareDecimals(toDecimal(a), toDecimal(b)), true
}

func compareOrdered[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
