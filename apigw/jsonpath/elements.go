package jsonpath

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// An elements token is what stands in brackets and counts: [0], [0,2], [1:3], [-2:], [:2], [(@.length-1)].
type elements struct {
	kind    elementKind
	numbers []int
}

type elementKind uint8

const (
	oneIndex elementKind = iota
	manyIndexes
	fromEnd // [(@.length-1)]
	sliceFrom
	sliceTo
	sliceBetween
)

func (t *elements) definite() bool { return t.kind == oneIndex || t.kind == fromEnd }

func (t *elements) walk(e *evaluation, v any, rest []token) error {
	if v == nil {
		return ErrNotFound
	}
	a, ok := v.(*Array)
	if !ok {
		return notAnArray(v)
	}
	n := len(a.Items)
	switch t.kind {
	case oneIndex, manyIndexes:
		for _, i := range t.numbers {
			if err := e.element(a, i, rest); err != nil {
				return err
			}
		}
		return nil
	case fromEnd:
		return e.element(a, n+t.numbers[0], rest)
	}
	from, to := t.bounds(n)
	for i := from; i < to; i++ {
		if err := e.element(a, i, rest); err != nil {
			return err
		}
	}
	return nil
}

// bounds of a slice. In [-3:-1] a negative start is out of range in the library AWS runs; only open
// slices count from the end.
func (t *elements) bounds(n int) (from, to int) {
	switch t.kind {
	case sliceFrom:
		from, to = t.numbers[0], n
		if from < 0 {
			from += n
		}
		return max(0, from), to
	case sliceTo:
		to = t.numbers[0]
		if to < 0 {
			to += n
		}
		return 0, min(n, to)
	}
	if n == 0 {
		return 0, 0
	}
	return t.numbers[0], min(n, t.numbers[1])
}

func (e *evaluation) element(a *Array, i int, rest []token) error {
	if i < 0 || i >= len(a.Items) {
		return ErrNotFound
	}
	return e.step(a.Items[i], rest)
}

// compileElements parses from the first digit, colon, minus or @ on; what follows the
// numbers is ignored.
func compileElements(text string) (*elements, error) {
	if text[0] == '@' {
		return compileFromEnd(text[1:])
	}
	n := 0
	for n < len(text) && strings.IndexByte("0123456789,: -", text[n]) >= 0 {
		n++
	}
	text = strings.ReplaceAll(text[:n], " ", "")
	switch parts := strings.Split(text, ":"); {
	case strings.Contains(text, ","):
		return numbers(manyIndexes, strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ':' })...)
	case len(parts) == 1:
		return numbers(oneIndex, text)
	case parts[0] == "":
		return numbers(sliceTo, parts[1])
	case parts[1] == "":
		return numbers(sliceFrom, parts[0])
	default: // a step is read and not used
		return numbers(sliceBetween, parts[:2]...)
	}
}

// compileFromEnd parses the .length-1) of [(@.length-1)].
func compileFromEnd(text string) (*elements, error) {
	text, _, ok := strings.Cut(strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), "()", ""), ")")
	size, n, ok2 := strings.Cut(text, "-")
	if !ok || !ok2 || size != ".length" && size != ".size" {
		return nil, errors.New("[(@.length-1)] expected")
	}
	return numbers(fromEnd, "-"+n)
}

func numbers(kind elementKind, texts ...string) (*elements, error) {
	t := &elements{kind: kind}
	for _, text := range texts {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%q is not an index", text)
		}
		t.numbers = append(t.numbers, int(n))
	}
	return t, nil
}
