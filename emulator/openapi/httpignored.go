package openapi

import (
	"fmt"
	"slices"
	"strings"
)

// What documents may have and HTTP APIs have no use for, each list in the order of Java's hash maps, in
// which AWS was seen to name some (recorded, 2020-10: an import of the guide's pet store).
var (
	ignoredComponents = []string{"headers", "examples", "schemas", "requestBodies", "responses", "callbacks", "links", "parameters"}
	ignoredOfPaths    = []string{"summary", "trace", "servers", "description", "parameters"}
	operationOrder    = []string{"head", "patch", "post", "get", "options", anyMethod, "delete", "put"}
	ignoredOfInfo     = []string{"license", "termsOfService", "contact"}

	ignoredOfOperations = []string{
		"summary", "servers", "requestBody", "deprecated", "description", "responses", "callbacks", "externalDocs", "parameters", "tags",
	}
)

// The extensions that have a meaning for HTTP APIs. REST APIs have more.
var (
	rootExtensions      = []string{ext("cors"), ext("importexport-version"), ext("endpoint-configuration")}
	operationExtensions = []string{ext("integration"), ext("auth")}
)

// operationKey is the key of operations of a verb.
func operationKey(verb string) string {
	if verb == "ANY" {
		return anyMethod
	}
	return strings.ToLower(verb)
}

// ignore says that something is left out, though it is not wrong.
func (r *httpReader) ignore(where, key string) {
	r.out.API.ImportInfo = append(r.out.API.ImportInfo, fmt.Sprintf("%s: key [%s] will be ignored by API Gateway", where, key))
}

func (r *httpReader) ignoreAll(where string, n *Node, keys []string) {
	for _, key := range keys {
		if n.Get(key) != nil {
			r.ignore(where, key)
		}
	}
}

// ignoreOthers ignores all members that are not known.
func (r *httpReader) ignoreOthers(where string, n *Node, known []string) {
	if !n.Is(Object) {
		return
	}
	for _, key := range n.Keys {
		if !slices.Contains(known, key) {
			r.ignore(where, key)
		}
	}
}

// ignoreExtensions ignores API Gateway's extensions that are not known.
func (r *httpReader) ignoreExtensions(where string, n *Node, known []string) {
	if !n.Is(Object) {
		return
	}
	for _, key := range n.Keys {
		if strings.HasPrefix(key, ext("")) && !slices.Contains(known, key) {
			r.ignore(where, key)
		}
	}
}

// ignored names what is left out of the document, but not what is wrong.
func (r *httpReader) ignored() {
	r.ignoreAll("components", r.Root.Get("components"), ignoredComponents)
	paths := r.Root.Get("paths")
	if paths.Is(Object) {
		for i, path := range paths.Keys {
			if !strings.HasPrefix(path, "x-") {
				r.ignoredOfPath("paths."+path, paths.Values[i])
			}
		}
	}
	r.ignoreAll("info", r.Root.Get("info"), ignoredOfInfo)
	r.ignoreAll("openapi", r.Root, []string{"externalDocs"})
	r.ignoreExtensions("openapi", r.Root, rootExtensions)
}

func (r *httpReader) ignoredOfPath(where string, item *Node) {
	item, err := r.Resolve(item)
	if err != nil || !item.Is(Object) {
		return // which is an error elsewhere
	}
	r.ignoreAll(where, item, ignoredOfPaths)
	r.ignoreExtensions(where, item, []string{anyMethod})
	for _, key := range operationOrder {
		r.ignoreAll(where+"."+key, item.Get(key), ignoredOfOperations)
		r.ignoreExtensions(where+"."+key, item.Get(key), operationExtensions)
	}
}
