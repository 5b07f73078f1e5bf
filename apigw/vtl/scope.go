package vtl

import "iter"

// A Scope is what one execution of a template sees. It serves one request or response, is not
// safe for concurrent use, and any field may be left zero. The request template and the response
// template of one exchange get a Scope each (other bodies) that share Params, Context and Overrides.
type Scope struct {
	Body []byte // raw; empty reads as {} in $input; JSON is parsed when first asked for, at most once

	Path, Query, Header Params // $input.params(), searched in this order
	StageVariables      Params
	Context             Context
	Overrides           *Overrides // nil: $context.requestOverride and responseOverride are there, and forgotten afterwards

	MaxOutput int // bytes; 0 is 10 MiB, API Gateway's payload limit

	body    any // Body as a string, once asked for
	root    any // Body parsed
	jsonErr error
	parsed  bool
}

// Params is one group of named strings. Strings is the simple one; the gateway's own may read
// a request without copying it (headers decide there whether case matters).
type Params interface {
	Lookup(name string) (string, bool)
	All() iter.Seq2[string, string]
}

// Strings are Params in a map.
type Strings map[string]string

// Lookup implements Params.
func (s Strings) Lookup(name string) (string, bool) { v, ok := s[name]; return v, ok }

// All implements Params; the order is the map's. Templates see Java's HashMap order in any case.
func (s Strings) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for k, v := range s {
			if !yield(k, v) {
				return
			}
		}
	}
}

// A Context resolves $context.NAME when a template asks for it, so nothing is built for
// a request that asks for little. requestOverride and responseOverride are never asked for: Overrides has them.
type Context interface {
	// Lookup returns a string, bool, int, int64, float64, or a Context for a group such as identity.
	Lookup(name string) (any, bool)
	// Names lists what is there, in the order AWS prints it ($context alone, keySet()).
	Names() []string
}
