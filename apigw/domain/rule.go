package domain

import (
	"net/http"
	"slices"
	"strings"
)

// A Rule hands requests that meet all of its conditions over to a stage (REST API guide, "Routing
// rules to connect API stages to a custom domain name", read 2026-11). One without conditions takes
// every request.
type Rule struct {
	ID         string
	Priority   int32  // rules are asked in the order of theirs
	BasePath   string // whose segments the path begins with; "" for any
	Headers    []Header
	API, Stage string
	Strip      bool // the API does not see the base path
}

// A Header is a condition on a header: one of the request's lines of that name has the value.
type Header struct {
	Name string // in whatever case
	Glob string // the value as it is, or with a star at its front, its end or both
}

// canonical are conditions with their names as net/http has them.
func canonical(headers []Header) []Header {
	out := slices.Clone(headers)
	for i := range out {
		out[i].Name = http.CanonicalHeaderKey(out[i].Name)
	}
	return out
}

func (r *Rule) match(path string, req *http.Request) (out Match, ok bool) {
	rest, ok := below(path, r.BasePath)
	if !ok {
		return out, false
	}
	for _, h := range r.Headers {
		if !h.match(req) {
			return out, false
		}
	}
	if !r.Strip {
		rest = path
	}
	return Match{API: r.API, Stage: r.Stage, Full: "/" + path, Path: "/" + strings.TrimLeft(rest, "/"), Rule: r.ID}, true
}

// below is what of a path follows a base path, ok where that begins it.
func below(path, base string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, base)
	return rest, ok && (base == "" || rest == "" || rest[0] == '/')
}

func (h Header) match(req *http.Request) bool {
	if h.Name == "Host" { // net/http keeps it elsewhere
		return h.matchValue(req.Host)
	}
	for _, value := range req.Header[h.Name] {
		if h.matchValue(value) {
			return true
		}
	}
	return false
}

// matchValue compares a line's value literally: lists in it are not taken apart.
func (h Header) matchValue(value string) bool {
	glob, front := strings.CutPrefix(h.Glob, "*")
	glob, end := strings.CutSuffix(glob, "*")
	switch {
	case front && end:
		return strings.Contains(value, glob)
	case front:
		return strings.HasSuffix(value, glob)
	case end:
		return strings.HasPrefix(value, glob)
	}
	return value == glob
}
