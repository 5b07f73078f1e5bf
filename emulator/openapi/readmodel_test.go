package openapi

import (
	"fmt"
	"hash/fnv"
	"strings"
	"testing"
)

// Two bodies whose schemas have no names, but one hash, have a model each.
func TestModelsOfSchemasWithoutANameAreTheirOwn(t *testing.T) {
	a, b := collision(t)
	d, err := Read([]byte(`{"swagger":"2.0","info":{"title":"t"},"paths":{"/a":` + posts(a) + `,"/b":` + posts(b) + `,"/c":` + posts(a) + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	rest, problems := d.REST(Options{})
	if len(problems.Errors) > 0 || len(rest.Models) != 2 {
		t.Fatal(problems.Errors, rest.Models)
	}
	schemas := map[string]string{}
	for _, m := range rest.Models {
		schemas[*m.Name] = *m.Schema
	}
	for _, r := range rest.Resources {
		want := map[string]string{"/a": a, "/b": b, "/c": a}[r.Path]
		if got := schemas[r.Methods["POST"].RequestModels["application/json"]]; !strings.Contains(got, want) {
			t.Errorf("%s has model %s, want %s", r.Path, got, want)
		}
	}
}

// collision finds two titles whose schemas have one hash.
func collision(t *testing.T) (a, b string) {
	seen := map[uint32]string{}
	for n := range 1 << 20 {
		title := fmt.Sprintf(`"%x"`, n*2654435761)
		h := fnv.New32a()
		h.Write(NewObject().Set("title", strings.Trim(title, `"`)).JSON())
		sum := h.Sum32() & 0xffffff
		if former := seen[sum]; former != "" {
			return former, title
		}
		seen[sum] = title
	}
	t.Fatal("none")
	return
}

func posts(title string) string {
	return `{"post":{"parameters":[{"in":"body","schema":{"title":` + title + `}}]}}`
}
