package integration_test

import (
	"strings"
	"testing"

	"postern/apigw"
	"postern/apigw/integration"
)

// Facts: rest-dataplane §15, stage variables.
func TestTextsFillInStageVariables(t *testing.T) {
	x := &apigw.Exchange{Stage: &apigw.Stage{Variables: map[string]string{"host": "h.example", "a_1": "A"}}}
	cases := []struct{ text, want string }{
		{"", ""},
		{"plain", "plain"},
		{"http://${stageVariables.host}/x?${stageVariables.a_1}", "http://h.example/x?A"},
		{"${stageVariables.a_1}${stageVariables.a_1}", "AA"},
		{"<${stageVariables.none}>", "<>"},
		{"${stageVariables.}", "${stageVariables.}"},
		{"${stageVariables.a-b}", "${stageVariables.a-b}"},
		{"${stageVariables.a_1", "${stageVariables.a_1"},
		{"$stageVariables.a_1 {id} ${context.x}", "$stageVariables.a_1 {id} ${context.x}"},
		{"${stageVariables.${stageVariables.a_1}}", "${stageVariables.A}"},
	}
	for _, c := range cases {
		got, err := integration.ParseText(c.text).Resolve(x)
		if err != nil || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.text, got, err, c.want)
		}
	}
}

// Facts: rest-dataplane §15, selectionPattern.
func TestPatternsMatchTheWholeText(t *testing.T) {
	cases := []struct {
		pattern, text string
		want          bool
	}{
		{"200", "200", true},
		{"200", "2000", false},
		{`4\d{2}`, "404", true},
		{`4\d{2}`, "4040", false},
		{"a|b", "b", true},
		{"a|b", "ab", false},
		{".*error.*", "an error here", true},
		{".*error.*", "an error\nhere", false},
		{`(?s).*error.*`, "an error\nhere", true},
		{`[\s\S]*error[\s\S]*`, "an error\nhere", true},
		{`^(?!ok).*$`, "ok", false},
		{`^(?!ok).*$`, "no", true},
		{`(a)\1`, "aa", true},
		{`\p{Alpha}+`, "abc", true},
	}
	for _, c := range cases {
		p, err := integration.CompilePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if got, err := p.Match(c.text); err != nil || got != c.want {
			t.Errorf("%s on %q: %v %v", c.pattern, c.text, got, err)
		}
	}
}

func TestBadPatternsFailWhenTheyAreUsed(t *testing.T) {
	for _, source := range []string{"a)(b", "[", "a{2,1}", strings.Repeat("a*", 6000)} {
		p, err := integration.CompilePattern(source)
		if err == nil {
			t.Errorf("%.20s: no error", source)
			continue
		}
		if _, again := p.Match("a"); again == nil {
			t.Errorf("%.20s matched", source)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "${stageVariables.x}", "a${stageVariables.x}b{c}", "${stageVariables.", "$${stageVariables.x}}"} {
		f.Add(s)
	}
	x := &apigw.Exchange{Stage: &apigw.Stage{Variables: map[string]string{"x": "${stageVariables.x}"}}}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ReplaceAll(s, "stageVariables.y", "")
		got, err := integration.ParseText(s).Resolve(x)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(s, "${stageVariables.") && got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
