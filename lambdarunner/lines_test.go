package lambdarunner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutputIsCutIntoLines(t *testing.T) {
	long := strings.Repeat("x", MaxLine)
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
			l := &Lines{Print: func(line []byte) { got = append(got, string(line)) }}
			for _, w := range c.writes {
				if n, err := l.Write([]byte(w)); n != len(w) || err != nil {
					t.Fatal(n, err)
				}
			}
			l.Flush()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
