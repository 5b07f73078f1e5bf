package wire

import (
	"reflect"
	"strings"
	"sync"
	"time"
)

// A codec is a table made ready for use: everything that would be looked up for each
// request is looked up once, per Go type.
type codec struct {
	*table
	named      map[string]string
	forms      map[string]timeForm
	need       map[string][]string
	values     map[string][]string
	exceptions map[string]*exception // by code
	members    map[reflect.Type]unionMember
	byShape    map[string][]unionMember
	plans      sync.Map // reflect.Type → *plan
}

func newCodec(t *table) *codec {
	c := &codec{
		table: t, named: map[string]string{}, forms: map[string]timeForm{}, need: map[string][]string{}, values: map[string][]string{},
		exceptions: map[string]*exception{}, members: map[reflect.Type]unionMember{}, byShape: map[string][]unionMember{},
	}
	for _, n := range t.names {
		c.named[n.key] = n.name
	}
	for _, f := range t.timeFormats {
		c.forms[f.key] = f.form
	}
	for _, r := range t.required {
		c.need[r.name] = r.values
	}
	for _, e := range t.enums {
		c.values[e.name] = enumOrder(t.service, e.name, e.values)
	}
	for i := range t.errors {
		c.exceptions[t.errors[i].code] = &t.errors[i]
	}
	if t.unions != nil {
		for _, u := range t.unions() {
			c.members[u.goType] = u
			c.byShape[u.shape] = append(c.byShape[u.shape], u)
		}
	}
	return c
}

// A plan is how one Go struct stands on the wire.
type plan struct {
	name   string // of the Go type
	fields []field
	byName map[string]*field // by wire name
}

// A field is one exported field of a struct.
type field struct {
	index    int
	goName   string
	name     string // on the wire
	form     timeForm
	required bool
	scalar   bool // of a kind that is always written, zero or not
}

var timeType = reflect.TypeFor[time.Time]()

// planOf returns the plan of a struct type, making it at first use.
func (c *codec) planOf(t reflect.Type) *plan {
	if p, ok := c.plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{name: t.Name(), byName: map[string]*field{}}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" || f.Name == "ErrorCodeOverride" {
			continue
		}
		p.fields = append(p.fields, c.fieldOf(t, f, i))
	}
	for i := range p.fields {
		p.byName[p.fields[i].name] = &p.fields[i]
	}
	actual, _ := c.plans.LoadOrStore(t, p)
	return actual.(*plan)
}

func (c *codec) fieldOf(t reflect.Type, f reflect.StructField, index int) field {
	key := t.Name() + "." + f.Name
	out := field{index: index, goName: f.Name, name: f.Name, form: c.times}
	if c.lowerFirst {
		out.name = strings.ToLower(f.Name[:1]) + f.Name[1:]
	}
	if n, ok := c.named[key]; ok {
		out.name = n
	}
	if form, ok := c.forms[key]; ok {
		out.form = form
	}
	for _, r := range c.need[t.Name()] {
		out.required = out.required || r == f.Name
	}
	switch f.Type.Kind() {
	case reflect.Bool, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		out.scalar = true
	}
	return out
}
