package domain

import (
	"net/http"
	"strings"
	"testing"
)

// requestWith is a request with headers "Name: value", and one of HTTP/1 with that many lines.
func requestWith(headers string) *http.Request {
	r := &http.Request{Host: "pets.example.com", Header: http.Header{}}
	for line := range strings.SplitSeq(headers, "|") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Add(name, value)
		}
	}
	return r
}

// REST API guide, "Routing rules to connect API stages to a custom domain name", tables of wildcards
// and of literal matches (read 2026-11).
func TestHeaderConditions(t *testing.T) {
	cases := []struct{ globs, values, want string }{
		{"a*", "account alpha backup beta users", "account alpha"},
		{"*a", "account alpha backup beta users", "alpha beta"},
		{"*a*", "account alpha backup beta users", "account alpha backup beta"},
		{"*a* *b*", "account alpha backup beta users", "backup beta"},
		{"b* *a", "account alpha backup beta users", "beta"},
		{"*", "account alpha backup beta users", "account alpha backup beta users"},
		{"alpha", "Alpha alphabet alpha", "alpha"},
		{"a?c", "abc a?c", "a?c"},
	}
	for _, c := range cases {
		var headers []Header
		for _, glob := range strings.Fields(c.globs) {
			headers = append(headers, Header{"x-VERSION", glob})
		}
		d := New(Domain{}, nil, Rule{Headers: headers, API: "one"})
		var got []string
		for _, value := range strings.Fields(c.values) {
			if _, ok := d.Match("/", requestWith("X-Version: "+value)); ok {
				got = append(got, value)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s takes %v, want %s", c.globs, got, c.want)
		}
	}
	for _, c := range []struct {
		glob, headers string
		want          bool
	}{
		{"*json", "Accept: application/json|Accept: text/xml", true},
		{"*json", "Accept: application/json,text/xml", false},
		{"*json*", "Accept: application/json|Accept: text/xml", true},
		{"*json*", "Accept: application/json,text/xml", true},
		{"*", "", false},
	} {
		d := New(Domain{}, nil, Rule{Headers: []Header{{"Accept", c.glob}}})
		if _, got := d.Match("/", requestWith(c.headers)); got != c.want {
			t.Errorf("%s, %s: %v", c.glob, c.headers, got)
		}
	}
	if _, ok := New(Domain{}, nil, Rule{Headers: []Header{{"host", "pets.*"}}}).Match("/", requestWith("")); !ok {
		t.Error("Host is a header too")
	}
}

// The same guide, "Strip the base path with base path conditions".
func TestBasePathConditions(t *testing.T) {
	for _, c := range []struct {
		base  string
		strip bool
		path  string
		want  string // path of the API, "" where the rule does not match
	}{
		{"PetStoreShopper/dogs", true, "/PetStoreShopper/dogs", "/"},
		{"PetStoreShopper/dogs", false, "/PetStoreShopper/dogs", "/PetStoreShopper/dogs"},
		{"PetStoreShopper", true, "/PetStoreShopper/dogs", "/dogs"},
		{"PetStoreShopper", false, "/PetStoreShopper/dogs", "/PetStoreShopper/dogs"},
		{"PetStoreShopper", true, "/PetStoreShopper", "/"},
		{"PetStoreShopper", true, "/PetStoreShopper/", "/"},
		{"PetStoreShopper", false, "/PetStoreShopper/", "/PetStoreShopper/"},
		{"PetStoreShopper", true, "//PetStoreShopper//dogs/", "/dogs/"},
		{"New/Users", true, "/new/users", ""},
		{"New", true, "/Newer", ""},
		{"", false, "/any/path", "/any/path"},
		{"", false, "", "/"},
	} {
		m, ok := New(Domain{}, nil, Rule{ID: "abc123", BasePath: c.base, Strip: c.strip, API: "one", Stage: "prod"}).Match(c.path, requestWith(""))
		full := "/" + strings.TrimLeft(c.path, "/")
		if ok != (c.want != "") || ok && m != (Match{API: "one", Stage: "prod", Path: c.want, Full: full, Rule: "abc123"}) {
			t.Errorf("%s: %s: %v %+v", c.base, c.path, ok, m)
		}
	}
}

// The guide's "Examples of how API Gateway evaluates routing rules" (read 2026-11).
func TestRulesGoByTheirPriorities(t *testing.T) {
	hello, dog := Header{"Hello", "World"}, Header{"Pet", "Dog-*"}
	only := New(Domain{}, nil,
		Rule{Priority: 100, API: "3"},
		Rule{Priority: 10, Headers: []Header{hello}, API: "1"},
		Rule{Priority: 50, Headers: []Header{{"Accept", "image/webp"}, dog}, BasePath: "PetStoreShopper", API: "2"},
	)
	both := New(Domain{}, []Mapping{{"", "m", "prod"}, {"PetStoreShopper", "mp", "prod"}},
		Rule{Priority: 1, BasePath: "PetStoreShopper", Headers: []Header{dog}, API: "1"},
		Rule{Priority: 5, BasePath: "PetStoreAdmin", API: "2"},
	)
	for _, c := range []struct {
		name          string
		d             *Domain
		path, headers string
		want          string
	}{
		{"rules only", only, "/", "Hello: World", "1"},
		{"the first of two", only, "/PetStoreShopper", "Hello: World|Pet: Dog-Bella|Accept: image/webp", "1"},
		{"all of its conditions", only, "/PetStoreShopper", "Pet: Dog-Bella|Accept: image/webp", "2"},
		{"not one of them", only, "/PetStoreShopper", "Pet: Dog-Bella", "3"},
		{"a rule before a mapping", both, "/PetStoreShopper", "Pet: Dog-Bella", "1"},
		{"a mapping where no rule matches", both, "/PetStoreShopper", "Pet: Cat-Bella", "mp"},
		{"a rule before the root's mapping", both, "/PetStoreAdmin", "Pet: Dog-Bella", "2"},
		{"the root's mapping", both, "/other", "Pet: Dog-Bella", "m"},
	} {
		if m, _ := c.d.Match(c.path, requestWith(c.headers)); m.API != c.want {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
}
