package vtl

import "strings"

// parseDirective parses a directive that is a word: #foreach, #define, #macro, #break, or what only looks like one.
func (p *parser) parseDirective() node {
	first := p.at
	t := *p.take()
	name := t.image[1:]
	if t.kind == kBracedWord {
		name = t.image[2 : len(t.image)-1]
	}
	p.lex.state = inDirective
	if !p.parenthesisFollows() {
		return p.bareDirective(name, &t)
	}
	args := p.directiveArgs(name)
	block := strings.HasPrefix(name, "@")
	switch name {
	case "foreach", "define", "macro", "literal":
		block = true
	}
	if !block {
		return p.lineDirective(name, args, first, t.pos)
	}
	start := p.at
	body := p.statements()
	inner := p.literal(start)
	p.expect(kEnd, "#end of #"+name)
	if p.problem != nil {
		return nil
	}
	return p.blockDirective(name, args, body, inner, first, t.pos)
}

// parenthesisFollows looks at the text itself: no token may be read before that is known.
func (p *parser) parenthesisFollows() bool {
	if p.problem != nil {
		return false
	}
	for i := p.lex.pos; i < len(p.lex.src); i++ {
		if c := p.lex.src[i]; !isSpace(c) {
			return c == '('
		}
	}
	return false
}

func (p *parser) bareDirective(name string, t *token) node {
	p.lex.pop()
	switch name {
	case "macro":
		p.fail(t.pos, "#macro wants a name")
		return nil
	case "foreach", "define", "literal":
		return &failing{p.base + t.pos, "#" + name + " without arguments"}
	case "include", "parse":
		return nil
	case "break":
		return &breakNode{}
	}
	return text(t.literal())
}

// A directiveArg is one argument; word is set for a bare word.
type directiveArg struct {
	value expr
	word  string
}

func (p *parser) directiveArgs(name string) []directiveArg {
	p.accept(kSpace)
	p.expect(kParenOpen, "(")
	var args []directiveArg
	for p.problem == nil && p.argFollows() {
		p.accept(kSpace)
		if p.accept(kComma) {
			p.accept(kSpace)
		}
		args = append(args, p.directiveArg(name, len(args)))
	}
	p.accept(kSpace)
	p.expect(kParenClose, ") behind #"+name)
	return args
}

// argFollows looks two tokens ahead, as the grammar does.
func (p *parser) argFollows() bool {
	a := p.peek(0).kind
	if a != kSpace && a != kComma {
		return a == kWord || startsPrimary(a)
	}
	b := p.peek(1).kind
	return b == kComma && a == kSpace || b == kSpace && a == kComma || b == kWord || startsPrimary(b)
}

func (p *parser) directiveArg(name string, i int) directiveArg {
	t := p.peek(0)
	if t.kind != kWord {
		if name == "macro" && i == 0 {
			p.unexpected("expected the name of the #macro")
		}
		return directiveArg{value: p.primary()}
	}
	p.take()
	if directives[name] && (name != "foreach" || i != 1) && (name != "macro" || i != 0) {
		p.fail(t.pos, quote(t.image)+" cannot be an argument of #"+name)
	}
	return directiveArg{word: t.image}
}

func (p *parser) lineDirective(name string, args []directiveArg, first, pos int) node {
	switch name {
	case "include", "parse":
		if len(args) == 0 {
			return nil
		}
		return &failing{p.base + pos, "#" + name + " finds no file"}
	case "break":
		if len(args) == 0 {
			return &breakNode{}
		}
		return &breakNode{target: args[0].value, pos: p.base + pos}
	}
	return text(p.literal(first))
}

func (p *parser) blockDirective(name string, args []directiveArg, body []node, inner string, first, pos int) node {
	switch name {
	case "macro":
		// AWS takes the definition away and prints the calls (recorded outputs, testdata/vtl).
		if len(args) == 0 {
			p.fail(pos, "#macro wants a name")
		}
		return nil
	case "literal":
		return text(inner)
	case "define":
		if len(args) > 0 {
			if ref, ok := args[0].value.(*reference); ok {
				return &define{ref.slot, body}
			}
		}
		return &failing{p.base + pos, "#define wants a reference"}
	case "foreach":
		return p.foreach(args, body, pos)
	}
	return text(p.literal(first))
}

// foreach has the element, a word and the list. A fourth argument takes the block's place, as in Velocity.
func (p *parser) foreach(args []directiveArg, body []node, pos int) node {
	if len(args) < 3 {
		return &failing{p.base + pos, "#foreach wants ($element in $list)"}
	}
	ref, ok := args[0].value.(*reference)
	if !ok || args[2].value == nil {
		return &failing{p.base + pos, "#foreach wants ($element in $list)"}
	}
	if len(args) > 3 {
		body = nil
		if n, ok := args[3].value.(node); ok {
			body = []node{n}
		}
	}
	return &foreach{element: ref.slot, list: args[2].value, body: body}
}
