package integration

import (
	"fmt"
	"strings"

	"postern/apigw"
	"postern/apigw/jsonpath"
)

// RequestValue compiles the right side of an integration.request.… mapping
// (facts: rest-dataplane §15): method.request.{path|querystring|header}.N, its
// multivalue forms, method.request.body[.JSONPATH], stageVariables.N, context.N, 'static'.
func RequestValue(expression string) (apigw.Value, error) {
	if v, ok := commonValue(expression); ok {
		return v, nil
	}
	if of, ok := strings.CutPrefix(expression, "method.request."); ok {
		if v, err := requestValue(of); v != nil || err != nil {
			return v, err
		}
	}
	return nil, fmt.Errorf("%q is not a mapping expression", expression)
}

// RouteValue is RequestValue for WebSocket APIs, which say route.request.… instead of method.request.…
func RouteValue(expression string) (apigw.Value, error) {
	of, ok := strings.CutPrefix(expression, "route.request.")
	if !ok && strings.HasPrefix(expression, "method.request.") {
		return nil, fmt.Errorf("%q is not a mapping expression of a WebSocket API", expression)
	}
	if ok {
		expression = "method.request." + of
	}
	return RequestValue(expression)
}

// requestValue is what follows request. in an expression: a parameter, or the body and what is in it. Nil
// for neither.
func requestValue(of string) (apigw.Value, error) {
	if v, ok := parameterValue(of); ok {
		return v, nil
	}
	if path, ok := bodyPath(of); ok {
		return requestBodyValue(path)
	}
	return nil, nil
}

// ResponseValue compiles the right side of a method.response.… mapping:
// integration.response.{header|multivalueheader}.N, integration.response.body[.JSONPATH],
// stageVariables.N, context.N, 'static'.
func ResponseValue(expression string) (apigw.Value, error) {
	if v, ok := commonValue(expression); ok {
		return v, nil
	}
	if of, ok := strings.CutPrefix(expression, "integration.response."); ok {
		group, name, _ := strings.Cut(of, ".")
		switch {
		case name != "" && group == "header":
			return lastValue(responseHeader(name)), nil
		case name != "" && group == "multivalueheader":
			return responseHeader(name), nil
		}
		if path, ok := bodyPath(of); ok {
			return responseBodyValue(path)
		}
	}
	return nil, fmt.Errorf("%q is not a mapping expression", expression)
}

// GatewayValue compiles the right side of a gatewayresponse.header.… mapping, which may
// take what requests have but for the body.
func GatewayValue(expression string) (apigw.Value, error) {
	if v, ok := commonValue(expression); ok {
		return v, nil
	}
	if of, ok := strings.CutPrefix(expression, "method.request."); ok {
		if v, ok := parameterValue(of); ok {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%q is not a mapping expression", expression)
}

// commonValue is what may stand on any right side.
func commonValue(expression string) (apigw.Value, bool) {
	if len(expression) >= 2 && expression[0] == '\'' && expression[len(expression)-1] == '\'' {
		static := []string{expression[1 : len(expression)-1]}
		return func(*apigw.Exchange) []string { return static }, true
	}
	if name, ok := strings.CutPrefix(expression, "stageVariables."); ok && name != "" {
		return func(x *apigw.Exchange) []string { return one(x.Variable(name)) }, true
	}
	if name, ok := strings.CutPrefix(expression, "context."); ok && name != "" {
		return func(x *apigw.Exchange) []string { return one(x.Context(name)) }, true
	}
	return nil, false
}

// parameterValue is the part of an expression behind method.request. that names a parameter.
func parameterValue(of string) (apigw.Value, bool) {
	group, name, _ := strings.Cut(of, ".")
	if name == "" {
		return nil, false
	}
	switch group {
	case "path":
		return func(x *apigw.Exchange) []string {
			v, ok := x.PathParam(name)
			return one(apigw.UnescapePath(v), ok)
		}, true
	case "querystring":
		return lastValue(func(x *apigw.Exchange) []string { return x.Request.Query().Get(name) }), true
	case "multivaluequerystring":
		return func(x *apigw.Exchange) []string { return x.Request.Query().Get(name) }, true
	case "header":
		return lastValue(func(x *apigw.Exchange) []string { return x.Request.HeaderValues(name) }), true
	case "multivalueheader":
		return func(x *apigw.Exchange) []string { return x.Request.HeaderValues(name) }, true
	}
	return nil, false
}

// EncodedPathValue is a path parameter as the client encoded it: what one path takes from another
// is not decoded in between.
func EncodedPathValue(name string) apigw.Value {
	return func(x *apigw.Exchange) []string { return one(x.PathParam(name)) }
}

func responseHeader(name string) apigw.Value {
	return func(x *apigw.Exchange) (values []string) {
		for _, f := range x.Endpoint.Response.Header {
			if strings.EqualFold(f.Name, name) {
				values = append(values, f.Value)
			}
		}
		return values
	}
}

func one(v string, ok bool) []string {
	if !ok {
		return nil
	}
	return []string{v}
}

// lastValue keeps the value that counts where only one does.
func lastValue(all apigw.Value) apigw.Value {
	return func(x *apigw.Exchange) []string {
		values := all(x)
		return values[max(len(values)-1, 0):]
	}
}

// bodyPath is what follows body in "body" or "body.JSONPATH"; "" is the whole body.
func bodyPath(of string) (path string, ok bool) {
	if of == "body" {
		return "", true
	}
	path, ok = strings.CutPrefix(of, "body.")
	return path, ok && path != ""
}

func requestBodyValue(path string) (apigw.Value, error) {
	if path == "" {
		return func(x *apigw.Exchange) []string { return text(x.Request.Body) }, nil
	}
	p, err := jsonpath.Compile(path)
	return func(x *apigw.Exchange) []string {
		return at(p, &sessionOf(x).requestBody, x.Request.Body)
	}, err
}

func responseBodyValue(path string) (apigw.Value, error) {
	if path == "" {
		return func(x *apigw.Exchange) []string { return text(x.Endpoint.Response.Body) }, nil
	}
	p, err := jsonpath.Compile(path)
	return func(x *apigw.Exchange) []string {
		return at(p, &sessionOf(x).responseBody, x.Endpoint.Response.Body)
	}, err
}

func text(body []byte) []string { return one(string(body), len(body) > 0) }

// at is what a path leads to in a body: a string as it is, anything else as JSON. A body without it
// has no value, like one that is not JSON.
func at(p *jsonpath.Path, d *document, body []byte) []string {
	if len(body) == 0 {
		return nil
	}
	root, err := d.of(body)
	if err != nil {
		return nil
	}
	v, err := p.Eval(root)
	if err != nil || v == nil {
		return nil
	}
	if s, ok := v.(string); ok {
		return []string{s}
	}
	printed, err := jsonpath.AppendJSON(nil, v)
	return one(string(printed), err == nil)
}
