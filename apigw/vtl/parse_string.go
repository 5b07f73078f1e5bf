package vtl

import (
	"strconv"
	"strings"

	"postern/apigw/jsonpath"
)

// parseString parses a literal; one in double quotes with a $ or # is a template of its own.
func (p *parser) parseString() expr {
	t := p.take()
	quote := t.image[:1]
	body := t.image[1 : len(t.image)-1]
	template := quote == `"` && strings.ContainsAny(body, "$#")
	if quote == `"` {
		body = p.unescape(body, t.pos)
	}
	body = strings.ReplaceAll(body, quote+quote, quote)
	if !template || p.problem != nil {
		return constant{body}
	}
	return p.parseInterpolation(body, t.pos)
}

// parseInterpolation appends a blank, so that a last $ or # is no error, and takes one character away from
// what the template prints: both as Velocity does.
func (p *parser) parseInterpolation(body string, pos int) expr {
	if !p.enter() {
		return constant{}
	}
	defer p.leave()
	comment := strings.Contains(body, "##")
	if !comment {
		body += " "
	}
	inner := &parser{lex: lexer{src: body}, names: p.names, depth: p.depth, base: p.base + pos, inside: true}
	if p.inside {
		inner.base = p.base
	}
	nodes := inner.document()
	if inner.problem != nil {
		p.problem = inner.problem
	}
	return &interpolation{nodes, !comment}
}

// document parses a whole template.
func (p *parser) document() []node {
	nodes := p.statements()
	if p.problem == nil && p.kind() != kEOF {
		p.unexpected("expected text or a directive")
	}
	return nodes
}

// unescape replaces \u0041; other backslashes stay.
func (p *parser) unescape(s string, pos int) string {
	if !strings.Contains(s, `\u`) {
		return s
	}
	var out []byte
	for {
		i := strings.Index(s, `\u`)
		if i < 0 {
			return string(append(out, s...))
		}
		out = append(out, s[:i]...)
		s = s[i+2:]
		if len(s) < 4 {
			p.fail(pos, `\u wants four hexadecimal digits`)
			return ""
		}
		u, err := strconv.ParseUint(s[:4], 16, 16)
		if err != nil {
			p.fail(pos, `\u wants four hexadecimal digits`)
			return ""
		}
		out = jsonpath.AppendUnit(out, uint16(u))
		s = s[4:]
	}
}
