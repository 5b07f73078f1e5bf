package jsonpath

import (
	"errors"
	"fmt"
	"strings"
)

// Compile parses a JSONPath. "$." in front may be missing, as Jayway has it:
// "a.b" is "$.a.b" (so the JSONPATH of a parameter mapping compiles as it stands).
func Compile(path string) (*Path, error) {
	p, err := compile(path, 0)
	if err != nil {
		return nil, fmt.Errorf("JSONPath %q: %w", path, err)
	}
	return p, nil
}

func compile(path string, depth int) (*Path, error) {
	text := strings.TrimSpace(path)
	switch {
	case text == "":
		return nil, errors.New("empty")
	case strings.HasSuffix(text, "."):
		return nil, errors.New("ends with a dot")
	case text[0] == '$' || text[0] == '@':
		if text = text[1:]; text != "" && text[0] != '.' && text[0] != '[' {
			return nil, fmt.Errorf("unexpected %q behind the root", text)
		}
	case text[0] != '[':
		text = "." + text
	}
	p := &Path{source: path, definite: true, plain: true}
	for text != "" {
		t, n, err := compileToken(text, depth)
		if err != nil {
			return nil, err
		}
		p.tokens = append(p.tokens, t)
		p.definite = p.definite && t.definite()
		names, ok := t.(*members)
		p.plain = p.plain && ok && len(names.names) == 1
		text = text[n:]
	}
	p.markStrict()
	if n := len(p.tokens); n > 0 && p.tokens[n-1] == token(scan{}) {
		return nil, errors.New("nothing behind a deep scan")
	}
	return p, nil
}

// markStrict finds the members that have to be there: those from whose predecessor on the path is definite.
func (p *Path) markStrict() {
	strict := true
	for i := len(p.tokens) - 1; i >= 0; i-- {
		strict = strict && p.tokens[i].definite()
		if t, ok := p.tokens[i].(*members); ok {
			t.strict = strict && (i == 0 || p.tokens[i-1].definite())
		}
	}
}

// compileToken parses the first token of a non-empty text and says how long it is.
func compileToken(text string, depth int) (token, int, error) {
	switch {
	case text[0] == ' ':
		return nil, 0, errors.New("space outside of brackets")
	case text[0] == '[':
		n := bracketLen(text)
		if n == 0 {
			return nil, 0, errors.New("bracket without its end")
		}
		t, err := compileBracket(text[:n], depth)
		return t, n, err
	case strings.HasPrefix(text, ".."):
		if len(text) > 2 && text[2] != '[' && text[2] != '.' {
			return scan{}, 1, nil // the second dot begins the next token
		}
		return scan{}, 2, nil
	case text[0] == '.':
		if len(text) > 1 && text[1] == '[' {
			t, n, err := compileToken(text[1:], depth)
			return t, n + 1, err
		}
		return compileName(text[1:], 1)
	}
	return compileName(text, 0)
}

func compileName(text string, skipped int) (token, int, error) {
	n := strings.IndexAny(text, ".[ ")
	if n < 0 {
		n = len(text)
	}
	switch {
	case n == 0:
		return nil, 0, errors.New("name missing")
	case text[:n] == "*":
		return wildcard{}, n + skipped, nil
	case strings.Contains(text[:n], "]"): // the library finds no name in ['a]'] then, and selects nothing of an object
		return &members{}, n + skipped, nil
	}
	return &members{names: []string{text[:n]}}, n + skipped, nil
}

// bracketLen is the length of the bracket at the start of text, 0 if it does not end. The library does not
// look at quotes here.
func bracketLen(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// compileBracket lets the first telling character decide, as the library does: what stands
// in front of it is ignored.
func compileBracket(text string, depth int) (token, error) {
	if text == "[*]" {
		return wildcard{}, nil
	}
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '?':
			return compileFilter(strings.TrimSpace(text[i+1:len(text)-1]), depth)
		case c == '\'':
			return compileNames(text[i:]), nil
		case '0' <= c && c <= '9', c == ':', c == '-', c == '@':
			return compileElements(text[i:])
		}
	}
	return nil, fmt.Errorf("%s says nothing", text)
}

// compileNames takes what is in single quotes up to the closing bracket. There is no escape.
func compileNames(text string) token {
	t := &members{}
	open := -1
	for i := 0; i < len(text) && text[i] != ']'; i++ {
		switch {
		case text[i] != '\'':
		case open < 0:
			open = i + 1
		default:
			t.names = append(t.names, text[open:i])
			open = -1
		}
	}
	return t
}
