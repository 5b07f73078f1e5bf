package jsonpath_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"postern/apigw/jsonpath"
)

// FuzzJSONPath wants no panic and no endless run; the seeds are the paths of the template vectors.
func FuzzJSONPath(f *testing.F) {
	path := regexp.MustCompile(`\$input\.(?:path|json)\((?:'([^']*)'|"([^"]*)")\)`)
	files, _ := filepath.Glob("../../testdata/vtl/*.jsonl")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
			var v struct{ Template, Body string }
			if err := json.Unmarshal(line, &v); err != nil {
				f.Fatal(err)
			}
			for _, m := range path.FindAllStringSubmatch(v.Template, -1) {
				f.Add(m[1]+m[2], v.Body)
			}
		}
	}
	f.Add("$..*..*..*..*..*", `{"a":[[[[[[1]]]]]],"b":{"c":{"d":{"e":[1,2,3]}}}}`)
	f.Add("$[?(@[?(@[?(@)])])]", `[[[1]]]`)
	f.Fuzz(func(t *testing.T, path, body string) {
		root, err := jsonpath.Decode([]byte(body))
		if err != nil {
			root = nil
		} else {
			roundTrip(t, root)
		}
		p, err := jsonpath.Compile(path)
		if err != nil {
			return
		}
		v, err := p.Eval(root)
		if _, list := v.(*jsonpath.Array); err == nil && !p.Definite() && !list {
			t.Errorf("indefinite path %q yields %T", path, v)
		}
	})
}

// roundTrip: what is printed parses. It may print differently once more: a double that Java prints
// with more than 18 characters is read as a decimal.
func roundTrip(t *testing.T, v any) {
	text, err := jsonpath.AppendJSON(nil, v)
	if err != nil {
		return
	}
	if _, err := jsonpath.Decode(text); err != nil {
		t.Fatalf("%s does not parse: %v", text, err)
	}
}
