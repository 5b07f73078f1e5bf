package vtl

import "strings"

// statements parses text and directives up to a token that begins no statement.
func (p *parser) statements() []node {
	var nodes []node
	if !p.enter() {
		return nil
	}
	defer p.leave()
	for p.problem == nil {
		n, ok := p.statement()
		if !ok {
			break
		}
		nodes = appendNode(nodes, n)
	}
	return nodes
}

// appendNode joins texts that follow each other.
func appendNode(nodes []node, n node) []node {
	t, ok := n.(text)
	if !ok {
		if n == nil {
			return nodes
		}
		return append(nodes, n)
	}
	if t == "" {
		return nodes
	}
	if last := len(nodes) - 1; last >= 0 {
		if before, ok := nodes[last].(text); ok {
			nodes[last] = before + t
			return nodes
		}
	}
	return append(nodes, t)
}

// statement parses one; nil is one that does nothing.
func (p *parser) statement() (node, bool) {
	switch t := p.peek(0); t.kind {
	case kIf:
		return p.parseIf(), true
	case kStop:
		p.take()
		return stop{}, true
	case kLineComment:
		p.take()
		p.accept(kLineCommentEnd)
		return nil, true
	case kBlockComment:
		p.take()
		return nil, true
	case kTextBlock:
		return p.parseTextBlock(), true
	case kSet:
		return p.parseSet(), true
	case kEscapedDirective:
		p.take()
		return text(escapedDirective(t.image)), true
	case kDoubleEscape:
		return p.parseEscapes(), true
	case kWord, kBracedWord:
		return p.parseDirective(), true
	case kIdentifier:
		return p.parseReference(), true
	case kRefCurlyOpen:
		if p.peek(1).kind == kIdentifier {
			return p.parseReference(), true
		}
		fallthrough
	case kText, kDot, kParenClose, kParenOpen, kInteger, kFloat, kString, kEscape, kRefCurlyClose, kEmptyIndex:
		p.take()
		return text(t.literal()), true
	}
	return nil, false
}

func (p *parser) parseTextBlock() node {
	t := p.take()
	if len(t.image) < 6 { // a ## inside has cut off its beginning
		p.fail(t.pos, "## within #[[ ]]#")
		return nil
	}
	return text(t.image[3 : len(t.image)-3])
}

// directives are those that are no tokens of their own. #evaluate is not among them on AWS.
var directives = map[string]bool{
	"foreach": true, "define": true, "macro": true, "break": true, "include": true, "parse": true, "literal": true,
}

func isControl(name string) bool {
	switch name {
	case "if", "end", "set", "else", "elseif", "stop":
		return true
	}
	return directives[name]
}

// escapedDirective halves the backslashes in front of a directive; in front of another word they stay.
func escapedDirective(image string) string {
	slashes := strings.LastIndexByte(image, '\\')
	word := image[slashes+1:]
	name := strings.TrimSuffix(strings.TrimPrefix(word[1:], "{"), "}")
	if !isControl(name) {
		return image
	}
	return image[:slashes/2] + word
}

// parseEscapes takes pairs of backslashes; they are halved in front of a directive.
func (p *parser) parseEscapes() node {
	n := 0
	for p.accept(kDoubleEscape) {
		n++
	}
	t := p.peek(0)
	control := false
	switch t.kind {
	case kIf, kElse, kElseIf, kEnd, kStop:
		control = true
	default:
		control = t.image != "" && directives[t.image[1:]]
	}
	if control {
		return text(strings.Repeat(`\`, n))
	}
	return text(strings.Repeat(`\\`, n))
}

func (p *parser) parseIf() node {
	n := &ifNode{}
	p.parseBranch(n)
	for p.kind() == kElseIf {
		p.parseBranch(n)
	}
	if p.accept(kElse) {
		n.otherwise = p.statements()
	}
	p.expect(kEnd, "#end of an #if")
	return n
}

// parseBranch parses #if or #elseif up to the next branch.
func (p *parser) parseBranch(n *ifNode) {
	p.take()
	p.accept(kSpace)
	p.expect(kParenOpen, "( and a condition")
	condition := p.expression()
	p.expect(kParenClose, ") behind a condition")
	n.branches = append(n.branches, branch{condition, p.statements()})
}

func (p *parser) parseSet() node {
	p.take()
	p.accept(kSpace)
	if k := p.kind(); k != kIdentifier && k != kRefCurlyOpen {
		p.unexpected("expected the reference to #set")
		return nil
	}
	to := p.reference()
	p.accept(kSpace)
	p.expect(kAssign, "= in #set")
	value := p.expression()
	p.expect(kParenClose, ") behind #set")
	p.lex.inSet = false
	if p.problem != nil {
		return nil
	}
	return &set{to, value}
}
