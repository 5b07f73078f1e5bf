package jsonpath_test

import (
	"errors"
	"strings"
	"testing"

	"postern/apigw/jsonpath"
)

func TestDecodeIsAsLenientAsJSONSmart(t *testing.T) {
	for text, want := range map[string]string{
		`{statusCode: 200}`:          `{"statusCode":200}`,
		`{'a': 'it\'s', b: plain x}`: `{"a":"it's","b":"plain x"}`,
		`[1,,2,]`:                    `[1,2]`,
		`{"a":1,}`:                   `{"a":1}`,
		`{"a":1} trailing`:           `{"a":1}`,
		`007`:                        `7`,
		`plain text`:                 `"plain text"`,
		`-0`:                         `0`,
		`-0.0`:                       `-0.0`,
		`1e3`:                        `1000.0`,
		`1.7976931348623157e308`:     `1.7976931348623157E+308`,
		`0.00000000000000000000001`:  `1E-23`,
		`12345678901234567890`:       `12345678901234567890`,
		`{"a":1,"b":2,"a":3}`:        `{"a":3,"b":2}`,
		`"\ud83d\ude00"`:             `"😀"`,
		`[true,false,null,nul]`:      `[true,false,null,"nul"]`,
	} {
		v, err := jsonpath.Decode([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := jsonpath.AppendJSON(nil, v); string(got) != want || err != nil {
			t.Errorf("%s: got %s, want %s (%v)", text, got, want, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{``, ` `, `{`, `[1`, `"a`, `{"a" 1}`, `{"a":"\u00g0"}`, `}`, strings.Repeat("[", 100_000)} {
		if v, err := jsonpath.Decode([]byte(text)); err == nil {
			t.Errorf("%.20s: %v", text, v)
		}
	}
}

// The questions that the template vectors leave open. Source: Jayway JsonPath 2.0.0, as observed there.
func TestEval(t *testing.T) {
	const body = `{"a": {"b": [{"c": 1, "d": "x"}, {"c": 2}, {"e": null}]}, "n": [1, 2, 3], "s": "text"}`
	for path, want := range map[string]string{
		`$`:                             body,
		`a.b[0].c`:                      `1`,
		`$['a']['b'][1]['c']`:           `2`,
		`$.a.b[*].c`:                    `[1,2]`,
		`$.zz`:                          `not found`,
		`$.s.length`:                    `not found`,
		`$.n[3]`:                        `not found`,
		`$.n[-3:-1]`:                    `not found`,
		`$.n[(@.length-1)]`:             `3`,
		`$.n[ 0 , 2 ]`:                  `[1,3]`,
		`$.a.b[?(@.c)]`:                 `[{"c":1,"d":"x"},{"c":2}]`,
		`$.a.b[?(@.c > 1 && @.c < 3)]`:  `[{"c":2}]`,
		`$.a.b[?((@.c == 2) || @.d)].c`: `[1,2]`,
		`$.a.b[?(@.d =~ /X/i)].c`:       `[1]`,
		`$..c`:                          `[1,2]`,
		`$..b[0]..c`:                    `[1]`,
		`$.s[0]`:                        `error`,
		`$.s[?(@.x)]`:                   `error`,
		`$.n[(@.size() - 2)]`:           `2`,
		`$['a','n']`:                    `{"a":{"b":[{"c":1,"d":"x"},{"c":2},{"e":null}]},"n":[1,2,3]}`,
		`$['a','n'].b`:                  `error`,
		`$.zz.yy[*]`:                    `[]`,
		`$.*.b[*].c`:                    `not found`,
		`$.a.b[0,9].c`:                  `not found`,
		`$..b[5]`:                       `not found`,
		`$.o]`:                          `{}`,
		`$.n[1:3:2]`:                    `[2,3]`,
	} {
		root, err := jsonpath.Decode([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if path == "$" {
			text, _ := jsonpath.AppendJSON(nil, root)
			want = string(text)
		}
		if got := eval(t, path, root); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func eval(t *testing.T, path string, root any) string {
	p, err := jsonpath.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Eval(root)
	switch {
	case errors.Is(err, jsonpath.ErrNotFound):
		return "not found"
	case err != nil:
		return "error"
	}
	text, err := jsonpath.AppendJSON(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCompileRefuses(t *testing.T) {
	for _, path := range []string{``, `$.`, `$..`, `$ .a`, `$.a .b`, `$["a"]`, `$['a`, `$[`, `$[]`, `$[x]`, `$a`, `$[ * ]`, `$[?(@.a in [1])]`, `$[?(!(@.a))]`, `$[?(@.a]`, `$[?@.a]`, `$[99999999999]`} {
		if p, err := jsonpath.Compile(path); err == nil {
			t.Errorf("%s compiles to %v", path, p)
		}
	}
}

func TestNestedDeepScansAreBounded(t *testing.T) {
	root, err := jsonpath.Decode([]byte(strings.Repeat(`{"a":[1,`, 200) + "1" + strings.Repeat(`]}`, 200)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := jsonpath.Compile(`$..*..*..*..*..*..*`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Eval(root); err == nil {
		t.Error("no error")
	}
}

func TestAValueInsideItselfIsAnErrorToPrint(t *testing.T) {
	a := &jsonpath.Array{}
	a.Items = []any{a}
	if _, err := jsonpath.AppendJSON(nil, a); !errors.Is(err, jsonpath.ErrTooLarge) {
		t.Error(err)
	}
}

func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"orderId": "o-1", "customer": {"id": "c9", "name": "Ada"}, "lines": [{"sku": "s1", "qty": 2, "price": 9.5}], "paid": true}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jsonpath.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
