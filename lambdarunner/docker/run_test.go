package docker

import "testing"

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
