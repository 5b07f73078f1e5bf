package vtl

// A kind is a token of Velocity's grammar, named as there.
type kind uint8

const (
	kEOF kind = iota
	kIndexOpen
	kIndexClose
	kListOpen
	kListClose
	kComma
	kDoubleDot
	kColon
	kCurlyOpen
	kCurlyClose
	kParenOpen
	kParenClose
	kRefParenClose
	kEscapedDirective
	kSet
	kLineComment
	kLineCommentEnd
	kBlockComment
	kTextBlock
	kDoubleEscape
	kEscape
	kText
	kSpace
	kString
	kTrue
	kFalse
	kMinus
	kPlus
	kTimes
	kDivide
	kModulo
	kAnd
	kOr
	kLess
	kLessEqual
	kGreater
	kGreaterEqual
	kEqual
	kNotEqual
	kNot
	kAssign
	kEnd
	kIf
	kElseIf
	kElse
	kStop
	kInteger
	kFloat
	kWord
	kBracedWord
	kIdentifier
	kDot
	kRefCurlyOpen
	kRefCurlyClose
	kEmptyIndex

	// What follows never reaches the parser. The kinds of "more" only begin a token: the text goes on
	// in another state.
	kMoreDollar
	kMoreHash
	kMoreTextBlock
	kMoreDocComment
	kMoreComment
	kMoreChar
	kSkip
	kRefEnd
	kDirectiveEnd
)

// A token is a piece of the template. Its image is source text; special is what Velocity prints of
// the dollars and hashes before it that began nothing.
type token struct {
	kind    kind
	image   string
	special string
	pos     int
}

// literal is the token as Velocity prints text that turned out to be no directive or reference.
func (t *token) literal() string {
	if t.kind == kBlockComment {
		return ""
	}
	return t.special + t.image
}
