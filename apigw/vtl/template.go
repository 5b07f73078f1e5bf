package vtl

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Limits of API Gateway (REST API guide, "Quotas for mapping templates", read 2026-11).
const (
	MaxTemplate   = 300 << 10 // bytes of source
	MaxIterations = 1000      // of one #foreach; the rest of the list is left out without an error, as Velocity does

	defaultMaxOutput = 10 << 20
)

// A Template is a compiled mapping template: immutable, for any number of goroutines.
type Template struct {
	source string
	nodes  []node
	slots  int
	// slots of the variables that loops set, -1 where the template does not use them
	foreach, count, hasNext int
}

// Parse compiles a template. The error is an Errors: every problem found, each with its line and column.
func Parse(source string) (*Template, error) {
	if len(source) > MaxTemplate {
		return nil, Errors{{Line: 1, Column: 1, Text: "the template is longer than 300 KB"}}
	}
	p := newParser(source)
	nodes := p.document()
	if p.problem != nil {
		return nil, Errors{place(source, p.problem.pos, p.problem.text)}
	}
	t := &Template{source: source, nodes: nodes, slots: len(p.names)}
	t.foreach, t.count, t.hasNext = p.used("foreach"), p.used("velocityCount"), p.used("velocityHasNext")
	return t, nil
}

func (p *parser) used(name string) int {
	if slot, ok := p.names[name]; ok {
		return slot
	}
	return -1
}

// Execute appends the template's output to dst. An error (an *Error where the place is known) means that AWS
// would answer 500; dst is then returned as it was. Templates change s.Overrides and, through $input.path, the parsed body.
func (t *Template) Execute(dst []byte, s *Scope) ([]byte, error) {
	r := newRun(t, s, dst)
	err := r.render(t.nodes)
	out := r.out
	tooLarge := len(out) > r.limit
	r.free()
	if _, ok := err.(loopBreak); ok || err == errStop || err == errBreak {
		err = nil
	}
	switch {
	case err == nil && tooLarge:
		return dst, errTooLarge
	case err == nil:
		return wellFormed(out, len(dst)), nil
	}
	if f := (*fault)(nil); errors.As(err, &f) {
		return dst, place(t.source, f.pos, f.err.Error())
	}
	return dst, err
}

// place makes an Error of an offset.
func place(source string, pos int, text string) *Error {
	pos = min(pos, len(source))
	start := strings.LastIndexByte(source[:pos], '\n') + 1
	end := len(source)
	if i := strings.IndexByte(source[pos:], '\n'); i >= 0 {
		end = pos + i
	}
	return &Error{
		Line:   strings.Count(source[:start], "\n") + 1,
		Column: utf8.RuneCountInString(source[start:pos]) + 1,
		Text:   text,
		Source: source[start:end],
	}
}
