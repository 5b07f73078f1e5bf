package wire

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A formNode is the tree that the dotted names of a Query request spell.
type formNode struct {
	value    string
	set      bool
	children map[string]*formNode
}

// maxFormDepth bounds the tree that a client can make us build.
const maxFormDepth = 32

func parseForm(form url.Values) *formNode {
	root := &formNode{}
	for name, values := range form {
		parts := strings.Split(name, ".")
		if len(values) == 0 || len(parts) > maxFormDepth {
			continue
		}
		n := root
		for _, part := range parts {
			if n.children == nil {
				n.children = map[string]*formNode{}
			}
			if n.children[part] == nil {
				n.children[part] = &formNode{}
			}
			n = n.children[part]
		}
		n.value, n.set = values[0], true
	}
	return root
}

// decodeForm fills the struct in v from a Query request: Tags.member.1.Key=a.
func (c *codec) decodeForm(n *formNode, v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Pointer:
		e := reflect.New(v.Type().Elem())
		if err := c.decodeForm(n, e.Elem()); err != nil {
			return err
		}
		v.Set(e)
		return nil
	case v.Type() == timeType:
		return bindText(v, n.value)
	}
	switch v.Kind() {
	case reflect.Struct:
		return c.decodeFormStruct(n, v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b, err := base64.StdEncoding.DecodeString(n.value)
			v.SetBytes(b)
			return err
		}
		return c.decodeFormList(n, v)
	case reflect.Map:
		return c.decodeFormMap(n, v)
	case reflect.Interface:
		return c.decodeFormUnion(n, v)
	}
	return bindText(v, n.value)
}

func (c *codec) decodeFormStruct(n *formNode, v reflect.Value) error {
	p := c.planOf(v.Type())
	for i := range p.fields {
		f := &p.fields[i]
		child := n.children[f.name]
		if child == nil {
			continue
		}
		if err := c.decodeForm(child, v.Field(f.index)); err != nil {
			return err
		}
	}
	return nil
}

func (c *codec) decodeFormUnion(n *formNode, v reflect.Value) error {
	for _, u := range c.byShape[v.Type().Name()] {
		child := n.children[u.name]
		if child == nil {
			continue
		}
		e := reflect.New(u.goType)
		if err := c.decodeForm(child, e.Elem().FieldByName("Value")); err != nil {
			return err
		}
		v.Set(e)
	}
	return nil
}

// numbered are the elements member.1, member.2 … (or entry.1 …) in order.
func (n *formNode) numbered(wrapper string) []*formNode {
	items := n.children[wrapper]
	if items == nil {
		return nil
	}
	var keys []int
	for k := range items.children {
		if i, err := strconv.Atoi(k); err == nil {
			keys = append(keys, i)
		}
	}
	slices.Sort(keys)
	all := make([]*formNode, len(keys))
	for i, k := range keys {
		all[i] = items.children[strconv.Itoa(k)]
	}
	return all
}

func (c *codec) decodeFormList(n *formNode, v reflect.Value) error {
	items := n.numbered("member")
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if item == nil {
			continue // member.01
		}
		if err := c.decodeForm(item, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (c *codec) decodeFormMap(n *formNode, v reflect.Value) error {
	v.Set(reflect.MakeMap(v.Type()))
	for _, entry := range n.numbered("entry") {
		if entry == nil || entry.children["key"] == nil || entry.children["value"] == nil {
			continue
		}
		e := reflect.New(v.Type().Elem()).Elem()
		if err := c.decodeForm(entry.children["value"], e); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(entry.children["key"].value).Convert(v.Type().Key()), e)
	}
	return nil
}
