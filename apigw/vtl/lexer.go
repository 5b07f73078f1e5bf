package vtl

import "unicode/utf8"

// A state says which tokens the lexer looks for, as in Velocity's Parser.jjt.
type state uint8

const (
	inText state = iota
	inPreDirective
	inDirective
	inReference
	inRefModifier
	inRefArgs
	inRefIndex
	inLineComment
	inBlockComment
	inTextBlock
)

// A lexer cuts a template into tokens the way the scanner generated from Velocity 1.7's
// grammar does: in each state the longest match wins, and a match may push or pop a
// state. Templates in the wild depend on what that does to odd input, so oddities are kept.
type lexer struct {
	src string
	pos int

	state          state
	stack          []savedState
	lparen, rparen int
	inSet          bool
	inComment      bool

	begun    bool // the current token has a beginning already: a dollar, a hash
	slashEnd int  // end of the run of backslashes last looked at
}

type savedState struct {
	state          state
	lparen, rparen int
}

func (l *lexer) push(s state) {
	l.stack = append(l.stack, savedState{l.state, l.lparen, l.rparen})
	l.lparen = 0
	l.state = s
}

func (l *lexer) pop() bool {
	n := len(l.stack) - 1
	if n < 0 {
		l.lparen, l.state = 0, inText
		return false
	}
	s := l.stack[n]
	l.stack = l.stack[:n]
	l.state, l.lparen, l.rparen = s.state, s.lparen, s.rparen
	return true
}

// next is the next token. The error is a text and the place is l.pos.
func (l *lexer) next() (token, string) {
	special := ""
	for {
		if l.pos >= len(l.src) {
			return token{kind: kEOF, special: special, pos: l.pos}, ""
		}
		start := l.pos
		k, problem := l.scan()
		if problem != "" {
			return token{}, problem
		}
		switch k {
		case kSkip:
		case kRefEnd, kDirectiveEnd:
			special += specialText(l.src[start:l.pos])
			_, n := utf8.DecodeLastRuneInString(l.src[start:l.pos])
			l.pos -= n
			l.pop()
		default:
			end := l.pos
			l.act(k, start, &end)
			return token{k, l.src[start:end], special, start}, ""
		}
	}
}

// scan matches one token, going through as many "more" parts as begin it.
func (l *lexer) scan() (kind, string) {
	for l.begun = false; ; l.begun = true {
		k, n := l.match()
		if n == 0 {
			return 0, "unexpected character here"
		}
		l.pos += n
		if k < kMoreDollar || k > kMoreChar {
			return k, ""
		}
		l.more(k)
		if l.pos >= len(l.src) {
			return 0, "the template ends within a reference, directive or comment; a last $ or # must be escaped"
		}
	}
}

// more changes state after a beginning of a token.
func (l *lexer) more(k kind) {
	if k == kMoreDocComment {
		_, n := utf8.DecodeLastRuneInString(l.src[:l.pos])
		if !l.inComment {
			l.pos -= n
		}
	}
	if l.inComment || k == kMoreChar {
		return
	}
	switch k {
	case kMoreDollar:
		if l.state == inReference {
			l.pop()
		}
		l.push(inReference)
	case kMoreHash:
		if l.state == inReference || l.state == inRefModifier {
			l.pop()
		}
		l.push(inPreDirective)
	case kMoreTextBlock:
		l.inComment = true
		l.push(inTextBlock)
	case kMoreComment, kMoreDocComment:
		l.inComment = true
		l.push(inBlockComment)
	}
}

// act changes state after a whole token. It may shorten the token.
func (l *lexer) act(k kind, start int, end *int) {
	switch k {
	case kIndexOpen:
		l.push(inRefIndex)
	case kIndexClose, kRefCurlyClose, kEnd, kElse, kStop:
		l.pop()
	case kParenOpen:
		l.lparen++
		if l.state == inRefModifier {
			l.state = inRefArgs
		}
	case kParenClose:
		l.closeParen()
	case kRefParenClose:
		l.state = inReference
	case kSet:
		if !l.inComment {
			l.inSet = true
			l.push(inDirective)
			l.lparen++
		}
	case kLineComment:
		if !l.inComment {
			if l.state == inReference {
				l.pop()
			}
			l.inComment = true
			l.push(inLineComment)
		}
	case kLineCommentEnd, kBlockComment, kTextBlock:
		l.inComment = false
		l.pop()
	case kString:
		if l.state == inDirective && !l.inSet && l.lparen == 0 {
			l.pop()
		}
	case kIf, kElseIf:
		l.state = inDirective
	case kDot:
		l.pos--
		*end--
		l.state = inRefModifier
	case kInteger, kFloat:
		if *end-start > 2 && l.src[*end-2:*end] == ".." {
			l.pos -= 2
			*end -= 2
		}
		if l.lparen == 0 && !l.inSet && l.state != inRefArgs && (k == kFloat || l.state != inRefIndex) {
			l.pop()
		}
	}
}

// closeParen leaves the state whose parenthesis this closes.
func (l *lexer) closeParen() {
	for {
		if l.lparen > 0 {
			if l.lparen == l.rparen+1 {
				l.pop()
			} else {
				l.rparen++
			}
			return
		}
		if !l.pop() {
			return
		}
	}
}

// specialText is what Velocity prints of a $ or # (with their backslashes) that began nothing:
// other characters of it are lost, as in "$!5", which prints "$5".
func specialText(image string) string {
	var out []byte
	for i := 0; i < len(image); i++ {
		switch c := image[i]; c {
		case '#', '$':
			out = append(out, c)
		case '\\':
			j := i
			for j < len(image) && image[j] == '\\' {
				j++
			}
			if j < len(image) && image[j] == '$' {
				out = append(out, image[i:j+1]...)
				i = j + 1 // Velocity's own loop skips one more
			} else {
				i = j - 1
			}
		}
	}
	return string(out)
}
