package openapi

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

const jsonType = "application/json"

// models reads the named schemas.
func (r *restReader) models() {
	all := r.Schemas()
	if !all.Is(Object) {
		return
	}
	for i, name := range all.Keys {
		r.addModel(name, all.Values[i])
	}
}

func (r *restReader) addModel(name string, schema *Node) {
	if err := r.spend(schema.size); err != nil {
		r.errorf("Unable to create model named '%s': %v", name, err)
		return
	}
	rewritten := r.schema(schema, name, schema.Get("definitions"))
	r.out.Models = append(r.out.Models, types.Model{
		Name:        aws.String(name),
		Description: optional(schema.Get("description")),
		ContentType: aws.String(jsonType),
		Schema:      aws.String(string(rewritten.JSON())),
	})
}

// schema is a schema whose references name models by their address, as AWS stores them. Those to the
// definitions that the schema has itself stay.
func (r *restReader) schema(n *Node, model string, own *Node) *Node {
	out := &Node{Kind: n.Kind, Text: n.Text, Keys: n.Keys, Line: n.Line, Values: make([]*Node, len(n.Values))}
	for i, v := range n.Values {
		if n.Kind == Object && n.Keys[i] == "$ref" && v.Is(String) {
			if name, _ := modelOf(v.Text); own.Get(name) == nil {
				v = text(r.modelRef(v.Text, model))
			}
			out.Values[i] = v
			continue
		}
		out.Values[i] = r.schema(v, model, own)
	}
	return out
}

// modelRef is the address of the model that a reference names, or the reference.
func (r *restReader) modelRef(ref, inside string) string {
	if name, ok := modelOf(ref); ok {
		if r.Schemas().Get(name) == nil && strings.HasPrefix(ref, "#/") {
			r.warnf("Invalid model reference specified: %s in model '%s'", ref, inside)
		}
		return r.modelURL + name
	}
	return ref
}

// modelOf is the name of the model that a reference to a named schema or a model's address means.
func modelOf(ref string) (string, bool) {
	for _, prefix := range []string{"#/definitions/", "#/components/schemas/"} {
		if name, ok := strings.CutPrefix(ref, prefix); ok && !strings.Contains(name, "/") {
			return unescapePointer(name), true
		}
	}
	if strings.HasPrefix(ref, "https://apigateway.amazonaws.com/restapis/") {
		_, name, ok := strings.Cut(ref, "/models/")
		return name, ok
	}
	return "", false
}

// modelFor is the name of the model for the schema of a body: the one it refers to, or one of its
// own, which AWS calls MODEL and six digits.
func (r *restReader) modelFor(schema *Node) (string, bool) {
	if ref := schema.Get("$ref"); ref.Is(String) {
		name, ok := modelOf(ref.Text)
		return name, ok
	}
	if !schema.Is(Object) || len(schema.Keys) == 0 {
		return "", false
	}
	if name, done := r.named[schema]; done {
		return name, true
	}
	name, known := r.generate(string(schema.JSON()))
	r.named[schema] = name
	if !known && r.Schemas().Get(name) == nil {
		r.addModel(name, schema)
	}
	return name, true
}

// generate is the name of the model for a schema without one, and whether that is known: schemas
// that are alike have one model, others never.
func (r *restReader) generate(schema string) (name string, known bool) {
	h := fnv.New32a()
	h.Write([]byte(schema))
	for sum := h.Sum32(); ; sum++ {
		name = fmt.Sprintf("MODEL%06x", sum&0xffffff)
		switch r.generated[name] {
		case schema:
			return name, true
		case "":
			r.generated[name] = schema
			return name, false
		}
	}
}
