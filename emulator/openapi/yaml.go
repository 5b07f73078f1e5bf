package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// A yamlReader turns YAML nodes into ours. An alias is the node it stands for, so that reading
// costs nothing however often it is used; what it would be written out is counted.
type yamlReader struct {
	done    map[*yaml.Node]*Node
	pending map[*yaml.Node]bool // nodes that are being read: an alias to one is a circle
	merged  int                 // how many keys merges have added
}

func parseYAML(body []byte) (*Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(body, &document); err != nil {
		return nil, err
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, errors.New("line 1: no document")
	}
	r := yamlReader{done: map[*yaml.Node]*Node{}, pending: map[*yaml.Node]bool{}}
	return r.value(document.Content[0], 0)
}

func (r *yamlReader) value(y *yaml.Node, depth int) (*Node, error) {
	if y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	if r.pending[y] {
		return nil, fmt.Errorf("line %d: the alias of a value is inside of it", y.Line)
	}
	if n := r.done[y]; n != nil {
		return n, nil
	}
	if depth > maxDepth {
		return nil, errDepth(y.Line)
	}
	r.pending[y] = true
	defer delete(r.pending, y)
	n := &Node{Line: y.Line}
	if err := r.fill(n, y, depth); err != nil {
		return nil, err
	}
	n.finish()
	if n.size > maxExpanded {
		return nil, errExpanded(y.Line)
	}
	r.done[y] = n
	return n, nil
}

func (r *yamlReader) fill(n *Node, y *yaml.Node, depth int) error {
	switch y.Kind {
	case yaml.ScalarNode:
		n.scalar(y)
		return nil
	case yaml.SequenceNode:
		n.Kind = Array
		for _, c := range y.Content {
			v, err := r.value(c, depth+1)
			if err != nil {
				return err
			}
			n.Values = append(n.Values, v)
		}
		return nil
	}
	n.Kind = Object
	keys := map[string]int{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		if err := r.pair(n, keys, y.Content[i], y.Content[i+1], depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *yamlReader) pair(n *Node, keys map[string]int, key, value *yaml.Node, depth int) error {
	if key.Kind == yaml.AliasNode {
		key = key.Alias
	}
	v, err := r.value(value, depth+1)
	switch {
	case err != nil:
		return err
	case key.Kind != yaml.ScalarNode:
		return fmt.Errorf("line %d: a key that is no text", key.Line)
	case key.ShortTag() == "!!merge":
		return r.merge(n, keys, v, key.Line)
	}
	n.put(keys, key.Value, v)
	return nil
}

// merge adds what "<<" names and the object does not have.
func (r *yamlReader) merge(n *Node, keys map[string]int, from *Node, line int) error {
	sources := []*Node{from}
	if from.Is(Array) {
		sources = from.Values
	}
	for _, s := range sources {
		if !s.Is(Object) {
			return fmt.Errorf("line %d: only mappings can be merged", line)
		}
		for i, key := range s.Keys {
			if _, has := keys[key]; !has {
				n.put(keys, key, s.Values[i])
			}
		}
		if r.merged += len(s.Keys); r.merged > maxMerged {
			return errExpanded(line)
		}
	}
	return nil
}

// scalar reads what JSON has numbers and words for; all else is text.
func (n *Node) scalar(y *yaml.Node) {
	n.Kind, n.Text = String, y.Value
	switch y.ShortTag() {
	case "!!null":
		n.Kind, n.Text = Null, ""
	case "!!bool":
		var b bool
		if y.Decode(&b) == nil {
			n.Kind, n.Text = Bool, strconv.FormatBool(b)
		}
	case "!!int":
		var i int64
		if y.Decode(&i) == nil {
			n.Kind, n.Text = Number, strconv.FormatInt(i, 10)
		}
	case "!!float":
		var f float64
		if y.Decode(&f) == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			n.Kind, n.Text = Number, strconv.FormatFloat(f, 'g', -1, 64)
		}
	}
}

// YAML is a node as API Gateway writes it: texts are in quotes.
func (n *Node) YAML() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("---\n")
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n.yaml()); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return b.Bytes(), e.Close()
}

func (n *Node) yaml() *yaml.Node {
	switch {
	case n == nil || n.Kind == Null:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case n.Kind == String:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: n.Text, Style: yaml.DoubleQuotedStyle}
	case n.Kind == Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: n.Text}
	case n.Kind == Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: n.Text}
	}
	y := &yaml.Node{Kind: yaml.SequenceNode}
	if n.Kind == Object {
		y.Kind = yaml.MappingNode
	}
	for i, v := range n.Values {
		if n.Kind == Object {
			y.Content = append(y.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: n.Keys[i]})
		}
		y.Content = append(y.Content, v.yaml())
	}
	return y
}
