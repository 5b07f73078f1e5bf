package vtl

import (
	"fmt"
	"strings"
)

// An Error is one problem of a template.
type Error struct {
	Line, Column int // from 1; columns count characters
	Text         string
	Source       string // the line, for the caret
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s\n  %s\n  %s^", e.Line, e.Column, e.Text, e.Source, strings.Repeat(" ", e.Column-1))
}

// Errors are the problems of a template in the order of its text. A syntax error is the last one: behind it
// the state of Velocity's scanner says nothing about what was meant.
type Errors []*Error

func (e Errors) Error() string {
	var b strings.Builder
	for i, one := range e {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(one.Error())
	}
	return b.String()
}
