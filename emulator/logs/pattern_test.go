package logs

import (
	"strings"
	"testing"
)

// The examples of the CloudWatch Logs User Guide, "Filter pattern syntax".
const trail = `{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "another value"],
	"objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "SomeObject": null, "ThisFlag": true,
	"latency": 120.5, "code": "400", "dotted.key": "x", "exact": "Ev*ent"}`

const people = `{"user": {"id": 1, "email": "John.Stiles@example.com"},
	"users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
	"actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]}`

func TestFilterPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, message string
		want             bool
	}{
		{``, "anything", true},
		{`ERROR`, "[ERROR] A fatal exception has occurred", true},
		{`ERROR`, "Exiting with ERRORCODE: -1", true},
		{`ERROR`, "error", false},
		{`ERROR -Exiting`, "Exiting with ERRORCODE: -1", false},
		{`ERROR -Exiting`, "ERROR", true},
		{`ERROR Exception`, "[ERROR] Unhandled Exception", true},
		{`ERROR Exception`, "[ERROR] Unhandled", false},
		{`?ERROR ?WARN`, "WARN message", true},
		{`?ERROR ?WARN`, "INFO message", false},
		{`"INTERNAL SERVER ERROR"`, "500 INTERNAL SERVER ERROR", true},
		{`"INTERNAL SERVER ERROR"`, "INTERNAL ERROR SERVER", false},
		{`-"a \"b\""`, `x a "b"`, false},
		{`%AUTHORIZED%`, "UNAUTHORIZED REQUEST", true},
		{`%1[0-9]\.%`, "10.", true},
		{`%1[0-9]\.%`, "1a", false},

		{`{ $.eventType = "UpdateTrail" }`, trail, true},
		{`{ $.eventType = UpdateTrail }`, trail, true},
		{`{ $.eventType = "Update*" }`, trail, true},
		{`{ $.eventType = "*Trail" }`, trail, true},
		{`{ $.eventType = "*date*" }`, trail, true},
		{`{ $.eventType = "Up*il" }`, trail, false},
		{`{ $.exact = "Ev*ent" }`, trail, true},
		{`{ $.sourceIPAddress != 123.123.* }`, trail, true},
		{`{ $.sourceIPAddress != 111.111.* }`, trail, false},
		{`{ $.sourceIPAddress = %1{3}\.1% }`, trail, true},
		{`{ $.arrayKey[0] = "value" }`, trail, true},
		{`{ $.arrayKey[*] = "another value" }`, trail, true},
		{`{ $.arrayKey = "value" }`, trail, false},
		{`{ $.arrayKey != "value" }`, trail, false},
		{`{ $.objectList[1].id = 2 }`, trail, true},
		{`{ $.objectList[2].id = 2 }`, trail, false},
		{`{ $.SomeObject IS NULL }`, trail, true},
		{`{ $.Other IS NULL }`, trail, false},
		{`{ $.SomeOtherObject NOT EXISTS }`, trail, true},
		{`{ $.SomeObject NOT EXISTS }`, trail, false},
		{`{ $.SomeObject EXISTS }`, trail, true},
		{`{ $.ThisFlag IS TRUE }`, trail, true},
		{`{ $.ThisFlag IS FALSE }`, trail, false},
		{`{ $.missing != "x" }`, trail, false},
		{`{ $.latency >= 120.5 && $.latency < 10e3 }`, trail, true},
		{`{ $.latency > +121 }`, trail, false},
		{`{ $.latency = * }`, trail, true},
		{`{ $.code = 400 }`, trail, true},
		{`{ $.code > 300 }`, trail, false},
		{`{ $['dotted.key'] = "x" }`, trail, true},
		{`{ $.eventType = "UpdateTrail" }`, "not JSON", false},
		{`{ $.eventType = "UpdateTrail" }`, trail + "x", false},

		{`{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`, people, true},
		{`{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`, people, false},
		{`{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }`, people, true},
		{`{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }`, people, false},
		{`{ $.coordinates[2][*] = 8 }`, people, true},
	} {
		m, err := parsePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
		} else if m(c.message) != c.want {
			t.Errorf("%s on %s: %v, want %v", c.pattern, c.message, !c.want, c.want)
		}
	}
}

func TestBadFilterPatternsAreRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		`a.b`:                                `Invalid filter pattern: Invalid character(s) in term 'a.b'`,
		`""`:                                 `Invalid filter pattern: Invalid character(s) in term '""'`,
		`"open`:                              `Invalid filter pattern: Unclosed quote in term '"open'`,
		`[ip, user]`:                         `Invalid filter pattern: Postern does not evaluate space-delimited patterns`,
		`{ $.a = 1`:                          `If a filter pattern starts with '{' it must end with '}'`,
		`{ $.a }`:                            `Invalid filter pattern: Unexpected end of the pattern`,
		`{ $.a = 1 $.b = 2 }`:                `Invalid filter pattern: Unexpected '$.b = 2 '`,
		`{ ($.a = 1 }`:                       `Invalid filter pattern: Unexpected end of the pattern`,
		`{ $.a > x }`:                        `Invalid filter pattern: Operator > needs a number, not 'x'`,
		`{ a = 1 }`:                          `Invalid filter pattern: Unexpected 'a = 1 '`,
		`{ $ = 1 }`:                          `Invalid filter pattern: Invalid selector '$ = 1 '`,
		`{ $.a = b@c }`:                      `Invalid filter pattern: Invalid character(s) in term 'b@c'`,
		`%(a)%`:                              `Invalid filter pattern: Invalid regular expression '%(a)%'`,
		`%[%`:                                `Invalid filter pattern: Invalid regular expression '['`,
		strings.Repeat("-", 3):               `Invalid filter pattern: Invalid character(s) in term '--'`,
		`{` + strings.Repeat("(", 100) + `}`: `Invalid filter pattern: Too many parentheses`,
	} {
		_, err := parsePattern(pattern)
		wantError(t, err, "InvalidParameterException: "+want)
	}
}

func FuzzFilterPattern(f *testing.F) {
	for _, p := range []string{`ERROR -x ?y "a b" %c+%`, `{ ($.a[0]['b'] = "c*") && !$.d IS NULL || $.e >= 1e3 }`, `{`, `-`, `%`} {
		f.Add(p, trail)
	}
	f.Fuzz(func(t *testing.T, pattern, message string) {
		if m, err := parsePattern(pattern); err == nil {
			m(message)
		}
	})
}
