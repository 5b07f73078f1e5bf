package apigatewayv2

import (
	"strings"
	"testing"

	"postern/apigw/route"
)

// What management takes, the route tree of a stage takes too: two keys of different shapes never meet, and a
// parameter that one of them has is one that the tree knows.
func FuzzRouteKeys(f *testing.F) {
	for _, keys := range [][2]string{
		{"GET /pets/{id}", "GET /pets/{proxy+}"}, {"ANY /", "GET /"}, {"GET /a//b/", "GET /a//b"}, {"$default", "GET /{x}"},
		{"GET /{a}", "GET /{b}"}, {"GET /{a+}/b", "GET /{}"}, {"GET /a{b}", "get /a"}, {"GET /{+}", "GET /%7Ba%7D"},
	} {
		f.Add(keys[0], keys[1])
	}
	f.Fuzz(func(t *testing.T, one, other string) {
		tree := route.Tree[int]{Exact: true}
		for i, key := range []string{one, other} {
			if checkHTTPKey(key) != nil || key == defaultRoute || i == 1 && keyShape(one) == keyShape(other) {
				continue
			}
			verb, path, _ := strings.Cut(key, " ")
			if err := tree.Add(path, verb, i); err != nil {
				t.Errorf("%q and %q are taken: %v", one, other, err)
			}
			if got, want := len(route.ParamNames(path)), strings.Count(path, "{"); got != want {
				t.Errorf("%q has %d variables, the tree knows %d", key, want, got)
			}
		}
	})
}
