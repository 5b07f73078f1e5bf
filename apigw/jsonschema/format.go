package jsonschema

import (
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// A format is a keyword on strings. Those that draft 4 does not know are let through.
type format struct {
	valid func(string) bool
	what  string // that the string is not; only the text about dates was seen, the others are ours
}

func (f format) check(v any, failed *report) {
	if s, ok := v.(string); ok && !f.valid(s) {
		failed.add("string %s is %s", encode(s), f.what)
	}
}

// formats are those of draft 4 (JSON Schema Validation, draft 4, section 7.3) and regex, which its
// meta-schema has.
var formats = map[string]format{
	"date-time": {isDateTime, "invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]"},
	"email":     {isEmail, "not a valid email address"},
	"hostname":  {isHostname, "not a valid hostname"},
	"ipv4":      {isIPv4, "not a valid IPv4 address"},
	"ipv6":      {isIPv6, "not a valid IPv6 address"},
	"uri":       {isURI, "not a valid URI"},
	"regex":     {isRegex, "not a valid ECMA 262 regular expression"},
}

func isDateTime(s string) bool {
	_, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s))
	return err == nil
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isHostname(s string) bool {
	if len(strings.TrimSuffix(s, ".")) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		if strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

func isIPv4(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

func isIPv6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && a.Zone() == ""
}

func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs()
}

func isRegex(s string) bool {
	_, err := compilePattern(s)
	return err == nil
}
