package main

import (
	"fmt"
	"slices"
	"strings"
)

// A model is what both readers fill and render writes.
type model struct {
	service, protocol, signing string
	version                    string // API version of the query protocol
	target                     string // X-Amz-Target prefix of AWS JSON
	ops                        map[string]*operation
	members                    map[string]string   // "Type.Field" → wire name
	times                      map[string]string   // "Type.Field" → format
	required                   map[string][]string // Go type → fields
	enums                      map[string][]string // Go type → values
	errors                     map[string]*exception
	unions                     []union
	eventPayloads              []string
}

type operation struct {
	name, method, uri string
	status            int
	in, out           []binding
	stream            bool // the output is an event stream
}

type binding struct{ field, kind, name string }

type exception struct {
	goType, code string
	status       int
	server       bool
	headers      []binding
}

// A union is one member of a union and the Go type that stands for it.
type union struct{ shape, name, goType string }

func newModel(service string) *model {
	return &model{
		service: service,
		ops:     map[string]*operation{}, members: map[string]string{}, times: map[string]string{},
		required: map[string][]string{}, enums: map[string][]string{}, errors: map[string]*exception{},
	}
}

func (m *model) op(name string) *operation {
	if m.ops[name] == nil {
		m.ops[name] = &operation{name: name}
	}
	return m.ops[name]
}

func (m *model) err(goType string) *exception {
	if m.errors[goType] == nil {
		m.errors[goType] = &exception{goType: goType, code: goType}
	}
	return m.errors[goType]
}

func (m *model) member(shape, field, name string) {
	if field != "" && name != "" {
		m.members[shape+"."+field] = name
	}
}

func (m *model) time(shape, field, format string) {
	if field != "" {
		m.times[shape+"."+field] = format
	}
}

func (m *model) union(shape, name, goType string) {
	u := union{shape, name, goType}
	if name != "" && !slices.Contains(m.unions, u) {
		m.unions = append(m.unions, u)
	}
}

// bind records a binding once; the first reading of a field wins.
func (op *operation) bind(side *[]binding, field, kind, name string) {
	if field == "" {
		return
	}
	for _, b := range *side {
		if b.field == field {
			return
		}
	}
	*side = append(*side, binding{field, kind, name})
}

// check fails where the readers found something the SDK's structs do not have:
// the generated source has changed its form and the reader must follow.
func (m *model) check(src *source) error {
	if m.signing == "" || m.protocol == "" || len(m.ops) == 0 {
		return fmt.Errorf("no signing name, protocol or operations found")
	}
	for name, op := range m.ops {
		if m.protocol == "restJSON" && (op.method == "" || op.uri == "") {
			return fmt.Errorf("%s: no method or URI", name)
		}
		for suffix, side := range map[string][]binding{"Input": op.in, "Output": op.out} {
			for _, b := range side {
				if !slices.Contains(src.structs[name+suffix], b.field) && b.kind != "payload" {
					return fmt.Errorf("%s%s has no field %s", name, suffix, b.field)
				}
			}
		}
		if n := strings.Count(op.uri, "{"); n != op.labels() {
			return fmt.Errorf("%s: %d labels in %s, %d bound", name, n, op.uri, op.labels())
		}
	}
	for key := range m.members {
		t, f, _ := strings.Cut(key, ".")
		if fields := src.structs[t]; fields != nil && !slices.Contains(fields, f) {
			return fmt.Errorf("%s is not a field", key)
		}
	}
	return nil
}

func (op *operation) labels() (n int) {
	for _, b := range op.in {
		if b.kind == "label" {
			n++
		}
	}
	return n
}
