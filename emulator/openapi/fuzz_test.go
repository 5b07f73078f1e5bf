package openapi

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// Whatever is read ends soon, keeps its limits and, once it is a document, can be written and read
// again.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("../apigateway/testdata/openapi/*")
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	for _, body := range []string{
		"a: &a [x]\nb: [*a, *a]\nswagger: '2.0'", "swagger: '2.0'\ninfo: &i {x: *i}", `{"openapi":"3.0.0","paths":{"/":{"$ref":"#/paths/~1"}}}`,
		"swagger: 2.0\n<<: {paths: {/: {get: {}}}}", `{"swagger":"2.0","paths":{"":{"get":{"parameters":[null]}}}}`, "{\"a\":1}{", "? [a]\n: b",
		`{"openapi":"3.0.1","security":[{"a":1},null],"components":{"securitySchemes":{"a":null}},"paths":{"/a":{"get":{"responses":{"200":null},"requestBody":{"content":{"a/b":null}}}}}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var rest REST
		if !readSoon(t, body, func(d *Document) { rest, _ = d.REST(Options{RestAPIID: "id", BasePath: "split"}) }) {
			return
		}
		for _, e := range []Export{{Swagger: true, APIGateway: true}, {APIGateway: true, Documentation: true}} {
			mustReadAgain(t, rest.Write(e))
		}
	})
}

// The same of HTTP APIs.
func FuzzReadHTTP(f *testing.F) {
	files, _ := filepath.Glob("testdata/http/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range archive.Files {
			f.Add(part.Data)
		}
	}
	f.Add([]byte(`{"openapi":"3.0.1","paths":{"$default":{"x-amazon-apigateway-any-method":{"security":[{"a":[]}]}},"":{"get":{"parameters":[null]}}},` +
		`"components":{"securitySchemes":{"a":{"type":"openIdConnect","openIdConnectUrl":"/.well-known/openid-configuration","x-amazon-apigateway-authorizer":{"type":"jwt","identitySource":","}}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var http HTTP
		if !readSoon(t, body, func(d *Document) { http, _ = d.HTTP("prepend") }) {
			return
		}
		for _, extensions := range []bool{true, false} {
			mustReadAgain(t, http.Write(HTTPExport{Stage: "s", Extensions: extensions}))
		}
	})
}

// readSoon reads a document, if it is one, within limits of time and memory.
func readSoon(t *testing.T, body []byte, read func(*Document)) (ok bool) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	d, err := Read(body)
	if err != nil {
		return false
	}
	read(d)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 2<<30 {
		t.Errorf("allocated %d bytes", grown)
	}
	return true
}

func mustReadAgain(t *testing.T, n *Node) {
	t.Helper()
	if _, err := Read(n.JSON()); err != nil {
		t.Errorf("%v in %s", err, n.JSON())
	}
	y, err := n.YAML()
	if err != nil {
		t.Error(err)
	}
	if _, err := Read(y); err != nil {
		t.Errorf("%v in %s", err, y)
	}
}
