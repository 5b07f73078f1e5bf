package policy

import "strings"

// A pattern is text with the wildcards * and ?, and perhaps with policy variables.
type pattern struct {
	text      string
	fold      bool // compare without regard to case: actions
	variables bool // has ${…}
	plain     bool // has neither wildcards nor variables
}

func newPattern(text string, fold bool) pattern {
	if fold {
		text = strings.ToLower(text)
	}
	p := pattern{text: text, fold: fold, variables: strings.Contains(text, "${")}
	p.plain = !p.variables && !strings.ContainsAny(text, "*?")
	return p
}

func (p *pattern) match(r *Request, text string) bool {
	if p.plain && p.fold {
		return strings.EqualFold(p.text, text)
	}
	if p.fold {
		text = strings.ToLower(text)
	}
	if p.plain {
		return p.text == text
	}
	form, ok := p.text, true
	if p.variables {
		form, ok = expand(r, form)
	}
	return ok && glob(form, text)
}

// literal stands before a * or ? that is not a wildcard: it came from a variable.
const literal = '\x00'

var quote = strings.NewReplacer("*", string(literal)+"*", "?", string(literal)+"?")

// expand puts the values of policy variables into a text: ${aws:username}, with a default
// as in ${aws:username, 'nobody'}, or ${*}, ${?} and ${$} for the characters themselves. ok is false if a
// variable has no value.
func expand(r *Request, text string) (expanded string, ok bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("${" + rest)
			return b.String(), true
		}
		value, ok := variable(r, name)
		if !ok {
			return "", false
		}
		b.WriteString(quote.Replace(value))
		text = after
	}
}

func variable(r *Request, name string) (string, bool) {
	switch name {
	case "*", "?", "$":
		return name, true
	}
	key, standard, hasStandard := strings.Cut(name, ",")
	if values := r.values(strings.ToLower(strings.TrimSpace(key))); len(values) == 1 {
		return values[0], true
	}
	return strings.Trim(strings.TrimSpace(standard), "'"), hasStandard
}

// glob matches text with the wildcards * and ?. It takes time in proportion to the product
// of both lengths at worst.
func glob(form, text string) bool {
	f, t := 0, 0
	star, mark := -1, 0 // where to go on when a match fails
	for t < len(text) {
		switch {
		case f < len(form) && form[f] == '*':
			star, mark = f, t
			f++
			continue
		case f < len(form) && form[f] == '?':
			f++
			t++
			continue
		case f+1 < len(form) && form[f] == literal && form[f+1] == text[t]:
			f += 2
			t++
			continue
		case f < len(form) && form[f] == text[t] && form[f] != literal:
			f++
			t++
			continue
		case star < 0:
			return false
		}
		mark++
		f, t = star+1, mark
	}
	for f < len(form) && form[f] == '*' {
		f++
	}
	return f == len(form)
}
