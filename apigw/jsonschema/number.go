package jsonschema

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
)

// A bound is minimum or maximum.
type bound struct {
	limit     json.Number
	upper     bool // it is maximum
	exclusive bool // the limit itself is too much
}

func (b bound) check(v any, failed *report) {
	n, ok := v.(json.Number)
	if !ok {
		return
	}
	order := compare(n, b.limit)
	than, side, name := "greater", "lower", "minimum"
	if b.upper {
		order, than, side, name = -order, "lower", "greater", "maximum"
	}
	switch {
	case order < 0:
		failed.add("numeric instance is %s than the required %s (%s: %s, found: %s)", side, name, name, b.limit, n)
	case order == 0 && b.exclusive:
		failed.add("numeric instance is not strictly %s than the required %s %s", than, name, b.limit)
	}
}

// multipleOf is the keyword of that name.
type multipleOf json.Number

func (m multipleOf) check(v any, failed *report) {
	n, ok := v.(json.Number)
	if !ok {
		return
	}
	if !new(big.Rat).Quo(rational(n), rational(json.Number(m))).IsInt() {
		failed.add("remainder of division is not zero (%s / %s)", n, json.Number(m))
	}
}

// compare is -1 if a is less than b, 1 if it is more, else 0.
func compare(a, b json.Number) int {
	x, err := a.Int64()
	if err == nil {
		if y, err := b.Int64(); err == nil {
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		}
	}
	return rational(a).Cmp(rational(b))
}

// maxExponent keeps a number of a few bytes from taking gigabytes. Beyond it, and that is beyond what a double
// can be, numbers are as large or small as there.
const maxExponent = 400

// rational is the exact value of a number.
func rational(n json.Number) *big.Rat {
	s := n.String()
	if at := strings.IndexAny(s, "eE"); at >= 0 {
		switch e, err := strconv.Atoi(s[at+1:]); {
		case strings.HasPrefix(s[at+1:], "-") && (err != nil || e < -maxExponent):
			s = s[:at] + "e-" + strconv.Itoa(maxExponent)
		case err != nil || e > maxExponent:
			s = s[:at] + "e" + strconv.Itoa(maxExponent)
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return new(big.Rat) // not from a JSON document
	}
	return r
}
