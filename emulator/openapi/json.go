package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// A jsonReader reads a document and knows the lines.
type jsonReader struct {
	*json.Decoder
	body         []byte
	offset, line int // how far lines are counted
}

// parseJSON reads a JSON text; of a key that comes twice the last value counts.
func parseJSON(body []byte) (*Node, error) {
	r := &jsonReader{Decoder: json.NewDecoder(bytes.NewReader(body)), body: body, line: 1}
	r.UseNumber()
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.Token(); err != io.EOF {
		return nil, fmt.Errorf("line %d: more than one value", r.here())
	}
	return n, nil
}

// here is the line of what was read last.
func (r *jsonReader) here() int {
	at := int(r.InputOffset())
	r.line += bytes.Count(r.body[r.offset:at], []byte("\n"))
	r.offset = at
	return r.line
}

func (r *jsonReader) value(depth int) (*Node, error) {
	t, err := r.Token()
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", r.here(), err)
	}
	return r.after(t, depth)
}

func (r *jsonReader) after(t json.Token, depth int) (*Node, error) {
	n := &Node{Line: r.here()}
	if depth > maxDepth {
		return nil, errDepth(n.Line)
	}
	switch t := t.(type) {
	case json.Delim:
		if err := r.inside(n, t, depth); err != nil {
			return nil, err
		}
	case string:
		n.Kind, n.Text = String, t
	case json.Number:
		n.Kind, n.Text = Number, t.String()
	case bool:
		n.Kind, n.Text = Bool, fmt.Sprint(t)
	}
	n.finish()
	return n, nil
}

func (r *jsonReader) inside(n *Node, open json.Delim, depth int) error {
	n.Kind = Array
	var keys map[string]int
	if open == '{' {
		n.Kind, keys = Object, map[string]int{}
	}
	for r.More() {
		key := ""
		if n.Kind == Object {
			t, err := r.Token()
			if err != nil {
				return fmt.Errorf("line %d: %w", r.here(), err)
			}
			key = t.(string) // the decoder lets nothing else pass
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.put(keys, key, v)
	}
	_, err := r.Token()
	return err
}

// put adds a value to an array or an object that is being read; keys are the object's so far.
func (n *Node) put(keys map[string]int, key string, v *Node) {
	if n.Kind == Object {
		if i, again := keys[key]; again {
			n.Values[i] = v
			return
		}
		keys[key] = len(n.Keys)
		n.Keys = append(n.Keys, key)
	}
	n.Values = append(n.Values, v)
}

// JSON is a node as Jackson's pretty printer writes it, which is how API Gateway writes documents
// and schemas.
func (n *Node) JSON() []byte {
	var b bytes.Buffer
	n.writeJSON(&b, "\n")
	return b.Bytes()
}

func (n *Node) writeJSON(b *bytes.Buffer, newline string) {
	switch {
	case n == nil || n.Kind == Null:
		b.WriteString("null")
	case n.Kind == String:
		writeString(b, n.Text)
	case n.Kind < Array:
		b.WriteString(n.Text)
	case len(n.Values) == 0:
		b.WriteString(map[Kind]string{Array: "[ ]", Object: "{ }"}[n.Kind])
	case n.Kind == Array:
		b.WriteString("[ ")
		for i, v := range n.Values {
			if i > 0 {
				b.WriteString(", ")
			}
			v.writeJSON(b, newline)
		}
		b.WriteString(" ]")
	default:
		n.writeObject(b, newline)
	}
}

func (n *Node) writeObject(b *bytes.Buffer, newline string) {
	inner := newline + "  "
	b.WriteString("{")
	for i, key := range n.Keys {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(inner)
		writeString(b, key)
		b.WriteString(" : ")
		n.Values[i].writeJSON(b, inner)
	}
	b.WriteString(newline + "}")
}

func writeString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)         // a string into a buffer: cannot fail
	b.Truncate(b.Len() - 1) // its newline
}
