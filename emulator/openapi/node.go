package openapi

import (
	"strconv"
	"strings"
)

// A Kind is what a Node is in JSON.
type Kind uint8

// The kinds of JSON.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// A Node is a part of a document, with the order of its keys and its line. It does not change once
// it has been read. All of its methods take nil, which is what is missing.
type Node struct {
	Kind   Kind
	Text   string   // of a scalar, a number as it was written
	Keys   []string // of an object, as many as Values
	Values []*Node
	Line   int // 0 where it was not read

	index map[string]int // of Keys, once there are many
	size  int            // about how many bytes it is written out
}

// fewKeys are looked through one by one.
const fewKeys = 8

// Get is the value of a key, nil where there is none.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Object {
		return nil
	}
	if n.index != nil {
		if i, ok := n.index[key]; ok {
			return n.Values[i]
		}
		return nil
	}
	for i, k := range n.Keys {
		if k == key {
			return n.Values[i]
		}
	}
	return nil
}

// Is says whether there is a node of a kind.
func (n *Node) Is(k Kind) bool { return n != nil && n.Kind == k }

// String is the text of a string, "" for anything else.
func (n *Node) String() string {
	if n.Is(String) {
		return n.Text
	}
	return ""
}

// Scalar is the text of a string, number or boolean; ok is false for anything else.
func (n *Node) Scalar() (text string, ok bool) {
	if n == nil || n.Kind == Null || n.Kind >= Array {
		return "", false
	}
	return n.Text, true
}

// True says whether a node is true, or the text "true".
func (n *Node) True() bool {
	text, _ := n.Scalar()
	return strings.EqualFold(text, "true")
}

// Int is a whole number, also one in a string.
func (n *Node) Int() (int64, bool) {
	text, ok := n.Scalar()
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(text, 10, 64)
	return i, err == nil
}

// Strings are the texts of an array.
func (n *Node) Strings() []string {
	if !n.Is(Array) {
		return nil
	}
	out := []string{}
	for _, v := range n.Values {
		if text, ok := v.Scalar(); ok {
			out = append(out, text)
		}
	}
	return out
}

// Set adds a key to an object that is being made, or replaces its value; nil and an empty text are
// left out.
func (n *Node) Set(key string, value any) *Node {
	v := New(value)
	if v == nil {
		return n
	}
	for i, k := range n.Keys {
		if k == key {
			n.Values[i] = v
			return n
		}
	}
	n.Keys, n.Values = append(n.Keys, key), append(n.Values, v)
	return n
}

// add is Set for a key that is not there yet.
func (n *Node) add(key string, v *Node) {
	n.Keys, n.Values = append(n.Keys, key), append(n.Values, v)
}

// NewObject is an object to which keys are added.
func NewObject() *Node { return &Node{Kind: Object} }

// New makes a node of a text, boolean, number, list of texts or nodes; nil of nil and "".
func New(value any) *Node {
	switch v := value.(type) {
	case nil:
		return nil
	case *Node:
		return v
	case string:
		if v == "" {
			return nil
		}
		return text(v)
	case *string:
		if v == nil {
			return nil
		}
		return New(*v)
	case bool:
		return &Node{Kind: Bool, Text: strconv.FormatBool(v)}
	case *bool:
		if v == nil {
			return nil
		}
		return New(*v)
	case int:
		return &Node{Kind: Number, Text: strconv.Itoa(v)}
	case int32:
		return &Node{Kind: Number, Text: strconv.Itoa(int(v))}
	case *int32:
		if v == nil {
			return nil
		}
		return New(*v)
	case []string:
		list := &Node{Kind: Array}
		for _, s := range v {
			list.Values = append(list.Values, text(s))
		}
		return list
	case []*Node:
		return &Node{Kind: Array, Values: v}
	}
	panic("openapi: no node is made of this type")
}

func text(s string) *Node { return &Node{Kind: String, Text: s} }

// finish prepares a node that has been read for look-ups and says how large it is.
func (n *Node) finish() {
	n.size = 8 + len(n.Text)
	for i, v := range n.Values {
		n.size = min(n.size+v.size, maxExpanded+1)
		if n.Kind == Object {
			n.size += len(n.Keys[i])
		}
	}
	if len(n.Keys) > fewKeys {
		n.index = make(map[string]int, len(n.Keys))
		for i, k := range n.Keys {
			n.index[k] = i
		}
	}
}
