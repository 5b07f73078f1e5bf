package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// A Loader reads the document of a URL without a fragment.
type Loader func(url string) (any, error)

// A Compiler compiles schemas that refer to each other.
type Compiler struct {
	load      Loader // nil: references lead nowhere, and are not followed
	documents map[string]any
	schemas   map[string]*Schema // by URL, with a JSON pointer as its fragment
}

// NewCompiler makes a Compiler of the documents that load knows.
func NewCompiler(load Loader) *Compiler {
	return &Compiler{load: load, documents: map[string]any{}, schemas: map[string]*Schema{}}
}

// Compile compiles the schema of a URL, and those that it refers to.
func (c *Compiler) Compile(address string) (*Schema, error) {
	s, err := c.resolve(address)
	if err == nil {
		err = endless(s)
	}
	if err != nil {
		clear(c.schemas) // some of them are not finished
		return nil, err
	}
	return s, nil
}

// Check requires of a document that it is a schema of draft 4. References are not followed.
func Check(doc any) error {
	_, err := NewCompiler(nil).build(place{}, doc)
	return err
}

// Decode reads a document of JSON, with numbers as they are written.
func Decode(doc []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is more than one value")
	}
	return v, nil
}

// A place is where a schema is.
type place struct {
	document string // its URL
	pointer  string // JSON pointer
}

func (p place) String() string { return p.document + "#" + p.pointer }

// under is a place further down.
func (p place) under(names ...string) place {
	for _, name := range names {
		p.pointer += "/" + escape.Replace(name)
	}
	return p
}

var (
	escape   = strings.NewReplacer("~", "~0", "/", "~1")
	unescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// resolve is the schema at a URL.
func (c *Compiler) resolve(address string) (*Schema, error) {
	document, fragment, _ := strings.Cut(address, "#")
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	at := place{document, pointer}
	if s, ok := c.schemas[at.String()]; ok {
		return s, nil
	}
	node, ok := c.documents[document]
	if !ok {
		if node, err = c.load(document); err != nil {
			return nil, err
		}
		c.documents[document] = node
	}
	if node, err = find(node, pointer); err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return c.build(at, node)
}

// find follows a JSON pointer (RFC 6901).
func find(node any, pointer string) (any, error) {
	if pointer == "" {
		return node, nil
	}
	if !strings.HasPrefix(pointer, "/") {
		return nil, errors.New("the fragment is no JSON pointer")
	}
	for name := range strings.SplitSeq(pointer[1:], "/") {
		name = unescape.Replace(name)
		found := false
		switch in := node.(type) {
		case map[string]any:
			node, found = in[name]
		case []any:
			if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(in) {
				node, found = in[i], true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no %s", pointer)
		}
	}
	return node, nil
}

// build compiles a schema. One that refers to itself finds what is not finished yet.
func (c *Compiler) build(at place, node any) (*Schema, error) {
	if s, ok := c.schemas[at.String()]; ok {
		return s, nil
	}
	o, ok := node.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: a schema is an object", at)
	}
	s := new(Schema)
	c.schemas[at.String()] = s
	p := parser{c: c, at: at, node: o}
	p.parse(s)
	if p.err != nil {
		return nil, p.err
	}
	ref, ok := o["$ref"].(string)
	if !ok || c.load == nil {
		return s, nil
	}
	target, err := p.refer(ref)
	if err != nil {
		return nil, err
	}
	*s = Schema{ref: target} // what stands beside a reference does not count
	return s, nil
}

// refer is the schema that a reference leads to.
func (p *parser) refer(ref string) (*Schema, error) {
	base, err := url.Parse(p.at.document)
	if err != nil {
		return nil, err
	}
	to, err := base.Parse(ref)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.at, err)
	}
	return p.c.resolve(to.String())
}
