package vtl

import (
	"errors"
	"strconv"
	"strings"

	"postern/apigw/jsonpath"
)

// expression parses by precedence, lowest first.
func (p *parser) expression() expr {
	if !p.enter() {
		return constant{}
	}
	defer p.leave()
	left := p.and()
	for p.accept(kOr) {
		left = &or{left, p.and()}
	}
	return left
}

func (p *parser) and() expr {
	left := p.equality()
	for p.accept(kAnd) {
		left = &and{left, p.equality()}
	}
	return left
}

func (p *parser) equality() expr {
	left := p.relation()
	for p.kind() == kEqual || p.kind() == kNotEqual {
		k := p.take().kind
		left = &equal{left, p.relation(), k == kNotEqual}
	}
	return left
}

func (p *parser) relation() expr {
	left := p.sum()
	for p.kind() == kLess || p.kind() == kLessEqual || p.kind() == kGreater || p.kind() == kGreaterEqual {
		k := p.take().kind
		left = &relation{left, p.sum(), k}
	}
	return left
}

func (p *parser) sum() expr {
	left := p.product()
	for p.kind() == kPlus || p.kind() == kMinus {
		left = p.arithmetic(left, p.product)
	}
	return left
}

func (p *parser) product() expr {
	left := p.unary()
	for p.kind() == kTimes || p.kind() == kDivide || p.kind() == kModulo {
		left = p.arithmetic(left, p.unary)
	}
	return left
}

func (p *parser) arithmetic(left expr, operand func() expr) expr {
	op := p.take().kind
	first := p.at
	right := operand()
	return &arithmetic{left, right, op, strings.TrimSpace(p.literal(first))}
}

func (p *parser) unary() expr {
	if p.kind() == kNot || p.kind() == kSpace && p.peek(1).kind == kNot {
		p.accept(kSpace)
		p.take()
		if !p.enter() {
			return constant{}
		}
		defer p.leave()
		return &not{p.unary()}
	}
	p.accept(kSpace)
	var e expr
	if p.accept(kParenOpen) {
		e = p.expression()
		p.expect(kParenClose, ")")
	} else {
		e = p.primary()
	}
	p.accept(kSpace)
	return e
}

func startsPrimary(k kind) bool {
	switch k {
	case kString, kInteger, kFloat, kListOpen, kCurlyOpen, kTrue, kFalse, kIdentifier, kRefCurlyOpen:
		return true
	}
	return false
}

// parameter is an argument of a method, an item of a list, a key or value of a map.
func (p *parser) parameter() expr {
	p.accept(kSpace)
	e := p.primary()
	p.accept(kSpace)
	return e
}

func (p *parser) primary() expr {
	switch t := p.peek(0); t.kind {
	case kString:
		return p.parseString()
	case kInteger:
		p.take()
		return p.integerLiteral(t)
	case kFloat:
		p.take()
		f, err := strconv.ParseFloat(t.image, 64)
		if errors.Is(err, strconv.ErrSyntax) { // #1.5: the hash belongs to the token
			p.fail(t.pos, "bad number "+quote(t.image))
		}
		return constant{f}
	case kTrue, kFalse:
		p.take()
		return truth(t.kind == kTrue)
	case kIdentifier, kRefCurlyOpen:
		return p.reference()
	case kListOpen:
		if p.rangeFollows() {
			return p.parseRange()
		}
		return p.parseList()
	case kCurlyOpen:
		return p.parseMap()
	}
	p.unexpected("expected a value")
	return constant{}
}

// integerLiteral is an Integer, Long or BigInteger, whichever is the first to hold it.
func (p *parser) integerLiteral(t *token) expr {
	n, ok := jsonpath.Number(t.image)
	if !ok {
		p.fail(t.pos, "bad number "+quote(t.image))
	}
	return constant{n}
}

// rangeFollows looks for [ start .. without taking anything.
func (p *parser) rangeFollows() bool {
	k := 1
	if p.peek(k).kind == kSpace {
		k++
	}
	switch p.peek(k).kind {
	case kInteger:
		k++
	case kIdentifier, kRefCurlyOpen:
		k = p.skipReference(k)
	default:
		return false
	}
	if p.peek(k).kind == kSpace {
		k++
	}
	return p.peek(k).kind == kDoubleDot
}

// skipReference is the offset behind the reference that begins k tokens ahead.
func (p *parser) skipReference(k int) int {
	open := 0
	for ; ; k++ {
		switch p.peek(k).kind {
		case kParenOpen, kIndexOpen:
			open++
		case kRefParenClose, kIndexClose:
			open--
		case kIdentifier, kDot, kRefCurlyOpen, kRefCurlyClose:
		case kEOF:
			return k
		default:
			if open <= 0 {
				return k
			}
		}
	}
}

func (p *parser) parseRange() expr {
	p.take()
	r := &rangeNode{pos: p.base + p.peek(0).pos}
	r.from = p.bound()
	p.expect(kDoubleDot, "..")
	r.to = p.bound()
	p.expect(kListClose, "] behind a range")
	return r
}

func (p *parser) bound() expr {
	p.accept(kSpace)
	switch p.kind() {
	case kInteger, kIdentifier, kRefCurlyOpen:
	default:
		p.unexpected("expected a bound of a range")
		return constant{}
	}
	return p.parameter()
}

func (p *parser) parseList() expr {
	if !p.enter() {
		return constant{}
	}
	defer p.leave()
	p.take()
	n := &listNode{}
	if p.accept(kListClose) {
		return n
	}
	n.items = append(n.items, p.parameter())
	for p.accept(kComma) {
		n.items = append(n.items, p.parameter())
	}
	p.expect(kListClose, "] behind a list")
	return n
}

func (p *parser) parseMap() expr {
	if !p.enter() {
		return constant{}
	}
	defer p.leave()
	p.take()
	n := &mapNode{}
	if k := p.kind(); startsPrimary(k) || k == kSpace && startsPrimary(p.peek(1).kind) {
		p.pair(n)
		for p.accept(kComma) {
			p.pair(n)
		}
	} else {
		p.accept(kSpace)
	}
	if !p.accept(kRefCurlyClose) {
		p.expect(kCurlyClose, "} behind a map")
	}
	return n
}

func (p *parser) pair(n *mapNode) {
	n.keys = append(n.keys, p.parameter())
	p.expect(kColon, ": between key and value")
	n.values = append(n.values, p.parameter())
}
