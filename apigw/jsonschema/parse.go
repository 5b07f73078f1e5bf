package jsonschema

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// A parser reads the keywords of one schema. It keeps the first error.
type parser struct {
	c    *Compiler
	at   place
	node map[string]any
	err  error
}

// parse reads what draft 4's meta-schema knows, and refuses what that would.
func (p *parser) parse(s *Schema) {
	for _, name := range []string{"$schema", "id", "title", "description"} {
		p.text(name)
	}
	s.keywords = slices.Concat(p.values(), p.numbers(), p.texts(), p.arrays(s), p.objects(s), p.combined())
	p.schemas("definitions")
}

func (p *parser) fail(name, format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%s: %s %s", p.at, name, fmt.Sprintf(format, args...))
	}
}

func (p *parser) values() (all []keyword) {
	switch v := p.node["type"].(type) {
	case nil:
		p.present("type")
	case string:
		all = append(all, p.types([]any{v}))
	case []any:
		all = append(all, p.types(v))
	default:
		p.fail("type", "is neither a type nor a list of them")
	}
	if values, ok := p.list("enum"); ok {
		e := enum{values: values, known: make(map[string]bool, len(values))}
		for _, v := range values {
			e.known[canonical(v)] = true
		}
		if len(e.known) < len(values) || len(values) == 0 {
			p.fail("enum", "is empty or has a value twice")
		}
		all = append(all, e)
	}
	return all
}

var kinds = []string{null, boolean, object, array, text, number, integer}

func (p *parser) types(names []any) types {
	t := types{}
	for _, v := range names {
		name, _ := v.(string)
		if !slices.Contains(kinds, name) || slices.Contains(t, name) {
			p.fail("type", "has no type, or one twice: %v", v)
		}
		t = append(t, name)
	}
	if len(t) == 0 {
		p.fail("type", "is empty")
	}
	slices.Sort(t)
	return t
}

func (p *parser) numbers() (all []keyword) {
	if n, ok := p.number("multipleOf"); ok {
		if rational(n).Sign() <= 0 {
			p.fail("multipleOf", "is not more than 0")
			return nil
		}
		all = append(all, multipleOf(n))
	}
	for _, upper := range []bool{true, false} {
		name, exclusive := "minimum", "exclusiveMinimum"
		if upper {
			name, exclusive = "maximum", "exclusiveMaximum"
		}
		strict, given := p.flag(exclusive)
		if n, ok := p.number(name); ok {
			all = append(all, bound{limit: n, upper: upper, exclusive: strict})
		} else if given {
			p.fail(exclusive, "needs %s", name)
		}
	}
	return all
}

func (p *parser) texts() (all []keyword) {
	if n, ok := p.count("maxLength"); ok {
		all = append(all, maxLength(n))
	}
	if n, ok := p.count("minLength"); ok && n > 0 {
		all = append(all, minLength(n))
	}
	if source, ok := p.text("pattern"); ok {
		all = append(all, p.pattern("pattern", source))
	}
	if name, ok := p.text("format"); ok {
		if f, ok := formats[name]; ok {
			all = append(all, f)
		}
	}
	return all
}

func (p *parser) pattern(keyword, source string) pattern {
	match, err := compilePattern(source)
	if err != nil {
		p.fail(keyword, "is not a regular expression: %v", err)
	}
	return pattern{source, match}
}

func (p *parser) arrays(s *Schema) (all []keyword) {
	if n, ok := p.count("maxItems"); ok {
		all = append(all, maxItems(n))
	}
	if n, ok := p.count("minItems"); ok && n > 0 {
		all = append(all, minItems(n))
	}
	if unique, _ := p.flag("uniqueItems"); unique {
		all = append(all, uniqueItems{})
	}
	e := &elements{}
	rest, closed := p.additional("additionalItems")
	switch v := p.node["items"].(type) {
	case nil:
		p.present("items")
	case []any:
		e.first, e.rest = p.alternatives("items"), rest
		if closed {
			all = append(all, closedArray(len(v)))
		}
	default:
		e.rest = p.child(v, "items")
	}
	if len(e.first) > 0 || e.rest != nil {
		s.elements = e
	}
	return all
}

func (p *parser) objects(s *Schema) (all []keyword) {
	if n, ok := p.count("maxProperties"); ok {
		all = append(all, maxProperties(n))
	}
	if n, ok := p.count("minProperties"); ok && n > 0 {
		all = append(all, minProperties(n))
	}
	if names, ok := p.list("required"); ok {
		all = append(all, required(p.names("required", names)))
	}
	m := &members{named: p.schemas("properties")}
	for _, n := range p.schemas("patternProperties") {
		m.matched = append(m.matched, matched{p.pattern("patternProperties", n.name), n.schema})
	}
	var closed bool
	if m.rest, closed = p.additional("additionalProperties"); closed {
		all = append(all, closedObject{m})
	}
	if len(m.named) > 0 || len(m.matched) > 0 || m.rest != nil {
		s.members = m
	}
	return append(all, p.dependencies()...)
}

func (p *parser) dependencies() (all []keyword) {
	o, _ := p.object("dependencies")
	for _, name := range sortedKeys(o) {
		d := dependency{name: name}
		if names, ok := o[name].([]any); ok {
			d.needs = p.names("dependencies", names)
		} else {
			d.schema = p.child(o[name], "dependencies", name)
		}
		all = append(all, d)
	}
	return all
}

func (p *parser) combined() (all []keyword) {
	if s := p.alternatives("allOf"); s != nil {
		all = append(all, allOf(s))
	}
	if s := p.alternatives("anyOf"); s != nil {
		all = append(all, anyOf(s))
	}
	if s := p.alternatives("oneOf"); s != nil {
		all = append(all, oneOf(s))
	}
	if v, ok := p.node["not"]; ok {
		if s := p.child(v, "not"); s != nil {
			all = append(all, not{s})
		}
	}
	return all
}

// present refuses a keyword that is there as null.
func (p *parser) present(name string) {
	if _, ok := p.node[name]; ok {
		p.fail(name, "is null")
	}
}

// value reads a keyword of one Go type.
func value[T any](p *parser, name, what string) (v T, ok bool) {
	given, there := p.node[name]
	if !there {
		return v, false
	}
	if v, ok = given.(T); !ok {
		p.fail(name, "is not %s", what)
	}
	return v, ok
}

func (p *parser) text(name string) (string, bool) { return value[string](p, name, "a string") }
func (p *parser) flag(name string) (bool, bool)   { return value[bool](p, name, "a boolean") }
func (p *parser) number(name string) (json.Number, bool) {
	return value[json.Number](p, name, "a number")
}
func (p *parser) list(name string) ([]any, bool) { return value[[]any](p, name, "a list") }
func (p *parser) object(name string) (map[string]any, bool) {
	return value[map[string]any](p, name, "an object")
}

// count reads an integer of 0 and more.
func (p *parser) count(name string) (int, bool) {
	n, ok := p.number(name)
	if !ok {
		return 0, false
	}
	r := rational(n)
	if !r.IsInt() || r.Sign() < 0 {
		p.fail(name, "is not a count")
		return 0, false
	}
	if !r.Num().IsInt64() || r.Num().Int64() > math.MaxInt32 {
		return math.MaxInt32, true
	}
	return int(r.Num().Int64()), true
}

// names are the names of members, of which draft 4 wants one at least, and none twice.
func (p *parser) names(keyword string, list []any) (names []string) {
	for _, v := range list {
		name, ok := v.(string)
		if !ok || slices.Contains(names, name) {
			p.fail(keyword, "has no name, or one twice: %v", v)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		p.fail(keyword, "is empty")
	}
	slices.Sort(names)
	return names
}

// child compiles a schema within this one; nil after an error.
func (p *parser) child(node any, names ...string) *Schema {
	s, err := p.c.build(p.at.under(names...), node)
	if err != nil && p.err == nil {
		p.err = err
	}
	return s
}

// alternatives are the schemas of a list.
func (p *parser) alternatives(name string) (all []*Schema) {
	nodes, ok := p.list(name)
	if ok && len(nodes) == 0 {
		p.fail(name, "is empty")
	}
	for i, node := range nodes {
		all = append(all, p.child(node, name, strconv.Itoa(i)))
	}
	return all
}

// schemas are those of an object, by name.
func (p *parser) schemas(keyword string) (all []named) {
	o, _ := p.object(keyword)
	for _, name := range sortedKeys(o) {
		all = append(all, named{name, p.child(o[name], keyword, name)})
	}
	return all
}

// additional is what may be besides: nothing, if closed, or what matches a schema, or, with neither, anything.
func (p *parser) additional(name string) (s *Schema, closed bool) {
	switch v := p.node[name].(type) {
	case nil:
		p.present(name)
	case bool:
		return nil, !v
	default:
		return p.child(v, name), false
	}
	return nil, false
}
