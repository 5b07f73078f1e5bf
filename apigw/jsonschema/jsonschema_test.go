package jsonschema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// document decodes what is JSON.
func document(t testing.TB, doc string) any {
	t.Helper()
	v, err := Decode([]byte(doc))
	if err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	return v
}

// compile compiles one of several documents, {name: schema}.
func compile(t testing.TB, documents, name string) (*Schema, error) {
	t.Helper()
	all := document(t, documents).(map[string]any)
	return NewCompiler(func(url string) (any, error) {
		doc, ok := all[strings.TrimPrefix(url, "https://x/")]
		if !ok {
			return nil, errors.New("there is no " + url)
		}
		return doc, nil
	}).Compile("https://x/" + name)
}

// The texts are those of json-schema-validator as its users print them, but for those about formats other than
// date-time.
func TestWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		schema, doc string
		want        []string
	}{
		{`{}`, `{"a": [1, null]}`, nil},
		{`{"type": "integer"}`, `1.0`, []string{`instance type (number) does not match any allowed primitive type (allowed: ["integer"])`}},
		{`{"type": ["string", "null"]}`, `7`, []string{`instance type (integer) does not match any allowed primitive type (allowed: ["null","string"])`}},
		{`{"type": "number"}`, `7`, nil},
		{`{"enum": ["dog", 1]}`, `1.0`, nil},
		{`{"enum": ["dog", 1]}`, `"<cat>"`, []string{`instance value ("<cat>") not found in enum (possible values: ["dog",1])`}},
		{`{"enum": [{"a": [1, {}]}]}`, `{"a": [1.0, {}]}`, nil},
		{`{"maximum": 500}`, `600`, []string{`numeric instance is greater than the required maximum (maximum: 500, found: 600)`}},
		{`{"minimum": 1.5}`, `1`, []string{`numeric instance is lower than the required minimum (minimum: 1.5, found: 1)`}},
		{`{"minimum": 1, "exclusiveMinimum": true}`, `1.0`, []string{`numeric instance is not strictly greater than the required minimum 1`}},
		{`{"maximum": 1, "exclusiveMaximum": true}`, `1`, []string{`numeric instance is not strictly lower than the required maximum 1`}},
		{`{"maximum": 9007199254740993}`, `9007199254740994`, []string{`numeric instance is greater than the required maximum (maximum: 9007199254740993, found: 9007199254740994)`}},
		{`{"maximum": 1}`, `1e999999999`, []string{`numeric instance is greater than the required maximum (maximum: 1, found: 1e999999999)`}},
		{`{"minimum": 1}`, `1e-999999999999999999999`, []string{`numeric instance is lower than the required minimum (minimum: 1, found: 1e-999999999999999999999)`}},
		{`{"multipleOf": 0.01}`, `0.075`, []string{`remainder of division is not zero (0.075 / 0.01)`}},
		{`{"multipleOf": 0.01}`, `4.02`, nil},
		{`{"minLength": 2}`, `"é"`, []string{`string "é" is too short (length: 1, required minimum: 2)`}},
		{`{"maxLength": 1}`, `"ab"`, []string{`string "ab" is too long (length: 2, maximum allowed: 1)`}},
		{`{"pattern": "^a(?!b)"}`, `"ab"`, []string{`ECMA 262 regex "^a(?!b)" does not match input string "ab"`}},
		{`{"format": "date-time"}`, `"banana"`, []string{`string "banana" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]`}},
		{`{"format": "email"}`, `"a"`, []string{`string "a" is not a valid email address`}},
		{`{"format": "colour"}`, `"a"`, nil},
		{`{"minItems": 2}`, `[1]`, []string{`array is too short: must have at least 2 elements but instance has 1 elements`}},
		{`{"maxItems": 1}`, `[1, 2]`, []string{`array is too long: must have at most 1 elements but instance has 2 elements`}},
		{`{"uniqueItems": true}`, `[{"a": 1}, {"a": 1.0}]`, []string{`array must not contain duplicate elements`}},
		{`{"items": [{}], "additionalItems": false}`, `[1, 2, 3]`, []string{`array instance has 2 elements which are not allowed by the schema`}},
		{`{"items": [{}], "additionalItems": {"type": "string"}}`, `[1, 2]`, []string{`instance type (integer) does not match any allowed primitive type (allowed: ["string"])`}},
		{`{"items": {"type": "string"}, "additionalItems": false}`, `["a", "b"]`, nil},
		{`{"minProperties": 1}`, `{}`, []string{`object has too few properties (found 0 but schema requires at least 1)`}},
		{`{"maxProperties": 1}`, `{"a": 1, "b": 2}`, []string{`object has too many properties (found 2 but schema requires at most 1)`}},
		{`{"required": ["b", "a", "c"]}`, `{"c": 1}`, []string{`object has missing required properties (["a","b"])`}},
		{`{"properties": {"a": {}}, "patternProperties": {"^x": {}}, "additionalProperties": false}`, `{"a": 1, "x1": 2, "c": 3, "b": 4}`,
			[]string{`object instance has properties which are not allowed by the schema: ["b","c"]`}},
		{`{"properties": {"a": {}}, "additionalProperties": {"type": "string"}}`, `{"a": 1, "b": 2}`,
			[]string{`instance type (integer) does not match any allowed primitive type (allowed: ["string"])`}},
		{`{"dependencies": {"a": ["c", "b"]}}`, `{"a": 1, "b": 1}`, []string{`property "a" of object has missing property dependencies (schema requires ["b","c"]; missing: ["c"])`}},
		{`{"dependencies": {"a": {"required": ["b"]}}}`, `{"a": 1}`, []string{`object has missing required properties (["b"])`}},
		{`{"allOf": [{"type": "integer"}, {"minimum": 3}]}`, `1`, []string{`instance failed to match all required schemas (matched only 1 out of 2)`}},
		{`{"anyOf": [{"type": "string"}, {"minimum": 3}]}`, `1`, []string{`instance failed to match at least one required schema among 2`}},
		{`{"oneOf": [{"type": "integer"}, {"minimum": 1}, {"type": "null"}]}`, `1`, []string{`instance failed to match exactly one schema (matched 2 out of 3)`}},
		{`{"not": {}}`, `1`, []string{`instance matched a schema which it should not have`}},
		// What is in an object that is wrong itself is not looked at.
		{`{"required": ["b"], "properties": {"a": {"type": "string"}}}`, `{"a": 1}`, []string{`object has missing required properties (["b"])`}},
		{`{"properties": {"a": {"type": "string"}, "b": {"enum": [1]}}}`, `{"b": 2, "a": 1}`,
			[]string{`instance type (integer) does not match any allowed primitive type (allowed: ["string"])`, `instance value (2) not found in enum (possible values: [1])`}},
	} {
		s, err := compile(t, `{"s": `+c.schema+`}`, "s")
		if err != nil {
			t.Errorf("%s: %v", c.schema, err)
			continue
		}
		if got := s.Validate(document(t, c.doc)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %s: got %q, want %q", c.schema, c.doc, got, c.want)
		}
	}
}

func TestReferences(t *testing.T) {
	documents := `{
		"tree": {"id": "http://jsonschema.net", "properties": {"left": {"$ref": "#"}, "value": {"$ref": "#/definitions/a~1b%25", "type": "null"}},
			"definitions": {"a/b%": {"id": "/properties/value", "type": "integer"}}},
		"forest": {"type": "array", "items": {"$ref": "https://x/tree"}},
		"even": {"properties": {"next": {"$ref": "odd"}}}, "odd": {"required": ["next"], "properties": {"next": {"$ref": "even#"}}}
	}`
	for _, c := range []struct{ name, doc, want string }{
		{"tree", `{"left": {"left": {"value": 1}}}`, ""},
		{"tree", `{"left": {"left": {"value": null}}}`, `instance type (null)`},
		{"forest", `[{}, {"value": "x"}]`, `instance type (string)`},
		{"even", `{"next": {}}`, `object has missing`},
		{"even", `{"next": {"next": {}}}`, ``},
	} {
		s, err := compile(t, documents, c.name)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(s.Validate(document(t, c.doc)), ", "); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %s: got %q, want %s", c.name, c.doc, got, c.want)
		}
	}
}

func TestSchemasThatCannotBe(t *testing.T) {
	for _, c := range []struct{ documents, want string }{
		{`{"s": {"$ref": "#"}}`, "without end"},
		{`{"s": {"allOf": [{"$ref": "t"}]}, "t": {"not": {"$ref": "s"}}}`, "without end"},
		{`{"s": {"properties": {"a": {"$ref": "#/definitions/no"}}}}`, "there is no /definitions/no"},
		{`{"s": {"$ref": "t"}}`, "there is no https://x/t"},
		{`{"s": {"$ref": "#a"}}`, "no JSON pointer"},
		{`{"s": {"properties": {"a": {"$ref": "t"}}}, "t": {"type": "text", "items": {"$ref": "s"}}}`, "type has no type"},
	} {
		if _, err := compile(t, c.documents, "s"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.documents, err, c.want)
		}
	}
	for _, doc := range []string{
		`true`, `[]`, `null`, `{"type": null}`, `{"type": []}`, `{"type": ["string", "string"]}`, `{"type": 1}`, `{"required": []}`, `{"required": ["a", "a"]}`, `{"required": true}`,
		`{"enum": []}`, `{"enum": [1, 1.0]}`, `{"minimum": "1"}`, `{"exclusiveMinimum": true}`, `{"exclusiveMinimum": 1, "minimum": 1}`, `{"multipleOf": 0}`, `{"maxLength": -1}`,
		`{"maxLength": 1.5}`, `{"pattern": "("}`, `{"items": []}`, `{"items": true}`, `{"additionalItems": 1}`, `{"properties": {"a": true}}`, `{"patternProperties": {"(": {}}}`,
		`{"dependencies": {"a": []}}`, `{"dependencies": {"a": "b"}}`, `{"allOf": []}`, `{"anyOf": {}}`, `{"not": []}`, `{"definitions": {"a": 1}}`, `{"title": 1}`, `{"uniqueItems": "true"}`,
	} {
		if err := Check(document(t, doc)); err == nil {
			t.Errorf("%s is taken", doc)
		}
	}
	for _, doc := range []string{`{"$ref": "nowhere"}`, `{"properties": {"$ref": {}}}`, `{"maxLength": 2.0}`, `{"exclusiveMinimum": false, "minimum": 1}`, `{"x": 1, "default": null}`} {
		if err := Check(document(t, doc)); err != nil {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

func TestACompilerIsOfUseAfterAnError(t *testing.T) {
	broken := true
	c := NewCompiler(func(url string) (any, error) {
		if broken && url == "https://x/b" {
			return nil, errors.New("gone")
		}
		return map[string]any{"properties": map[string]any{"x": map[string]any{"$ref": map[string]string{"https://x/a": "b", "https://x/b": "a"}[url]}}}, nil
	})
	for range 2 {
		if _, err := c.Compile("https://x/a"); err == nil {
			t.Fatal("no error")
		}
	}
	broken = false
	if _, err := c.Compile("https://x/a"); err != nil {
		t.Error(err)
	}
}

func BenchmarkValidate(b *testing.B) {
	s, err := compile(b, `{"s": {"type": "object", "required": ["name", "age"], "properties": {"name": {"type": "string", "maxLength": 40}, "age": {"type": "integer", "minimum": 0}}}}`, "s")
	if err != nil {
		b.Fatal(err)
	}
	doc := document(b, `{"name": "you", "age": 7}`)
	b.ReportAllocs()
	for b.Loop() {
		if failed := s.Validate(doc); failed != nil {
			b.Fatal(fmt.Sprint(failed))
		}
	}
}
