package vtl

import (
	"strings"

	"postern/apigw/jsonpath"
)

// parseReference parses a reference that stands in text.
func (p *parser) parseReference() node {
	if r := p.reference(); p.problem == nil {
		return r
	}
	return nil
}

// reference parses $name, ${name}, $!name or $!{name} with its properties, methods and indexes.
func (p *parser) reference() *reference {
	if !p.enter() {
		return &reference{}
	}
	defer p.leave()
	first := p.at
	r := &reference{pos: p.base + p.peek(0).pos}
	curly := p.accept(kRefCurlyOpen)
	name := p.peek(0).image
	p.expect(kIdentifier, "a name")
	r.steps = p.indexes(nil)
	for p.kind() == kDot && p.peek(1).kind == kIdentifier {
		p.take()
		r.steps = p.indexes(append(r.steps, p.member()))
	}
	if curly {
		p.expect(kRefCurlyClose, "} behind a reference")
	}
	if p.problem == nil {
		p.complete(r, first, name, curly)
	}
	return r
}

// complete sorts out the backslashes, dollars and hashes in front of a reference; they are part
// of its first token. It follows ASTReference.getRoot of Velocity.
func (p *parser) complete(r *reference, first int, name string, curly bool) {
	image := p.tokens[first].image
	rest := p.literal(first + 1)
	if strings.Contains(image, `\!`) {
		r.form, r.literal = schmoo, unbang(image)
		return
	}
	slashes := 0
	for slashes < len(image) && image[slashes] == '\\' {
		slashes++
	}
	r.escaped = slashes%2 == 1
	r.prefix = image[:slashes/2]
	image = image[slashes:]
	if i := strings.LastIndexByte(image, '$'); i > 0 {
		r.more, image = image[:i], image[i:]
	}
	r.literal = image + rest
	switch {
	case strings.HasPrefix(image, "$!"):
		r.form = quiet
		if !curly {
			name = image[2:]
		}
	case image == "${":
		r.form = formal
	case strings.HasPrefix(image, "$"):
		name = image[1:]
	default:
		r.form, r.literal = schmoo, image
		return
	}
	r.slot = p.slot(name)
}

// unbang takes one backslash out of $\!name, which is no reference.
func unbang(image string) string {
	i := strings.IndexByte(image, '$')
	for i < len(image) && image[i] != '\\' {
		i++
	}
	n := 0
	for i+n < len(image) && image[i+n] == '\\' {
		n++
	}
	if n == 0 {
		return image
	}
	return image[:i+n-1] + image[i+n:]
}

func (p *parser) indexes(steps []step) []step {
	for p.kind() == kIndexOpen {
		pos := p.base + p.take().pos
		p.accept(kSpace)
		var at expr
		switch p.kind() {
		case kString, kInteger, kTrue, kFalse, kIdentifier, kRefCurlyOpen:
			at = p.primary()
		default:
			p.unexpected("expected an index")
			return steps
		}
		p.accept(kSpace)
		p.expect(kIndexClose, "] behind an index")
		steps = append(steps, &index{at, pos})
	}
	return steps
}

// member parses a property or method behind its dot.
func (p *parser) member() step {
	t := *p.take()
	if p.kind() != kParenOpen || !startsArgument(p.peek(1).kind) {
		return &property{t.image}
	}
	p.take()
	m := &method{name: t.image, pos: p.base + t.pos}
	if p.kind() != kRefParenClose {
		m.args = append(m.args, p.parameter())
		for p.accept(kComma) {
			m.args = append(m.args, p.parameter())
		}
	}
	p.expect(kRefParenClose, ") behind the arguments of "+t.image)
	m.compilePath()
	m.compilePattern()
	return m
}

// compilePath prepares $input.path('$.a') and $input.json('$.a').
func (m *method) compilePath() {
	if len(m.args) != 1 || m.name != "path" && m.name != "json" {
		return
	}
	if c, ok := m.args[0].(constant); ok {
		if source, ok := c.v.(string); ok {
			m.path, m.pathErr = jsonpath.Compile(source)
		}
	}
}

func startsArgument(k kind) bool { return k == kRefParenClose || k == kSpace || startsPrimary(k) }
