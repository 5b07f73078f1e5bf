package policy

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A test compares a value of a request with one of a policy.
type test func(r *Request, value string) bool

// An operator makes tests of a policy's values.
type operator struct {
	negated bool
	compile func(wanted string) (test, error)
}

// operators by their names in lower case (IAM user guide, "IAM JSON policy elements: Condition
// operators").
var operators = map[string]*operator{
	"stringequals":              {false, stringEquals},
	"stringnotequals":           {true, stringEquals},
	"stringequalsignorecase":    {false, stringFold},
	"stringnotequalsignorecase": {true, stringFold},
	"stringlike":                {false, stringLike},
	"stringnotlike":             {true, stringLike},
	"numericequals":             {false, numeric(func(c int) bool { return c == 0 })},
	"numericnotequals":          {true, numeric(func(c int) bool { return c == 0 })},
	"numericlessthan":           {false, numeric(func(c int) bool { return c < 0 })},
	"numericlessthanequals":     {false, numeric(func(c int) bool { return c <= 0 })},
	"numericgreaterthan":        {false, numeric(func(c int) bool { return c > 0 })},
	"numericgreaterthanequals":  {false, numeric(func(c int) bool { return c >= 0 })},
	"dateequals":                {false, date(func(c int) bool { return c == 0 })},
	"datenotequals":             {true, date(func(c int) bool { return c == 0 })},
	"datelessthan":              {false, date(func(c int) bool { return c < 0 })},
	"datelessthanequals":        {false, date(func(c int) bool { return c <= 0 })},
	"dategreaterthan":           {false, date(func(c int) bool { return c > 0 })},
	"dategreaterthanequals":     {false, date(func(c int) bool { return c >= 0 })},
	"bool":                      {false, boolean},
	"binaryequals":              {false, binary},
	"ipaddress":                 {false, address},
	"notipaddress":              {true, address},
	"arnequals":                 {false, arnLike},
	"arnlike":                   {false, arnLike},
	"arnnotequals":              {true, arnLike},
	"arnnotlike":                {true, arnLike},
}

// expanded is a policy's value for the request; ok is false if a variable in it has none.
func expanded(r *Request, wanted string) (string, bool) {
	if !strings.Contains(wanted, "${") {
		return wanted, true
	}
	text, ok := expand(r, wanted)
	return strings.ReplaceAll(text, string(literal), ""), ok
}

func stringEquals(wanted string) (test, error) {
	return func(r *Request, value string) bool {
		text, ok := expanded(r, wanted)
		return ok && text == value
	}, nil
}

func stringFold(wanted string) (test, error) {
	return func(r *Request, value string) bool {
		text, ok := expanded(r, wanted)
		return ok && strings.EqualFold(text, value)
	}, nil
}

func stringLike(wanted string) (test, error) {
	p := newPattern(wanted, false)
	return p.match, nil
}

func numeric(holds func(int) bool) func(string) (test, error) {
	return func(wanted string) (test, error) {
		n, err := parseNumber(wanted)
		if err != nil {
			return nil, err
		}
		return func(_ *Request, value string) bool {
			v, err := parseNumber(value)
			return err == nil && holds(cmp.Compare(v, n))
		}, nil
	}
}

func parseNumber(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) {
		return 0, fmt.Errorf("%q is no number", text)
	}
	return n, nil
}

func date(holds func(int) bool) func(string) (test, error) {
	return func(wanted string) (test, error) {
		at, err := parseDate(wanted)
		if err != nil {
			return nil, err
		}
		return func(_ *Request, value string) bool {
			t, err := parseDate(value)
			return err == nil && holds(t.Compare(at))
		}, nil
	}
}

// parseDate reads an ISO 8601 date or seconds since 1970.
func parseDate(text string) (time.Time, error) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) > 4 {
		return time.Unix(seconds, 0), nil
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date", text)
}

func boolean(wanted string) (test, error) {
	return func(_ *Request, value string) bool { return strings.EqualFold(wanted, value) }, nil
}

func binary(wanted string) (test, error) {
	b, err := base64.StdEncoding.DecodeString(wanted)
	if err != nil {
		return nil, err
	}
	return func(_ *Request, value string) bool {
		v, err := base64.StdEncoding.DecodeString(value)
		return err == nil && bytes.Equal(v, b)
	}, nil
}

func address(wanted string) (test, error) {
	prefix, err := parsePrefix(wanted)
	if err != nil {
		return nil, err
	}
	return func(_ *Request, value string) bool {
		a, err := netip.ParseAddr(value)
		return err == nil && prefix.Contains(a.Unmap())
	}, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), err
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// arnLike compares the six parts of an ARN each for itself; the last may have more colons.
func arnLike(wanted string) (test, error) {
	return func(r *Request, value string) bool {
		form := wanted
		if strings.Contains(form, "${") {
			text, ok := expand(r, form)
			if !ok {
				return false
			}
			form = text
		}
		if form == "*" {
			return true
		}
		forms, parts := strings.SplitN(form, ":", 6), strings.SplitN(value, ":", 6)
		if len(forms) != len(parts) {
			return false
		}
		for i := range forms {
			if !glob(forms[i], parts[i]) {
				return false
			}
		}
		return true
	}, nil
}
