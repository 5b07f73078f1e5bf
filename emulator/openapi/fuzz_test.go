package openapi

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
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
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		d, err := Read(body)
		if err != nil {
			return
		}
		rest, _ := d.REST(Options{RestAPIID: "id", BasePath: "split"})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 2<<30 {
			t.Errorf("allocated %d bytes", grown)
		}
		for _, e := range []Export{{Swagger: true, APIGateway: true}, {APIGateway: true, Documentation: true}} {
			n := rest.Write(e)
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
	})
}
