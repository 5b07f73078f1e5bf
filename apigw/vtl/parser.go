package vtl

import "strings"

// maxNesting bounds blocks, parentheses, lists, arguments and strings within each other.
const maxNesting = 150

// A parser turns tokens into nodes by the grammar of Velocity 1.7. The first syntax
// error ends it: behind one, the scanner's state means nothing.
type parser struct {
	lex     lexer
	tokens  []token
	at      int
	names   map[string]int // variable → slot; shared with the templates in strings
	depth   int
	base    int // offset in the whole template, for templates in strings
	inside  bool
	problem *problem
}

type problem struct {
	pos  int
	text string
}

var endOfTemplate = token{kind: kEOF}

// The slots of what every template sees.
const (
	slotInput = iota
	slotUtil
	slotContext
	slotStageVariables
	builtinSlots
)

func newParser(source string) *parser {
	return &parser{lex: lexer{src: source}, names: map[string]int{
		"input": slotInput, "util": slotUtil, "context": slotContext, "stageVariables": slotStageVariables,
	}}
}

func (p *parser) slot(name string) int {
	s, ok := p.names[name]
	if !ok {
		s = len(p.names)
		p.names[name] = s
	}
	return s
}

// fail keeps the first problem; from then on there are no more tokens.
func (p *parser) fail(pos int, text string) {
	if p.problem == nil {
		if p.inside {
			pos = 0
		}
		p.problem = &problem{p.base + pos, text}
	}
}

// peek looks ahead k tokens without taking any.
func (p *parser) peek(k int) *token {
	for p.problem == nil && len(p.tokens) <= p.at+k {
		t, text := p.lex.next()
		if text != "" {
			p.fail(p.lex.pos, text)
			break
		}
		p.tokens = append(p.tokens, t)
	}
	if p.problem != nil {
		return &endOfTemplate
	}
	return &p.tokens[p.at+k]
}

func (p *parser) kind() kind { return p.peek(0).kind }

func (p *parser) take() *token {
	t := p.peek(0)
	if p.problem == nil && t.kind != kEOF {
		p.at++
	}
	return t
}

// accept takes the next token if it is of this kind.
func (p *parser) accept(k kind) bool {
	if p.kind() != k {
		return false
	}
	p.take()
	return true
}

func (p *parser) expect(k kind, what string) {
	if !p.accept(k) {
		p.unexpected("expected " + what)
	}
}

func (p *parser) unexpected(expected string) {
	t := p.peek(0)
	switch {
	case p.problem != nil:
	case t.kind == kEOF:
		p.fail(len(p.lex.src), "unexpected end of the template, "+expected)
	default:
		p.fail(t.pos, "unexpected "+quote(t.image)+", "+expected)
	}
}

func quote(image string) string {
	if len(image) > 30 {
		image = image[:30] + "…"
	}
	return "\"" + strings.ToValidUTF8(image, "?") + "\""
}

// enter counts a level of nesting; leave has to follow where it is true.
func (p *parser) enter() bool {
	if p.depth++; p.depth > maxNesting {
		p.fail(p.peek(0).pos, "nested too deeply")
	}
	return p.problem == nil
}

func (p *parser) leave() { p.depth-- }

// literal is the tokens from first up to the current one as text.
func (p *parser) literal(first int) string {
	var b strings.Builder
	for i := first; i < p.at; i++ {
		b.WriteString(p.tokens[i].literal())
	}
	return b.String()
}
