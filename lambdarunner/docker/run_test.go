package docker

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutputIsCutIntoLines(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	for name, c := range map[string]struct{ writes, want []string }{
		"two lines in one write":   {[]string{"a\nb\n"}, []string{"a\n", "b\n"}},
		"one line in two writes":   {[]string{"a", "b\n"}, []string{"ab\n"}},
		"no end":                   {[]string{"a\nb"}, []string{"a\n", "b"}},
		"empty lines":              {[]string{"\n\n"}, []string{"\n", "\n"}},
		"a line without end":       {[]string{long, "y\n"}, []string{long, "y\n"}},
		"a line that is too long":  {[]string{long + "y\n"}, []string{long, "y\n"}},
		"much more than fits once": {[]string{long + long}, []string{long, long}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			l := &lines{print: func(line []byte) { got = append(got, string(line)) }}
			for _, w := range c.writes {
				if n, err := l.Write([]byte(w)); n != len(w) || err != nil {
					t.Fatal(n, err)
				}
			}
			l.flush()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExitsAreWordedAsOnAWS(t *testing.T) {
	for want, e := range map[string]exit{
		"":                           {code: 0},
		"exit status 1":              {code: 1},
		"exit status 127":            {code: 127},
		"signal: killed":             {code: 137, oom: true},
		"signal: segmentation fault": {code: 139},
		"exit status 255":            {code: 255},
	} {
		if got := e.String(); got != want {
			t.Errorf("code %d is %q, want %q", e.code, got, want)
		}
	}
}
