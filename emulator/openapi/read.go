package openapi

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// A reader reads what documents of REST APIs and HTTP APIs have in common.
type reader struct {
	*Document
	Problems
	basePath string // what all paths start with
	global   requirement
	schemes  map[string]scheme
}

// reader begins to read a document; basePath says what becomes of its base path.
func (d *Document) reader(basePath string) *reader {
	d.spent = 0
	return &reader{Document: d, basePath: prefix(d.BasePath(), basePath), schemes: map[string]scheme{}}
}

// prefix is what of the base path comes before each path: all of it, or what follows its first
// part, which is for a stage or a domain name's mapping.
func prefix(base, mode string) string {
	switch mode {
	case "prepend":
		return base
	case "split":
		if i := strings.Index(strings.TrimPrefix(base, "/"), "/"); i >= 0 {
			return base[i+1:]
		}
	}
	return ""
}

// endpointConfiguration is what the root or the first server says of the endpoint.
func (r *reader) endpointConfiguration() *Node {
	n := r.Root.Get(ext("endpoint-configuration"))
	servers := r.Root.Get("servers")
	if n == nil && servers.Is(Array) && len(servers.Values) > 0 {
		n = servers.Values[0].Get(ext("endpoint-configuration"))
	}
	if servers.Is(Array) && len(servers.Values) > 1 {
		r.warnf("More than one server provided. Ignoring all but the first for defining endpoint configuration")
	}
	return n
}

// tags are the tags of the API: those of the document's that have a value.
func (r *reader) tags() (out map[string]string) {
	tags := r.Root.Get("tags")
	if !tags.Is(Array) {
		return nil
	}
	for _, t := range tags.Values {
		value := t.Get(ext("tag-value"))
		if name := t.Get("name").String(); name != "" && value.Is(String) {
			if out == nil {
				out = map[string]string{}
			}
			out[name] = value.Text
		}
	}
	return out
}

// optional is the text of a scalar, nil where there is none or an empty one.
func optional(n *Node) *string {
	if text, ok := n.Scalar(); ok && text != "" {
		return aws.String(text)
	}
	return nil
}

// whole is a whole number that is not negative, nil where there is none and what is given for what is
// no such number.
func whole(n *Node, bad int32) *int32 {
	if n == nil {
		return nil
	}
	i, ok := n.Int()
	if !ok || i < 0 || i > 1<<30 {
		return &bad
	}
	return aws.Int32(int32(i))
}

// enum says whether a text is a value of an SDK enum.
func enum[E interface {
	~string
	Values() []E
}](value E) bool {
	for _, v := range value.Values() {
		if v == value {
			return true
		}
	}
	return false
}

// A place is where a problem is.
type place struct {
	what string
	r    *reader
}

// object is a member that is an object, nil where there is none.
func (p place) object(n *Node, member string) *Node {
	object := n.Get(member)
	if object.Is(Object) {
		return object
	}
	if object != nil && object.Kind != Null {
		p.r.warnf("Invalid format for '%s'. Expected type object of %s", member, p.what)
	}
	return nil
}

// texts reads a map of texts. What is no text is left out with AWS's warning (recorded).
func (p place) texts(n *Node, member string) map[string]string {
	object := p.object(n, member)
	if object == nil {
		return nil
	}
	out := make(map[string]string, len(object.Keys))
	for i, key := range object.Keys {
		v := object.Values[i]
		switch v.Kind {
		case String:
			out[key] = v.Text
		case Null:
			out[key] = ""
		default:
			p.r.warnf("Invalid format for '%s'. Expected type string for property '%s' of %s but got '%s'",
				member, key, p.what, compact(v))
		}
	}
	return out
}

// text is a member that has to be a text.
func (p place) text(n *Node, member string) *string {
	v := n.Get(member)
	if v != nil && v.Kind != Null && v.Kind != String {
		p.r.warnf("Invalid format for '%s'. Expected type string of %s but got '%s'", member, p.what, compact(v))
		return nil
	}
	return optional(v)
}

func compact(n *Node) string {
	if text, ok := n.Scalar(); ok {
		return text
	}
	var v any
	_ = json.Unmarshal(n.JSON(), &v) // what was just written
	out, _ := json.Marshal(v)
	return string(out)
}
