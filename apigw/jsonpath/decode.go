package jsonpath

import (
	"fmt"
	"strings"
)

// maxDepth bounds nesting, where json-smart runs out of stack some thousand levels down.
const maxDepth = 500

// Decode parses JSON text as leniently as json-smart's permissive mode does, which is what API
// Gateway reads bodies with: unquoted and single-quoted names and strings, leading
// zeros, useless commas and trailing text are accepted. Text that is no JSON at all is a string.
func Decode(text []byte) (any, error) {
	d := decoder{src: string(text)}
	d.skipSpace()
	if d.pos == len(d.src) {
		return nil, d.errorf("no JSON value")
	}
	return d.value("", 0)
}

type decoder struct {
	src string
	pos int
}

func (d *decoder) errorf(format string, args ...any) error {
	return fmt.Errorf("JSON, offset %d: %s", d.pos, fmt.Sprintf(format, args...))
}

func (d *decoder) skipSpace() {
	for d.pos < len(d.src) {
		switch d.src[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// value parses one value; an unquoted one ends before any byte of stop.
func (d *decoder) value(stop string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, d.errorf("nested too deeply")
	}
	d.skipSpace()
	if d.pos == len(d.src) {
		return nil, d.errorf("unexpected end")
	}
	switch c := d.src[d.pos]; c {
	case '{':
		return d.object(depth)
	case '[':
		return d.array(depth)
	case '"', '\'':
		return d.quoted(c)
	case '}', ']', ':':
		return nil, d.errorf("unexpected %q", c)
	}
	return bare(d.unquoted(stop)), nil
}

func (d *decoder) object(depth int) (any, error) {
	d.pos++
	o := &Object{}
	for {
		d.skipSpace()
		if d.pos == len(d.src) {
			return nil, d.errorf("unexpected end of an object")
		}
		switch d.src[d.pos] {
		case '}':
			d.pos++
			return o, nil
		case ',':
			d.pos++
			continue
		case ':', ']', '[', '{':
			return nil, d.errorf("unexpected %q", d.src[d.pos])
		}
		if err := d.member(o, depth); err != nil {
			return nil, err
		}
	}
}

func (d *decoder) member(o *Object, depth int) error {
	name, err := d.name()
	if err != nil {
		return err
	}
	d.skipSpace()
	if d.pos == len(d.src) || d.src[d.pos] != ':' {
		return d.errorf("no colon behind a name")
	}
	d.pos++
	v, err := d.value(",}", depth+1)
	if err != nil {
		return err
	}
	o.Set(name, v)
	d.skipSpace()
	if d.pos < len(d.src) && d.src[d.pos] != ',' && d.src[d.pos] != '}' {
		return d.errorf("unexpected %q", d.src[d.pos])
	}
	return nil
}

func (d *decoder) name() (string, error) {
	if c := d.src[d.pos]; c == '"' || c == '\'' {
		return d.quoted(c)
	}
	return d.unquoted(":"), nil
}

func (d *decoder) array(depth int) (any, error) {
	d.pos++
	a := &Array{}
	for {
		d.skipSpace()
		if d.pos == len(d.src) {
			return nil, d.errorf("unexpected end of an array")
		}
		switch d.src[d.pos] {
		case ']':
			d.pos++
			return a, nil
		case ',':
			d.pos++
			continue
		}
		v, err := d.value(",]", depth+1)
		if err != nil {
			return nil, err
		}
		a.Items = append(a.Items, v)
		d.skipSpace()
		if d.pos < len(d.src) && d.src[d.pos] != ',' && d.src[d.pos] != ']' {
			return nil, d.errorf("unexpected %q", d.src[d.pos])
		}
	}
}

// unquoted is the text up to a byte of stop, without the blanks around it.
func (d *decoder) unquoted(stop string) string {
	n := len(d.src) - d.pos
	if stop != "" {
		if i := strings.IndexAny(d.src[d.pos:], stop); i >= 0 {
			n = i
		}
	}
	text := d.src[d.pos : d.pos+n]
	d.pos += n
	return strings.Trim(text, " \t\r\n")
}

// bare gives an unquoted text its type.
func bare(text string) any {
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if n, ok := Number(text); ok {
		return n
	}
	return text
}

// quoted parses a string; most have no escapes and are cut out of the source as they are.
func (d *decoder) quoted(quote byte) (string, error) {
	d.pos++
	rest := d.src[d.pos:]
	end := strings.IndexByte(rest, quote)
	if end < 0 {
		return "", d.errorf("unexpected end of a string")
	}
	if strings.IndexByte(rest[:end], '\\') >= 0 {
		return d.escaped(quote, make([]byte, 0, 2*end))
	}
	d.pos += end + 1
	return rest[:end], nil
}

// escaped parses a string that has escapes. json-smart drops control characters from such a string, not from others.
func (d *decoder) escaped(quote byte, out []byte) (string, error) {
	for d.pos < len(d.src) {
		c := d.src[d.pos]
		d.pos++
		switch {
		case c == quote:
			return string(out), nil
		case c == '\\':
			var err error
			if out, err = d.escape(out); err != nil {
				return "", err
			}
		case c < '\b' || c == '\v' || c > '\r' && c < ' ' || c == 0x7F:
		default:
			out = append(out, c)
		}
	}
	return "", d.errorf("unexpected end of a string")
}

func (d *decoder) escape(out []byte) ([]byte, error) {
	if d.pos == len(d.src) {
		return nil, d.errorf("unexpected end of a string")
	}
	c := d.src[d.pos]
	d.pos++
	switch c {
	case 't':
		return append(out, '\t'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'b':
		return append(out, '\b'), nil
	case 'u':
		u, err := d.hex(4)
		return AppendUnit(out, uint16(u)), err
	case 'x':
		u, err := d.hex(2)
		return AppendUnit(out, uint16(u)), err
	}
	return append(out, c), nil
}

func (d *decoder) hex(n int) (int, error) {
	if len(d.src)-d.pos < n {
		return 0, d.errorf("unexpected end of a string")
	}
	v := 0
	for range n {
		c := d.src[d.pos] | 0x20
		switch {
		case '0' <= d.src[d.pos] && d.src[d.pos] <= '9':
			v = v<<4 | int(d.src[d.pos]-'0')
		case 'a' <= c && c <= 'f':
			v = v<<4 | int(c-'a'+10)
		default:
			return 0, d.errorf("bad \\u escape")
		}
		d.pos++
	}
	return v, nil
}
