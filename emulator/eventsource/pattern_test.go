package eventsource

import (
	"encoding/json"
	"testing"
)

// EventBridge user guide, "Comparison operators for use in event patterns", and Lambda developer guide, "Control
// which events Lambda sends to your function".
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		name, pattern, value string
		want                 bool
	}{
		{"a value", `{"a":["x","y"]}`, `{"a":"y"}`, true},
		{"another value", `{"a":["x"]}`, `{"a":"y"}`, false},
		{"missing", `{"a":["x"]}`, `{}`, false},
		{"a number", `{"a":[1]}`, `{"a":1.0}`, true},
		{"null", `{"a":[null]}`, `{"a":null}`, true},
		{"null is not missing", `{"a":[null]}`, `{}`, false},
		{"boolean", `{"a":[true]}`, `{"a":true}`, true},
		{"nested", `{"a":{"b":["x"]}}`, `{"a":{"b":"x","c":1}}`, true},
		{"not nested", `{"a":{"b":["x"]}}`, `{"a":"x"}`, false},
		{"all members", `{"a":["x"],"b":["y"]}`, `{"a":"x","b":"z"}`, false},
		{"one element of a list", `{"a":["x"]}`, `{"a":["w","x"]}`, true},
		{"prefix", `{"a":[{"prefix":"ab"}]}`, `{"a":"abc"}`, true},
		{"suffix", `{"a":[{"suffix":"bc"}]}`, `{"a":"abd"}`, false},
		{"case", `{"a":[{"equals-ignore-case":"AbC"}]}`, `{"a":"aBc"}`, true},
		{"anything but", `{"a":[{"anything-but":["x","y"]}]}`, `{"a":"z"}`, true},
		{"anything but, listed", `{"a":[{"anything-but":["x","y"]}]}`, `{"a":"x"}`, false},
		{"anything but a prefix", `{"a":[{"anything-but":{"prefix":"x"}}]}`, `{"a":"xa"}`, false},
		{"anything but of what is missing", `{"a":[{"anything-but":"x"}]}`, `{}`, false},
		{"exists", `{"a":[{"exists":true}]}`, `{"a":null}`, true},
		{"does not exist", `{"a":[{"exists":false}]}`, `{"b":1}`, true},
		{"does not exist, below what is missing", `{"a":{"b":[{"exists":false}]}}`, `{}`, true},
		{"numbers", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":5}`, true},
		{"numbers outside", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":6}`, false},
		{"numbers of text", `{"a":[{"numeric":["=",5]}]}`, `{"a":"5"}`, false},
		{"network", `{"a":[{"cidr":"10.0.0.0/24"}]}`, `{"a":"10.0.0.7"}`, true},
		{"or", `{"$or":[{"a":["x"]},{"b":["y"]}]}`, `{"b":"y"}`, true},
		{"or and another", `{"c":["z"],"$or":[{"a":["x"]},{"b":["y"]}]}`, `{"b":"y","c":"no"}`, false},
		{"empty", `{}`, `{"a":1}`, true},
	} {
		p, err := ParsePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var value map[string]any
		if err := json.Unmarshal([]byte(c.value), &value); err != nil {
			t.Fatal(err)
		}
		if p.Match(value) != c.want {
			t.Errorf("%s: %s of %s is %v", c.name, c.pattern, c.value, !c.want)
		}
	}
}

func TestPatternsThatAreNone(t *testing.T) {
	for _, text := range []string{``, `[]`, `{"a":"x"}`, `{"a":[]}`, `{"a":[["x"]]}`, `{"a":[{"prefix":1}]}`, `{"a":[{"numeric":["~",1]}]}`,
		`{"a":[{"numeric":[">"]}]}`, `{"a":[{"exists":"yes"}]}`, `{"a":[{"no":1}]}`, `{"a":[{"prefix":"a","suffix":"b"}]}`, `{"a":[{"cidr":"x"}]}`, `{"$or":["x"]}`} {
		if _, err := ParsePattern(text); err == nil {
			t.Errorf("%s is no error", text)
		}
	}
}

func FuzzPatterns(f *testing.F) {
	f.Add(`{"a":[{"numeric":[">",0,"<=",5]}],"$or":[{"b":["x"]}]}`, `{"a":5,"b":"x"}`)
	f.Fuzz(func(_ *testing.T, pattern, text string) {
		p, err := ParsePattern(pattern)
		var value map[string]any
		if err == nil && json.Unmarshal([]byte(text), &value) == nil {
			p.Match(value)
		}
	})
}
