package domain

import (
	"fmt"
	"sync"
	"testing"
)

// facts/rest-dataplane.md §19: the longest mapping wins; one without a stage takes the next segment.
func TestTheLongestMappingWins(t *testing.T) {
	d := New(Domain{Name: "API.example.com"}, []Mapping{
		{"", "root", "prod"}, {"v1", "one", "prod"}, {"v1/orders", "orders", "live"}, {"any", "staged", ""},
	})
	cases := []struct{ path, want string }{
		{"/", "root prod / full=/ base=(none)"},
		{"", "root prod / full=/ base=(none)"},
		{"/pets/7", "root prod /pets/7 full=/pets/7 base=(none)"},
		{"/v1", "one prod / full=/v1 base=v1"},
		{"/v1/", "one prod / full=/v1/ base=v1"},
		{"/v1/pets", "one prod /pets full=/v1/pets base=v1"},
		{"/v1//pets", "one prod /pets full=/v1//pets base=v1"},
		{"//v1/pets/", "one prod /pets/ full=/v1/pets/ base=v1"},
		{"/v12", "root prod /v12 full=/v12 base=(none)"},
		{"/V1/pets", "root prod /V1/pets full=/V1/pets base=(none)"},
		{"/v1/orders", "orders live / full=/v1/orders base=v1/orders"},
		{"/v1/orders/7", "orders live /7 full=/v1/orders/7 base=v1/orders"},
		{"/v1/orders7", "one prod /orders7 full=/v1/orders7 base=v1"},
		{"/any/dev/pets", "staged dev /pets full=/any/dev/pets base=any"},
		{"/any/dev", "staged dev / full=/any/dev base=any"},
		{"/any", "staged  / full=/any base=any"},
	}
	for _, c := range cases {
		m, ok := d.Match(c.path, nil)
		if got := fmt.Sprintf("%s %s %s full=%s base=%s", m.API, m.Stage, m.Path, m.Full, m.BasePath); !ok || got != c.want {
			t.Errorf("%s: %s, want %s", c.path, got, c.want)
		}
	}
	if m, ok := New(Domain{}, []Mapping{{"v1", "one", "prod"}}).Match("/v2", nil); ok {
		t.Errorf("%+v", m)
	}
}

func TestANameBeatsItsWildcard(t *testing.T) {
	var r Registry
	if d := r.Lookup("api.example.com"); d != nil {
		t.Error("found in nothing", d)
	}
	r.Set(New(Domain{Name: "*.example.com"}, nil))
	r.Set(New(Domain{Name: "api.example.com"}, nil))
	for host, want := range map[string]string{
		"api.example.com":      "api.example.com",
		"API.Example.COM:4566": "api.example.com",
		"api.example.com.":     "api.example.com",
		"other.example.com":    "*.example.com",
		"a.b.example.com":      "",
		"example.com":          "",
		"localhost:4566":       "",
		"[::1]:4566":           "",
	} {
		got := ""
		if d := r.Lookup(host); d != nil {
			got = d.Name
		}
		if got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	r.Remove("API.example.com")
	if d := r.Lookup("api.example.com"); d == nil || d.Name != "*.example.com" {
		t.Error(d)
	}
	r.Clear()
	if d := r.Lookup("api.example.com"); d != nil {
		t.Error(d)
	}
}

func TestAnAnnouncedNameIsLoadedOnce(t *testing.T) {
	var r Registry
	loads := 0
	r.Announce("a.example.com", func() *Domain { loads++; return New(Domain{Name: "a.example.com"}, nil) })
	r.Announce("gone.example.com", func() *Domain { return nil })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if d := r.Lookup("a.example.com"); d == nil {
				t.Error("not found")
			}
		})
	}
	wg.Wait()
	if d := r.Lookup("gone.example.com"); loads != 1 || d != nil {
		t.Errorf("%d loads, %v", loads, d)
	}
}
