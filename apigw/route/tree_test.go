package route

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func build(t testing.TB, routes ...string) *Tree[string] {
	t.Helper()
	tree := &Tree[string]{}
	add(t, tree, routes...)
	return tree
}

func add(t testing.TB, tree *Tree[string], routes ...string) {
	t.Helper()
	for _, r := range routes {
		verb, path, _ := strings.Cut(r, " ")
		if err := tree.Add(path, verb, r); err != nil {
			t.Fatal(err)
		}
	}
}

// Sources: aws-powertools/powertools-lambda-python#1609 (no route but that of a REST API serves /hello/
// too), architect/architect#981 (GET /{param} serves /) and storacha/w3infra#166 (/metrics/{proxy+} serves
// /metrics/), all of HTTP APIs.
func TestEverySlashCountsInAnExactTree(t *testing.T) {
	tree := &Tree[string]{Exact: true}
	add(t, tree, "GET /hello", "GET /metrics", "GET /metrics/{proxy+}", "GET /pets/{id}", "GET /pets/{id}/toys", "POST /", "GET /{name}",
		"PUT /hello", "PUT /hello/", "PUT /a//b")
	for _, c := range []struct{ verb, path, route, params string }{
		{"GET", "/hello", "GET /hello", ""},
		{"GET", "/hello/", "", ""},
		{"GET", "/metrics", "GET /metrics", ""},
		{"GET", "/metrics/", "GET /metrics/{proxy+}", ""},
		{"GET", "/metrics/a/", "GET /metrics/{proxy+}", "a/"},
		{"GET", "/pets/", "GET /pets/{id}", ""},
		{"GET", "/pets/1/", "", ""},
		{"GET", "/pets//toys", "", ""},
		{"GET", "/pets/1/toys", "GET /pets/{id}/toys", "1"},
		{"POST", "/", "POST /", ""},
		{"GET", "/", "GET /{name}", ""},
		{"PUT", "/hello", "PUT /hello", ""},
		{"PUT", "/hello/", "PUT /hello/", ""},
		{"PUT", "/a//b", "PUT /a//b", ""},
		{"PUT", "/a/b", "", ""},
	} {
		got, params, ok := tree.Match(c.verb, c.path, nil)
		if ok != (c.route != "") || got != c.route || strings.Join(params, "|") != c.params {
			t.Errorf("%s %s = %q %q %v, want %q %q", c.verb, c.path, got, params, ok, c.route, c.params)
		}
	}
}

// The rows are those of facts/rest-dataplane.md §2, "Routing".
func TestMatchFollowsAPIGatewaysPrecedence(t *testing.T) {
	tree := build(t,
		"GET /", "GET /pets", "ANY /pets/{id}", "POST /pets/{id}", "GET /pets/mine", "GET /pets/{id}/toys",
		"GET /part1/hardcoded-value", "GET /part1/{param+}",
		"POST /test", "OPTIONS /{proxy+}", "GET /{proxy+}",
		"GET /mixed/{a}/end", "GET /mixed/lit/other", "GET /jobs:batch", "GET /parent/{child+}",
	)
	cases := []struct{ name, verb, path, route, params string }{
		{"root", "GET", "/", "GET /", ""},
		{"root without a slash", "GET", "", "GET /", ""},
		{"literal before param", "GET", "/pets/mine", "GET /pets/mine", ""},
		{"exact verb beats ANY", "POST", "/pets/7", "POST /pets/{id}", "7"},
		{"ANY serves the rest", "DELETE", "/pets/7", "ANY /pets/{id}", "7"},
		{"ANY of the param serves a verb the literal lacks", "PUT", "/pets/mine", "ANY /pets/{id}", "mine"},
		{"HEAD is not served from GET", "HEAD", "/pets", "", ""},
		{"hard-coded sibling of a greedy one", "GET", "/part1/hardcoded-value", "GET /part1/hardcoded-value", ""},
		{"greedy takes what is deeper", "GET", "/part1/hardcoded-value/x", "GET /part1/{param+}", "hardcoded-value/x"},
		{"a verb the literal lacks goes to the greedy root", "OPTIONS", "/test", "OPTIONS /{proxy+}", "test"},
		{"greedy does not match its parent", "GET", "/parent", "GET /{proxy+}", "parent"},
		{"nor its parent with a slash", "GET", "/parent/", "GET /{proxy+}", "parent"},
		{"trailing slash is not part of the value", "GET", "/proxy-value/", "GET /{proxy+}", "proxy-value"},
		{"double slash inside greedy stays", "GET", "/proxy-value//double-slash", "GET /{proxy+}", "proxy-value//double-slash"},
		{"extra slash after the stage", "GET", "//pets", "GET /pets", ""},
		{"a parameter is not empty", "GET", "/pets//toys", "GET /{proxy+}", "pets//toys"},
		{"values stay encoded", "DELETE", "/pets/test%2Balias+x", "ANY /pets/{id}", "test%2Balias+x"},
		{"an encoded slash does not split", "DELETE", "/pets/a%2Fb", "ANY /pets/{id}", "a%2Fb"},
		{"backtracks from a literal", "GET", "/mixed/lit/end", "GET /mixed/{a}/end", "lit"},
		{"values of an abandoned branch are dropped", "GET", "/mixed/x/y", "GET /{proxy+}", "mixed/x/y"},
		{"literal sent encoded", "GET", "/jobs%3Abatch", "GET /jobs:batch", ""},
		{"case counts", "GET", "/Pets", "GET /{proxy+}", "Pets"},
		{"no method", "PATCH", "/pets", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, params, ok := tree.Match(c.verb, c.path, nil)
			if ok != (c.route != "") || got != c.route || strings.Join(params, "|") != c.params {
				t.Errorf("%s %s = %q %q %v, want %q %q", c.verb, c.path, got, params, ok, c.route, c.params)
			}
		})
	}
}

func TestAddRefusesWhatCannotBeServed(t *testing.T) {
	tree := build(t, "GET /a", "ANY /a")
	for _, bad := range []string{"GET /a", "ANY /a", "GET /{x+}/y"} {
		verb, path, _ := strings.Cut(bad, " ")
		if err := tree.Add(path, verb, bad); err == nil {
			t.Errorf("Add(%s): no error", bad)
		}
	}
}

func TestParamNamesAreInOrder(t *testing.T) {
	if got := ParamNames("/a/{b}/c/{d}/{e+}"); !slices.Equal(got, []string{"b", "d", "e"}) {
		t.Error(got)
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	tree := threeHundred(t)
	values := make([]string, 0, 8)
	if n := testing.AllocsPerRun(100, func() { tree.Match("GET", "/service299/items/42/parts", values) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzMatch checks the tree against a slow statement of the same rule: of all resources
// that fit the path and have the verb, the one that is best segment by segment.
func FuzzMatch(f *testing.F) {
	for _, p := range []string{"/", "/a", "/a/", "//a", "/a/b/c", "/a//b", "/x/y/z/", "/%61", "/a/%2f", "/b/b/b"} {
		f.Add(p)
	}
	routes := []string{"/", "/a", "/a/b", "/a/{p}", "/{p}", "/{p}/b", "/{p}/b/{q+}", "/{p+}", "/a/b/{q}", "/b/{p}/b", "/b/b/{q+}"}
	tree := &Tree[string]{}
	for i, r := range routes {
		if err := tree.Add(r, []string{"GET", Any}[i%2], r); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, path string) {
		for _, verb := range []string{"GET", "PUT"} {
			want := ""
			for i, r := range routes {
				if (i%2 == 0 && verb != "GET") || !fits(r, path) {
					continue
				}
				if want == "" || rank(r) < rank(want) {
					want = r
				}
			}
			got, values, _ := tree.Match(verb, path, nil)
			if got != want {
				t.Fatalf("%s %q = %q, want %q", verb, path, got, want)
			}
			if len(values) != len(ParamNames(got)) {
				t.Fatalf("%s %q: %d values for %q", verb, path, len(values), got)
			}
		}
	})
}

func fits(resource, path string) bool {
	want, have := split(resource), split(path)
	for i, w := range want {
		switch {
		case i >= len(have):
			return false
		case kind(w) == greedy:
			return true
		case kind(w) == param && have[i] == "":
			return false
		case kind(w) == literal && have[i] != w:
			if d, err := url.PathUnescape(have[i]); err != nil || d != w {
				return false
			}
		}
	}
	return len(want) == len(have)
}

// rank orders resources that fit one path: a letter a segment, so that it compares as text.
func rank(resource string) string {
	var b strings.Builder
	for _, s := range split(resource) {
		b.WriteByte('0' + byte(kind(s)))
	}
	return b.String()
}

func threeHundred(tb testing.TB) *Tree[int] {
	tree := &Tree[int]{}
	for i := range 300 {
		if err := tree.Add(fmt.Sprintf("/service%d/items/{id}/parts", i), "GET", i); err != nil {
			tb.Fatal(err)
		}
	}
	return tree
}

func BenchmarkMatchLastOf300Routes(b *testing.B) {
	tree := threeHundred(b)
	values := make([]string, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		tree.Match("GET", "/service299/items/42/parts", values)
	}
}
