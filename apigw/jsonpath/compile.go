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
		text = text[1:]
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
		names, ok := t.(members)
		p.plain = p.plain && ok && len(names) == 1
		text = text[n:]
	}
	if n := len(p.tokens); n > 0 && p.tokens[n-1] == token(scan{}) {
		return nil, errors.New("nothing behind a deep scan")
	}
	return p, nil
}

// compileToken parses the first token of a non-empty text and says how long it is.
func compileToken(text string, depth int) (token, int, error) {
	switch {
	case text[0] == ' ':
		return nil, 0, errors.New("space outside of brackets")
	case text[0] == '[':
		n := closing(text)
		if n == 0 {
			return nil, 0, errors.New("bracket without its end")
		}
		t, err := compileBracket(strings.TrimSpace(text[1:n-1]), depth)
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
		return members{}, n + skipped, nil
	}
	return members{text[:n]}, n + skipped, nil
}

// closing is the length of the bracket at the start of text, 0 if it does not end. Brackets in
// quotes do not count.
func closing(text string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

func compileBracket(text string, depth int) (token, error) {
	switch {
	case text == "*":
		return wildcard{}, nil
	case strings.HasPrefix(text, "'"):
		return compileNames(text)
	case strings.HasPrefix(text, "?"):
		return compileFilter(strings.TrimSpace(text[1:]), depth)
	}
	return compileElements(text)
}

// compileNames parses 'a','b'. Double quotes are not known to the library AWS runs.
func compileNames(text string) (token, error) {
	var names members
	for {
		if !strings.HasPrefix(text, "'") {
			return nil, errors.New("names in brackets want single quotes")
		}
		name, n := unquote(text)
		if n == 0 {
			return nil, errors.New("name without its end")
		}
		names = append(names, name)
		text = strings.TrimSpace(text[n:])
		if text == "" {
			return names, nil
		}
		if text[0] != ',' {
			return nil, fmt.Errorf("unexpected %q in brackets", text)
		}
		text = strings.TrimSpace(text[1:])
	}
}

// unquote reads a single-quoted text; a backslash takes the next byte as it is.
func unquote(text string) (string, int) {
	var out []byte
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\'':
			return string(out), i + 1
		case '\\':
			if i++; i < len(text) {
				out = append(out, text[i])
			}
		default:
			out = append(out, text[i])
		}
	}
	return "", 0
}
