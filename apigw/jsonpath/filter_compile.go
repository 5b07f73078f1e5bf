package jsonpath

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

type filterCompiler struct {
	text  string
	pos   int
	depth int
}

func (c *filterCompiler) skipSpace() {
	for c.pos < len(c.text) && (c.text[c.pos] == ' ' || c.text[c.pos] == '\t' || c.text[c.pos] == '\n' || c.text[c.pos] == '\r') {
		c.pos++
	}
}

func (c *filterCompiler) take(s string) bool {
	c.skipSpace()
	if strings.HasPrefix(c.text[c.pos:], s) {
		c.pos += len(s)
		return true
	}
	return false
}

func (c *filterCompiler) or(nested int) (condition, error) {
	var alternatives anyOf
	for {
		one, err := c.and(nested)
		if err != nil {
			return nil, err
		}
		alternatives = append(alternatives, one)
		if !c.take("||") {
			return alternatives, nil
		}
	}
}

func (c *filterCompiler) and(nested int) (condition, error) {
	var all allOf
	for {
		one, err := c.primary(nested)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
		if !c.take("&&") {
			return all, nil
		}
	}
}

func (c *filterCompiler) primary(nested int) (condition, error) {
	if nested > 50 {
		return nil, errors.New("parentheses nested too deeply")
	}
	if !c.take("(") {
		return c.criterion()
	}
	expr, err := c.or(nested + 1)
	if err == nil && !c.take(")") {
		err = fmt.Errorf("unexpected %q in a filter", c.text[c.pos:])
	}
	return expr, err
}

func (c *filterCompiler) criterion() (condition, error) {
	left, err := c.operand()
	if err != nil {
		return nil, err
	}
	for _, op := range []string{"==", "!=", "<>", "<=", ">=", "=~", "=", "<", ">"} {
		if !c.take(op) {
			continue
		}
		if op == "=~" {
			pattern, err := c.pattern()
			return &comparison{left: left, op: op, pattern: pattern}, err
		}
		right, err := c.operand()
		return &comparison{left: left, right: right, op: op}, err
	}
	if left.path == nil {
		return nil, errors.New("a criterion has to begin with a path")
	}
	return exists{left}, nil
}

func (c *filterCompiler) operand() (operand, error) {
	c.skipSpace()
	text := c.text[c.pos:]
	switch {
	case text == "":
		return operand{}, errors.New("operand missing in a filter")
	case text[0] == '@' || text[0] == '$':
		n := pathLen(text)
		c.pos += n
		p, err := compile(text[:n], c.depth+1)
		return operand{path: p, document: text[0] == '$'}, err
	case text[0] == '\'':
		s, n := unquote(text)
		if n == 0 {
			return operand{}, errors.New("string without its end in a filter")
		}
		c.pos += n
		return operand{literal: s}, nil
	}
	n := strings.IndexAny(text, " )&|=<>!~")
	if text[0] == '"' { // kept with its quotes: equal to nothing usual, as in the library AWS runs
		n = strings.IndexByte(text[1:], '"') + 2
	}
	if n <= 0 || n == 1 && text[0] == '"' {
		return operand{}, fmt.Errorf("unexpected %q in a filter", text)
	}
	c.pos += n
	literal := bare(text[:n])
	if s, ok := literal.(string); ok && s[0] != '"' {
		return operand{}, fmt.Errorf("unexpected %q in a filter", s)
	}
	return operand{literal: literal}, nil
}

// pathLen is the length of the path at the start of a filter's text.
func pathLen(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '[':
			n := closing(text[i:])
			if n == 0 {
				return len(text)
			}
			i += n - 1
		case ' ', ')', '&', '|', '=', '<', '>', '!', '~', '\t', '\n', '\r':
			return i
		}
	}
	return len(text)
}

// pattern parses /regexp/ with an optional i. It has to match the whole text.
func (c *filterCompiler) pattern() (*regexp.Regexp, error) {
	c.skipSpace()
	text := c.text[c.pos:]
	end := -1
	for i := 1; i < len(text); i++ {
		if text[i] == '\\' {
			i++
		} else if text[i] == '/' {
			end = i
			break
		}
	}
	if end < 0 || text[0] != '/' {
		return nil, errors.New("=~ wants /regexp/")
	}
	c.pos += end + 1
	flags := "(?:"
	if c.take("i") {
		flags = "(?i:"
	}
	return regexp.Compile("^" + flags + text[1:end] + ")$")
}

// closing is the length of the bracket at the start of text, 0 if it does not end. Brackets in
// quotes do not count.
func closing(text string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
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
