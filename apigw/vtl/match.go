package vtl

import (
	"strings"
	"unicode/utf8"
)

// A best is the longest match so far; of two equally long the first offered stays,
// so offers come in the order of Velocity's grammar.
type best struct {
	kind kind
	n    int
}

func (b *best) offer(k kind, n int) {
	if n > b.n {
		b.kind, b.n = k, n
	}
}

// match finds the longest match of the current state at the current place.
func (l *lexer) match() (kind, int) {
	s := l.src[l.pos:]
	var b best
	switch l.state {
	case inText:
		l.matchText(&b, s)
	case inPreDirective:
		l.matchMore(&b, s)
		matchPreDirective(&b, s)
		matchNumber(&b, s)
		matchWord(&b, s)
		b.offer(kDirectiveEnd, runeLen(s))
	case inDirective:
		matchPunctuation(&b, s)
		l.matchMore(&b, s)
		matchLiteral(&b, s)
		matchOperator(&b, s)
		matchNumber(&b, s)
		matchWord(&b, s)
	case inReference, inRefModifier:
		l.matchReference(&b, s)
	case inRefArgs:
		l.matchArgs(&b, s)
	case inRefIndex:
		if s[0] == ']' {
			b.offer(kIndexClose, 1)
		}
		l.matchMore(&b, s)
		matchLiteral(&b, s)
		matchNumber(&b, s)
	default:
		l.matchComment(&b, s)
	}
	return b.kind, b.n
}

func (l *lexer) matchText(b *best, s string) {
	switch s[0] {
	case '\\':
		l.matchEscape(b, s)
	case ' ', '\t', '#':
		b.offer(kSet, lenSet(s))
	}
	l.matchMore(b, s)
	switch s[0] {
	case '\\':
		if strings.HasPrefix(s, `\\`) {
			b.offer(kDoubleEscape, 2)
		}
		b.offer(kEscape, 1)
	case '$', '#':
		b.offer(kEmptyIndex, lenEmptyIndex(s))
	default:
		n := strings.IndexAny(s, `$#\`)
		if n < 0 {
			n = len(s)
		}
		b.offer(kText, n)
	}
}

// matchEscape offers \#name behind any number of pairs of backslashes.
func (l *lexer) matchEscape(b *best, s string) {
	n := l.slashes()
	if n%2 == 0 || n >= len(s) || s[n] != '#' {
		return
	}
	if w := max(lenWord(s[n+1:]), lenBracedWord(s[n+1:])); w > 0 {
		b.offer(kEscapedDirective, n+1+w)
	}
}

// slashes counts the backslashes at the current place, looking at each run only once.
func (l *lexer) slashes() int {
	if l.slashEnd <= l.pos {
		l.slashEnd = l.pos
		for l.slashEnd < len(l.src) && l.src[l.slashEnd] == '\\' {
			l.slashEnd++
		}
	}
	return l.slashEnd - l.pos
}

// matchMore offers what begins a reference, directive or comment in every state.
func (l *lexer) matchMore(b *best, s string) {
	switch s[0] {
	case '\\', '$':
		n := l.slashes()
		if n >= len(s) || s[n] != '$' {
			return
		}
		b.offer(kMoreDollar, n+1)
		m := n + 1
		for m < len(s) && s[m] == '\\' {
			m++
		}
		if m < len(s) && s[m] == '!' {
			b.offer(kMoreDollar, m+1)
		}
	case '#':
		switch {
		case strings.HasPrefix(s, "#[["):
			b.offer(kMoreTextBlock, 3)
		case strings.HasPrefix(s, "#**") && len(s) > 3 && s[3] != '#':
			b.offer(kMoreDocComment, 3+runeLen(s[3:]))
		case strings.HasPrefix(s, "#*"):
			b.offer(kMoreComment, 2)
		case strings.HasPrefix(s, "##"):
			b.offer(kLineComment, 2)
		default:
			b.offer(kMoreHash, 1)
		}
	}
}

// matchReference does not know whether a name has been read, but where l.begun it has not: then a dot
// ends the reference, so that "$.a" is text.
func (l *lexer) matchReference(b *best, s string) {
	if s[0] == '[' {
		b.offer(kIndexOpen, 1)
	}
	if s[0] == '(' && l.state == inRefModifier {
		b.offer(kParenOpen, 1)
	}
	b.offer(kSet, lenSet(s))
	l.matchMore(b, s)
	matchTruth(b, s)
	b.offer(kIdentifier, lenIdentifier(s))
	if !l.begun {
		b.offer(kDot, lenDot(s))
	}
	switch s[0] {
	case '{':
		b.offer(kRefCurlyOpen, 1)
	case '}':
		b.offer(kRefCurlyClose, 1)
	}
	b.offer(kRefEnd, runeLen(s))
	if l.state == inReference {
		b.offer(kEmptyIndex, lenEmptyIndex(s))
	}
}

func (l *lexer) matchArgs(b *best, s string) {
	switch s[0] {
	case '(': // no token in a method's arguments
	case ')':
		b.offer(kRefParenClose, 1)
	default:
		matchPunctuation(b, s)
	}
	b.offer(kSet, lenSet(s))
	l.matchMore(b, s)
	matchLiteral(b, s)
	matchNumber(b, s)
	b.offer(kIdentifier, lenIdentifier(s))
	b.offer(kDot, lenDot(s))
}

func (l *lexer) matchComment(b *best, s string) {
	l.matchMore(b, s)
	switch l.state {
	case inLineComment:
		b.offer(kLineCommentEnd, lenLineEnd(s))
		b.offer(kSkip, runeLen(s))
	case inBlockComment:
		if strings.HasPrefix(s, "*#") {
			b.offer(kBlockComment, 2)
		}
		b.offer(kSkip, runeLen(s))
	case inTextBlock:
		if strings.HasPrefix(s, "]]#") {
			b.offer(kTextBlock, 3)
		}
		b.offer(kMoreChar, runeLen(s))
	}
}

func runeLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}
