package openapi

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// A restReader makes a REST of a document.
type restReader struct {
	*reader
	out       REST
	modelURL  string
	validator string            // of methods that name none
	named     map[*Node]string  // models by the schemas that they were made of
	generated map[string]string // models made of schemas without a name, and these
}

// Options say how a REST API is read.
type Options struct {
	RestAPIID           string
	BasePath            string // ignore (or nothing), prepend, split
	IgnoreDocumentation bool
}

// REST reads the REST API that a document describes, with everything that is wrong with it.
func (d *Document) REST(o Options) (REST, Problems) {
	r := &restReader{
		reader:    d.reader(o.BasePath),
		modelURL:  modelsOf(o.RestAPIID),
		named:     map[*Node]string{},
		generated: map[string]string{},
	}
	r.api()
	r.models()
	r.validators()
	r.gatewayResponses()
	r.security(r.authorizer)
	r.validator = d.Root.Get(ext("request-validator")).String()
	if !o.IgnoreDocumentation {
		r.documentation(d.Documentation())
	}
	for _, p := range d.Paths(r.errorf) {
		if r.spent > maxExpanded {
			r.errorf("Unable to read path '%s': %v", p.Path, errSpent)
			break
		}
		r.resource(p)
	}
	return r.out, r.Problems
}

func (r *restReader) api() {
	root, a := r.Root, &r.out.API
	info := root.Get("info")
	a.Name = optional(info.Get("title"))
	a.Version = optional(info.Get("version"))
	a.Description = optional(info.Get("description"))
	a.ApiKeySource = types.ApiKeySourceType(strings.ToUpper(root.Get(ext("api-key-source")).String()))
	if a.ApiKeySource != "" && !enum(a.ApiKeySource) {
		r.errorf("Invalid API key source specified: %s", a.ApiKeySource)
	}
	a.BinaryMediaTypes = root.Get(ext("binary-media-types")).Strings()
	if n := root.Get(ext("minimum-compression-size")); n != nil && n.Kind != Null {
		size, ok := n.Int()
		if !ok || size < 0 || size > 10485760 {
			r.errorf("Invalid minimum compression size, must be between 0 and 10485760")
		}
		a.MinimumCompressionSize = aws.Int32(int32(size))
	}
	if p := root.Get(ext("policy")); p.Is(Object) {
		a.Policy = aws.String(string(p.JSON()))
	} else {
		a.Policy = optional(p)
	}
	a.SecurityPolicy = types.SecurityPolicy(root.Get(ext("security-policy")).String())
	if a.SecurityPolicy != "" && !enum(a.SecurityPolicy) {
		r.errorf("Invalid securityPolicy specified: %s", a.SecurityPolicy)
	}
	a.EndpointAccessMode = types.EndpointAccessMode(root.Get(ext("endpoint-access-mode")).String())
	if a.EndpointAccessMode != "" && !enum(a.EndpointAccessMode) {
		r.errorf("Invalid endpointAccessMode specified: %s", a.EndpointAccessMode)
	}
	r.endpoint()
	a.Tags = r.tags()
}

// endpoint reads what the root or the first server says of the endpoint.
func (r *restReader) endpoint() {
	n := r.endpointConfiguration()
	if !n.Is(Object) {
		return
	}
	r.out.API.DisableExecuteApiEndpoint = n.Get("disableExecuteApiEndpoint").True()
	e := &types.EndpointConfiguration{VpcEndpointIds: n.Get("vpcEndpointIds").Strings()}
	for _, t := range n.Get("types").Strings() {
		if !enum(types.EndpointType(t)) {
			r.errorf("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
		}
		e.Types = append(e.Types, types.EndpointType(t))
	}
	e.IpAddressType = types.IpAddressType(n.Get("ipAddressType").String())
	if e.IpAddressType != "" && !enum(e.IpAddressType) {
		r.errorf("ipAddressType must be either ipv4 or dualstack.")
	}
	r.out.API.EndpointConfiguration = e
}

func (r *restReader) validators() {
	all := r.Root.Get(ext("request-validators"))
	if !all.Is(Object) {
		return
	}
	for i, name := range all.Keys {
		r.out.RequestValidators = append(r.out.RequestValidators, types.RequestValidator{
			Name:                      aws.String(name),
			ValidateRequestBody:       all.Values[i].Get("validateRequestBody").True(),
			ValidateRequestParameters: all.Values[i].Get("validateRequestParameters").True(),
		})
	}
}

func (r *restReader) gatewayResponses() {
	all := r.Root.Get(ext("gateway-responses"))
	if !all.Is(Object) {
		return
	}
	for i, key := range all.Keys {
		t := types.GatewayResponseType(strings.ToUpper(key))
		if !enum(t) {
			r.errorf("Unable to put gateway response '%s': Invalid gateway response type specified", key)
			continue
		}
		n, place := all.Values[i], place{"gateway response '" + key + "'", r.reader}
		g := types.GatewayResponse{ResponseType: t}
		if status, ok := n.Get("statusCode").Scalar(); ok {
			g.StatusCode = aws.String(status)
		}
		g.ResponseParameters = place.texts(n, "responseParameters")
		g.ResponseTemplates = place.texts(n, "responseTemplates")
		r.out.GatewayResponses = append(r.out.GatewayResponses, g)
	}
}

// documentation reads documentation parts with their version.
func (r *restReader) documentation(n *Node) {
	r.out.DocumentationVersion, _ = n.Get("version").Scalar()
	r.out.DocumentationCreated, _ = n.Get("createdDate").Scalar()
	parts, problems := DocumentationParts(n)
	r.out.DocumentationParts = parts
	r.Errors = append(r.Errors, problems.Errors...)
	r.Warnings = append(r.Warnings, problems.Warnings...)
}

// Documentation is the documentation extension.
func (d *Document) Documentation() *Node { return d.Root.Get(ext("documentation")) }

// DocumentationParts are the parts in the documentation extension.
func DocumentationParts(n *Node) (parts []types.DocumentationPart, p Problems) {
	list := n.Get("documentationParts")
	if !list.Is(Array) {
		return nil, p
	}
	for _, part := range list.Values {
		where := part.Get("location")
		l := types.DocumentationPartLocation{
			Type: types.DocumentationPartType(strings.ToUpper(where.Get("type").String())),
			Path: optional(where.Get("path")), Method: optional(where.Get("method")),
			Name: optional(where.Get("name")), StatusCode: optional(where.Get("statusCode")),
		}
		if !enum(l.Type) {
			p.warnf("Ignoring documentation part in line %d: its location has no valid type", part.Line)
			continue
		}
		text := part.Get("properties")
		properties := optional(text)
		if text.Is(Object) {
			properties = aws.String(string(text.JSON()))
		}
		parts = append(parts, types.DocumentationPart{Location: &l, Properties: properties})
	}
	return parts, p
}
