package lambda

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

func TestArnLikeMatchesPartByPart(t *testing.T) {
	const arn = "arn:aws:execute-api:us-east-1:111111111111:abc/prod/GET/a:b"
	for pattern, want := range map[string]bool{
		arn: true,
		"arn:aws:execute-api:us-east-1:111111111111:*": true,
		"arn:*:execute-api:*:*:abc/*/GET/a:?":          true,
		"arn:aws:execute-api:us-east-?:1*1:*/a:b":      true,
		"arn:aws:execute-api:*":                        false, // a star does not reach over colons
		"*":                                            false,
		"arn:aws:execute-api:us-east-1:111111111111:abc/prod/GET/a":   false,
		"arn:aws:execute-api:us-east-1:111111111111:abc/*/GET/a:b:c*": false,
		"arn:aws:execute-api:us-east-1:111111111111:abc/*/GET/":       false,
	} {
		if got := arnLike(pattern, arn); got != want {
			t.Errorf("%s: %t", pattern, got)
		}
	}
}

func TestPrincipalSurvivesJSON(t *testing.T) {
	for _, p := range []principal{everybody, {"Service", "s3.amazonaws.com"}, {"AWS", "arn:aws:iam::1:root"}} {
		b, err := json.Marshal(p)
		check(t, err)
		var back principal
		check(t, json.Unmarshal(b, &back))
		if back != p {
			t.Errorf("%s became %+v", b, back)
		}
	}
}

func TestRefusalSaysWhatToDo(t *testing.T) {
	a := access{action: invokeAction, principal: principal{"Service", "apigateway.amazonaws.com"}, sourceARN: "arn:aws:execute-api:r:1:abc/s/GET/"}
	want := "its resource policy has no statement: allow apigateway.amazonaws.com with source arn:aws:execute-api:r:1:abc/s/GET/ with lambda add-permission"
	if got := (policy{}).permits(a).Error(); got != want {
		t.Error(got)
	}
	st := statement{Sid: "x", Principal: a.principal, Action: "lambda:InvokeFunction"}
	st.when("ArnLike", sourceARNKey, "arn:aws:execute-api:r:1:xyz/*")
	if got := (policy{[]statement{st}}).permits(a).Error(); !strings.HasSuffix(got, `: statement "x" is for AWS:SourceArn arn:aws:execute-api:r:1:xyz/*`) {
		t.Error(got)
	}
}

func FuzzWildcardIsTheRegularExpression(f *testing.F) {
	for _, seed := range [][2]string{{"a*b?c", "aXbYc"}, {"**", ""}, {"*a*a", "aaXa"}, {"?", ""}, {"a*", "ab*"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		text := regexp.QuoteMeta(pattern)
		text = strings.ReplaceAll(strings.ReplaceAll(text, `\*`, `.*`), `\?`, `.`)
		re, err := regexp.Compile(`(?s)^` + text + `$`)
		if err != nil || strings.ContainsFunc(pattern+s, func(r rune) bool { return r > 127 }) {
			t.Skip("regexp counts runes, ARNs have none beyond ASCII")
		}
		if got, want := wildcard(pattern, s), re.MatchString(s); got != want {
			t.Errorf("wildcard(%q, %q) is %t", pattern, s, got)
		}
	})
}
