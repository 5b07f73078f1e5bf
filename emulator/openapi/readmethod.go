package openapi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func (r *restReader) resource(p Path) {
	out := Resource{Path: r.basePath + p.Path, Methods: map[string]types.Method{}}
	for _, o := range p.Operations {
		out.Methods[o.Verb] = r.method(o)
		out.Verbs = append(out.Verbs, o.Verb)
	}
	r.out.Resources = append(r.out.Resources, out)
}

// A method is one that is being read.
type method struct {
	*restReader
	Operation
	types.Method
}

// fail reports an error of the method in AWS's words.
func (m *method) fail(what string, err error) {
	m.errorf("Unable to put %s on '%s' for resource at path '%s': %v", what, m.Verb, m.Path, err)
}

func (m *method) place() place {
	return place{fmt.Sprintf("resource '%s' and method '%s'", m.Path, m.Verb), m.reader}
}

func (r *restReader) method(o Operation) types.Method {
	m := &method{restReader: r, Operation: o, Method: types.Method{HttpMethod: aws.String(o.Verb), OperationName: optional(o.Node.Get("operationId"))}}
	r.authorize(&m.Method, o.Node)
	m.parameters()
	m.requestBody()
	m.responses()
	validator := r.validator
	if own := o.Node.Get(ext("request-validator")).String(); own != "" {
		validator = own
	}
	if validator != "" {
		m.RequestValidatorId = aws.String(validator)
	}
	m.MethodIntegration = m.integration()
	return m.Method
}

var locations = map[string]string{"path": "path", "query": "querystring", "header": "header"}

// parameters reads the path's parameters and those of the operation, which come before them.
func (m *method) parameters() {
	seen := map[string]bool{}
	for _, list := range []*Node{m.Node.Get("parameters"), m.Shared} {
		if !list.Is(Array) {
			continue
		}
		for _, v := range list.Values {
			p, err := m.Resolve(v)
			if err != nil {
				m.fail("parameter", err)
				continue
			}
			in, name := p.Get("in").String(), p.Get("name").String()
			if in != "body" && seen[in+"."+name] {
				continue
			}
			seen[in+"."+name] = true
			m.parameter(p, in, name)
		}
	}
}

func (m *method) parameter(p *Node, in, name string) {
	location, ok := locations[in]
	switch {
	case in == "body":
		m.body(m.list("consumes"), p.Get("schema"))
	case !ok:
		m.warnf("Parameter '%s' of method '%s' on resource '%s' is in '%s', which is not supported. Ignoring.", name, m.Verb, m.Path, in)
	case name == "":
		m.warnf("A parameter of method '%s' on resource '%s' in line %d has no name. Ignoring.", m.Verb, m.Path, p.Line)
	default:
		if m.RequestParameters == nil {
			m.RequestParameters = map[string]bool{}
		}
		m.RequestParameters["method.request."+location+"."+name] = in == "path" || p.Get("required").True()
	}
}

// list is a list of content types of the operation, or of the document, or JSON.
func (m *method) list(key string) []string {
	for _, n := range []*Node{m.Node, m.Root} {
		if found := n.Get(key); found.Is(Array) && len(found.Values) > 0 {
			if m.spend(found.size) != nil {
				return nil
			}
			return found.Strings()
		}
	}
	return []string{jsonType}
}

func (m *method) body(contentTypes []string, schema *Node) {
	name, ok := m.modelFor(schema)
	if !ok {
		return
	}
	if !m.known(name) {
		m.warnf("Invalid model reference '%s' in the request of method '%s' on resource '%s'. Ignoring.", name, m.Verb, m.Path)
		return
	}
	if m.RequestModels == nil {
		m.RequestModels = map[string]string{}
	}
	for _, t := range contentTypes {
		m.RequestModels[t] = name
	}
}

// known says whether the document has a model.
func (r *restReader) known(model string) bool {
	return r.generated[model] != "" || r.Schemas().Get(model) != nil
}

func (m *method) requestBody() {
	if m.Swagger {
		return
	}
	n, err := m.Resolve(m.Node.Get("requestBody"))
	if err != nil {
		m.fail("request body", err)
		return
	}
	content := n.Get("content")
	if !content.Is(Object) {
		return
	}
	for i, t := range content.Keys {
		m.body([]string{t}, content.Values[i].Get("schema"))
	}
}

var status = regexp.MustCompile(`^[1-5]\d\d$`)

func (m *method) responses() {
	all := m.Node.Get("responses")
	if !all.Is(Object) {
		return
	}
	for i, code := range all.Keys {
		if strings.HasPrefix(code, "x-") {
			continue
		}
		if !status.MatchString(code) {
			m.warnf("Response '%s' of method '%s' on resource '%s' is not supported. Ignoring.", code, m.Verb, m.Path)
			continue
		}
		n, err := m.Resolve(all.Values[i])
		if err != nil {
			m.fail("method response", err)
			continue
		}
		if m.MethodResponses == nil {
			m.MethodResponses = map[string]types.MethodResponse{}
		}
		m.MethodResponses[code] = m.response(code, n)
	}
}

func (m *method) response(code string, n *Node) types.MethodResponse {
	out := types.MethodResponse{StatusCode: aws.String(code)}
	if headers := n.Get("headers"); headers.Is(Object) {
		out.ResponseParameters = map[string]bool{}
		for _, name := range headers.Keys {
			out.ResponseParameters["method.response.header."+name] = false
		}
	}
	bodies := map[string]*Node{}
	if m.Swagger {
		if schema := n.Get("schema"); schema.Is(Object) {
			for _, t := range m.list("produces") {
				bodies[t] = schema
			}
		}
	} else if content := n.Get("content"); content.Is(Object) {
		for i, t := range content.Keys {
			bodies[t] = content.Values[i].Get("schema")
		}
	}
	for _, t := range sorted(bodies) {
		name, ok := m.modelFor(bodies[t])
		switch {
		case !ok:
		case !m.known(name):
			m.warnf("Invalid model reference '%s' in response '%s' of method '%s' on resource '%s'. Ignoring.", name, code, m.Verb, m.Path)
		default:
			if out.ResponseModels == nil {
				out.ResponseModels = map[string]string{}
			}
			out.ResponseModels[t] = name
		}
	}
	return out
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
