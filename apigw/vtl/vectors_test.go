package vtl_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/apigw/jsonpath"
	"postern/apigw/vtl"
)

// A vector is one line of testdata/vtl (see its README.md).
type vector struct {
	ID       string `json:"id"`
	Group    string `json:"group"`
	Template string `json:"template"`
	Body     string `json:"body"`
	Params   struct {
		Path        vtl.Strings `json:"path"`
		QueryString vtl.Strings `json:"querystring"`
		Header      vtl.Strings `json:"header"`
	} `json:"params"`
	StageVariables vtl.Strings     `json:"stageVariables"`
	Context        json.RawMessage `json:"context"`
	Expect         *string         `json:"expect"`
	Error          bool            `json:"error"`
	ErrorKind      string          `json:"error_kind"`
	LowConfidence  bool            `json:"low_confidence"`
	Overrides      map[string]map[string]map[string]string
}

// believedWrong lists the vectors whose expectation this project does not follow, each with the
// reason and the source. They still run: one that begins to pass has to leave the list.
var believedWrong = map[string]string{}

func TestVectors(t *testing.T) {
	all := vectors(t)
	if len(all) != 2417 {
		t.Errorf("%d vectors, want %d: some are missing", len(all), 2417)
	}
	for _, v := range all {
		t.Run(v.ID, func(t *testing.T) {
			problem := v.run()
			reason, listed := believedWrong[v.ID]
			switch {
			case listed && problem == "":
				t.Errorf("passes, but is listed as wrong: %s", reason)
			case !listed && problem != "":
				t.Errorf("template %q\nbody %s\n%s", v.Template, v.Body, problem)
			}
		})
	}
}

func vectors(t testing.TB) []vector {
	t.Helper()
	files, err := filepath.Glob("../../testdata/vtl/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	var all []vector
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
			var v vector
			if err := json.Unmarshal(line, &v); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all = append(all, v)
		}
	}
	return all
}

func (v *vector) scope(o *vtl.Overrides) *vtl.Scope {
	return &vtl.Scope{
		Body: []byte(v.Body), Path: v.Params.Path, Query: v.Params.QueryString, Header: v.Params.Header,
		StageVariables: v.StageVariables, Context: contextOf(v.Context), Overrides: o,
	}
}

// run says what is wrong, "" for nothing.
func (v *vector) run() string {
	tpl, err := vtl.Parse(v.Template)
	if err != nil {
		if v.Error && v.ErrorKind != "runtime" {
			return ""
		}
		return "does not parse: " + err.Error()
	}
	var o vtl.Overrides
	out, err := tpl.Execute(nil, v.scope(&o))
	switch {
	case v.Error && err == nil:
		return "no error but " + string(out)
	case v.Error && v.ErrorKind == "parse":
		return "parses; fails only when run: " + err.Error()
	case v.Error:
		return ""
	case err != nil:
		return "error " + err.Error()
	}
	if diff := cmp.Diff(*v.Expect, string(out)); diff != "" {
		return "-want +got\n" + diff
	}
	return v.checkOverrides(&o)
}

func (v *vector) checkOverrides(o *vtl.Overrides) string {
	for group, want := range v.Overrides["requestOverride"] {
		got := map[string]string{}
		all := o.RequestHeader()
		switch group {
		case "path":
			all = o.RequestPath()
		case "querystring":
			all = o.RequestQuery()
		}
		for name, value := range all {
			got[name] = value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return "requestOverride." + group + " -want +got\n" + diff
		}
	}
	if want, ok := v.Overrides["responseOverride"]["header"]; ok {
		got := map[string]string{}
		for name, value := range o.ResponseHeader() {
			got[name] = value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return "responseOverride.header -want +got\n" + diff
		}
	}
	return ""
}

// An objectContext is a Context over JSON.
type objectContext struct{ *jsonpath.Object }

func contextOf(text []byte) vtl.Context {
	if len(text) == 0 {
		return nil
	}
	v, err := jsonpath.Decode(text)
	if o, ok := v.(*jsonpath.Object); err == nil && ok {
		return objectContext{o}
	}
	return nil
}

func (c objectContext) Lookup(name string) (any, bool) {
	v, ok := c.Get(name)
	if o, isObject := v.(*jsonpath.Object); isObject {
		return objectContext{o}, true
	}
	return v, ok
}

func (c objectContext) Names() []string {
	var names []string
	for _, m := range c.Members() {
		if !strings.HasSuffix(m.Name, "Override") {
			names = append(names, m.Name)
		}
	}
	return names
}
