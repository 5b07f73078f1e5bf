package openapi

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// paths are the routes by their paths, sorted, and by their verbs.
func (w *httpWriter) paths() *Node {
	byPath := map[string]map[string]types.Route{}
	for _, r := range w.Routes {
		verb, path, ok := strings.Cut(*r.RouteKey, " ")
		if !ok {
			verb, path = "ANY", "/"+*r.RouteKey
		}
		if byPath[path] == nil {
			byPath[path] = map[string]types.Route{}
		}
		byPath[path][operationKey(verb)] = r
	}
	out := NewObject()
	for _, path := range sorted(byPath) {
		item := NewObject()
		for _, key := range operationKeys {
			if r, ok := byPath[path][key]; ok && key != anyMethod {
				item.add(key, w.operation(r))
			}
		}
		if parameters := pathParameters(path); parameters != nil {
			item.Set("parameters", parameters)
		}
		if r, ok := byPath[path][anyMethod]; ok {
			item.add(anyMethod, w.operation(r))
		}
		out.add(path, item)
	}
	return out
}

// pathParameters are the parameters that a path has, in AWS's words.
func pathParameters(path string) (out []*Node) {
	for part := range strings.SplitSeq(path, "/") {
		name, ok := strings.CutPrefix(part, "{")
		if name, end := strings.CutSuffix(name, "}"); ok && end {
			out = append(out, NewObject().Set("name", name).Set("in", "path").Set("description", "Generated path parameter for "+name).
				Set("required", true).Set("schema", NewObject().Set("type", "string")))
		}
	}
	return out
}

func (w *httpWriter) operation(r types.Route) *Node {
	responses := NewObject().Set("default", NewObject().Set("description", "Default response for "+*r.RouteKey))
	out := NewObject().Set("operationId", r.OperationName).Set("responses", responses)
	if need := w.need(r); need != nil {
		out.Set("security", []*Node{need})
	}
	if !w.Extensions {
		return out
	}
	if *r.RouteKey == defaultRoute {
		out.Set("isDefaultRoute", true)
	}
	i, ok := w.integrations[target(r)]
	switch {
	case ok && w.uses[*i.IntegrationId] > 1:
		out.Set(ext("integration"), NewObject().Set("$ref", sharedIntegrations+*i.IntegrationId))
	case ok:
		out.Set(ext("integration"), httpIntegration(i))
	}
	return out
}

// need is what a route asks of callers, nil where it is open.
func (w *httpWriter) need(r types.Route) *Node {
	if r.AuthorizationType == types.AuthorizationTypeAwsIam {
		return NewObject().Set(w.signed, []string{})
	}
	a, ok := w.authorizers[aws.ToString(r.AuthorizerId)]
	if !ok {
		return nil
	}
	out := NewObject()
	out.add(*a.Name, New(append([]string{}, r.AuthorizationScopes...)))
	return out
}
