package vtl

import (
	"bytes"
	"errors"
	"sync"

	"postern/apigw/jsonpath"
)

// maxSteps bounds the work of one execution: nested loops of 1000 multiply.
const maxSteps = 5_000_000

var (
	errTooMuch  = errors.New("the template runs too long")
	errTooLarge = errors.New("the template's output is too large")
)

// A run is one execution of a template.
type run struct {
	t     *Template
	scope *Scope
	out   []byte
	limit int
	vars  []any // by slot; nil is unset
	args  []any // a stack
	steps int
	made  int       // bytes of strings made
	own   Overrides // where the scope has none

	prepared *pattern // of the method that is being called
}

var runs = sync.Pool{New: func() any { return new(run) }}

func newRun(t *Template, s *Scope, dst []byte) *run {
	r := runs.Get().(*run)
	r.t, r.scope, r.out = t, s, dst
	r.limit = s.MaxOutput
	if r.limit <= 0 {
		r.limit = defaultMaxOutput
	}
	r.limit += len(dst)
	if cap(r.vars) < t.slots {
		r.vars = make([]any, t.slots)
	}
	r.vars = r.vars[:t.slots]
	r.vars[slotInput] = inputObject{}
	r.vars[slotUtil] = utilObject{}
	r.vars[slotContext] = contextRoot{}
	r.vars[slotStageVariables] = stageVariables{}
	return r
}

// free forgets all values and gives the run back.
func (r *run) free() {
	clear(r.vars)
	clear(r.args[:cap(r.args)])
	*r = run{vars: r.vars[:0], args: r.args[:0]}
	runs.Put(r)
}

func (r *run) at(slot int) any {
	if slot < 0 {
		return nil
	}
	return r.vars[slot]
}

func (r *run) put(slot int, v any) {
	if slot >= 0 {
		r.vars[slot] = v
	}
}

// capture renders to a string.
func (r *run) capture(nodes []node) (string, error) {
	mark := len(r.out)
	err := r.render(nodes)
	s := string(r.out[mark:])
	r.out = r.out[:mark]
	if err == nil {
		err = r.make(len(s))
	}
	return s, err
}

// maxMade bounds the strings that one execution makes, whether it keeps them or not.
const maxMade = 512 << 20

func (r *run) make(n int) error {
	if r.made += n; n > r.limit || r.made > maxMade {
		return errTooLarge
	}
	return nil
}

func (r *run) overrides() *Overrides {
	if r.scope.Overrides != nil {
		return r.scope.Overrides
	}
	return &r.own
}

// call calls a method of Java's. nil is null, or no such method with such arguments.
func (r *run) call(on any, name string, args []any) (any, error) {
	switch v := on.(type) {
	case string:
		if r.steps += len(v) >> 10; r.steps > maxSteps {
			return nil, errTooMuch
		}
		result, err := r.callString(v, name, args)
		if s, ok := result.(string); ok && err == nil {
			err = r.make(len(s))
		}
		return result, err
	case inputObject:
		return r.callInput(name, args)
	case utilObject:
		return r.callUtil(name, args)
	case *jsonpath.Array, *list:
		return r.callList(on, name, args)
	case *iterator:
		return v.call(name, args)
	case *entry:
		return r.callEntry(v, name, args)
	case *loop:
		return v.call(name, args), nil
	case *definition:
		if name == "toString" && len(args) == 0 {
			return r.text(v)
		}
		return nil, nil
	case bool:
		return r.callBool(v, name, args)
	case char:
		return r.callChar(v, name, args)
	}
	if isNumber(on) {
		return r.callNumber(on, name, args)
	}
	return r.callMapLike(on, name, args)
}

// wellFormed replaces lone surrogates, which strings may hold while a template runs, by the ? that
// Java writes for them, and joins pairs that came together.
func wellFormed(out []byte, from int) []byte {
	i := bytes.IndexByte(out[from:], 0xED)
	if i < 0 {
		return out
	}
	s := string(out[from+i:])
	out = out[:from+i]
	for s != "" {
		c, n := jsonpath.DecodeUnit(s)
		switch {
		case c >= 0xD800 && c < 0xDC00:
			if len(s) > n {
				if low, m := jsonpath.DecodeUnit(s[n:]); low >= 0xDC00 && low <= 0xDFFF && m == 3 {
					out = jsonpath.AppendUnit(append(out, s[:n]...), uint16(low))
					n += m
					break
				}
			}
			out = append(out, '?')
		case c >= 0xDC00 && c <= 0xDFFF:
			out = append(out, '?')
		default:
			out = append(out, s[:n]...)
		}
		s = s[n:]
	}
	return out
}
