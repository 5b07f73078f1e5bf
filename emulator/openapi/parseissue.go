package openapi

import (
	"slices"
	"strings"
)

// What AWS's parser of OpenAPI 3.0 documents knows, which is the open-source one of Swagger. Extensions are
// known everywhere.
var (
	rootKeys = []string{"openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs"}
	infoKeys = []string{"title", "description", "termsOfService", "contact", "license", "version"}
	pathKeys = []string{
		"$ref", "summary", "description", "get", "put", "post", "delete", "head", "patch", "options", "trace", "servers", "parameters",
	}
	methodKeys = []string{
		"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses", "callbacks",
		"deprecated", "security", "servers",
	}
	parameterKeys = []string{
		"$ref", "name", "in", "description", "required", "deprecated", "allowEmptyValue", "style", "explode", "allowReserved",
		"schema", "example", "examples", "content",
	}
)

// issue is a warning of the parser: a place, and what is wrong with it. Recorded were "is missing" of a
// schema, "is unexpected" of a member, and a path without a slash.
func (r *httpReader) issue(format string, args ...any) {
	r.warnf("Parse issue: attribute "+format, args...)
}

// parseIssues are what the parser warns of. Of what is inside of extensions it knows nothing.
func (r *httpReader) parseIssues() {
	r.unexpected("", r.Root, rootKeys)
	info := r.Root.Get("info")
	if !info.Is(Object) {
		r.issue("info is missing")
	} else {
		r.unexpected("info", info, infoKeys)
		if _, ok := info.Get("version").Scalar(); !ok {
			r.issue("info.version is missing")
		}
	}
	paths := r.Root.Get("paths")
	if !paths.Is(Object) {
		r.issue("paths is missing")
		return
	}
	for i, path := range paths.Keys {
		if strings.HasPrefix(path, "x-") {
			continue
		}
		if !strings.HasPrefix(path, "/") {
			r.issue("paths. Resource %s should start with /", path)
		}
		if item, err := r.Resolve(paths.Values[i]); err == nil {
			r.pathIssues("paths.'"+path+"'", item)
		}
	}
}

func (r *httpReader) unexpected(where string, n *Node, known []string) {
	if !n.Is(Object) {
		return
	}
	if where != "" {
		where += "."
	}
	for _, key := range n.Keys {
		if !strings.HasPrefix(key, "x-") && !slices.Contains(known, key) {
			r.issue("%s%s is unexpected", where, key)
		}
	}
}

func (r *httpReader) pathIssues(where string, item *Node) {
	r.unexpected(where, item, pathKeys)
	r.parameterIssues(where, item.Get("parameters"))
	for _, verb := range operationKeys {
		if o := item.Get(verb); verb != anyMethod && o.Is(Object) {
			r.methodIssues(where+"("+verb+")", o)
		}
	}
}

func (r *httpReader) methodIssues(where string, o *Node) {
	r.unexpected(where, o, methodKeys)
	r.parameterIssues(where, o.Get("parameters"))
	r.contentIssues(where+".requestBody", o.Get("requestBody"))
	responses := o.Get("responses")
	if !responses.Is(Object) {
		return
	}
	for i, code := range responses.Keys {
		r.contentIssues(where+".responses."+code, responses.Values[i])
	}
}

func (r *httpReader) parameterIssues(where string, list *Node) {
	if !list.Is(Array) {
		return
	}
	for _, p := range list.Values {
		name := where + ".parameters.[" + p.Get("name").String() + "]"
		r.unexpected(name, p, parameterKeys)
		r.schemaIssue(name+".schema", p.Get("schema"))
	}
}

func (r *httpReader) contentIssues(where string, n *Node) {
	content := n.Get("content")
	if !content.Is(Object) {
		return
	}
	for _, media := range content.Values {
		r.schemaIssue(where+".content.schema", media.Get("schema"))
	}
}

// schemaIssue warns of a reference to a schema that is not there.
func (r *httpReader) schemaIssue(where string, schema *Node) {
	ref := schema.Get("$ref").String()
	if name, ok := strings.CutPrefix(ref, "#/components/schemas/"); ok && r.Schemas().Get(unescapePointer(name)) == nil {
		r.issue("%s.%s is missing", where, ref)
	}
}
