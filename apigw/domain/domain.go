package domain

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"

	"postern/apigw"
)

// Root is how AWS shows the key of the mapping that takes what no other does.
const Root = "(none)"

// A Domain is one custom domain name as it is served: immutable.
type Domain struct {
	Name string // in lower case; a wildcard begins with "*."
	Edge bool   // called through CloudFront

	// TLS is how connections to the name are made: its certificate, its versions. Nil is as to
	// any other name.
	TLS *tls.Config
	// Clients are the authorities whose clients may call, for mutual TLS; nil asks nobody.
	Clients *x509.CertPool
	// Handler serves the name in the place of APIs: a portal's pages. Nil for none.
	Handler http.Handler
	// Private is set for a name that is only known behind VPC endpoints.
	Private *Private

	rules    []Rule             // asked before the mappings, by their priorities
	mappings map[string]Mapping // by key
	deepest  int                // the most segments that a key has
}

// A Private says who may call a private name.
type Private struct {
	Endpoints map[string]bool // ids of those with an access association
	// Allows is what the domain's policy says of a call whose stage is known; nil: nobody may.
	Allows func(*apigw.Exchange) bool
}

// A Mapping hands what comes below a key over to an API.
type Mapping struct {
	Key   string // "" for the root, "v1"; of HTTP APIs also "orders/v1"
	API   string
	Stage string // "": the next segment of the path names it
}

// New makes a domain with its routing rules and mappings, none of whose keys is there twice.
func New(d Domain, mappings []Mapping, rules ...Rule) *Domain {
	d.Name = strings.ToLower(d.Name)
	d.rules = slices.SortedFunc(slices.Values(rules), func(a, b Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	for i := range d.rules {
		d.rules[i].Headers = canonical(d.rules[i].Headers)
	}
	d.mappings = make(map[string]Mapping, len(mappings))
	for _, m := range mappings {
		d.mappings[m.Key] = m
		if m.Key != "" {
			d.deepest = max(d.deepest, strings.Count(m.Key, "/")+1)
		}
	}
	return &d
}

// A Match is what a path at a domain means.
type Match struct {
	API, Stage string
	Path       string // below the stage, with one slash at its front: "/pets"
	Full       string // as the client sent it, with one slash at its front: "/v1/pets"
	BasePath   string // that a mapping matched: "v1", or Root; "" where a rule did
	Rule       string // id of the routing rule that matched, "" where a mapping did
}

// MultiLevel tells whether the domain has mappings whose keys have several segments: then API Gateway
// shows all names of headers in lower case (REST API guide, "API mappings", read 2026-11).
func (d *Domain) MultiLevel() bool { return d.deepest > 1 }

// Match finds what a request is for: by the first routing rule whose conditions it meets, else by the
// mapping with the longest key that begins its path, which is as the client encoded it. Slashes at its
// front count as one, as they do before a stage.
func (d *Domain) Match(path string, r *http.Request) (Match, bool) {
	path = strings.TrimLeft(path, "/")
	for i := range d.rules {
		if m, ok := d.rules[i].match(path, r); ok {
			return m, true
		}
	}
	for n := d.deepest; n >= 0; n-- {
		key, rest, ok := split(path, n)
		if !ok {
			continue
		}
		if m, ok := d.mappings[key]; ok {
			return m.match(path, rest), true
		}
	}
	return Match{}, false
}

// split cuts the first n segments off; ok is false where there are fewer.
func split(path string, n int) (key, rest string, ok bool) {
	if n == 0 {
		return "", path, true
	}
	end := 0
	for range n {
		if end >= len(path) {
			return "", "", false
		}
		if end > 0 {
			end++ // the slash
		}
		next := strings.IndexByte(path[end:], '/')
		if next < 0 {
			next = len(path) - end
		}
		if next == 0 {
			return "", "", false
		}
		end += next
	}
	return path[:end], path[end:], true
}

func (m Mapping) match(path, rest string) Match {
	out := Match{API: m.API, Stage: m.Stage, Full: "/" + path, BasePath: m.Key}
	if m.Key == "" {
		out.BasePath = Root
	}
	rest = strings.TrimLeft(rest, "/")
	if m.Stage == "" {
		out.Stage, rest, _ = strings.Cut(rest, "/")
		rest = strings.TrimLeft(rest, "/")
	}
	out.Path = "/" + rest
	return out
}
