package openapi

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// An Export says how a REST API is written.
type Export struct {
	Swagger bool   // 2.0, else OpenAPI 3.0
	Host    string // of the deployed API
	Stage   string
	Region  string

	Integrations  bool // what methods call
	Authorizers   bool // what authorizers are
	APIGateway    bool // all extensions but documentation
	Documentation bool
	Postman       bool // what Postman needs to sign calls
}

// A writer makes a document of a REST API.
type writer struct {
	Export
	REST
	schemas map[string]*Node // of models, by name
}

// Write is the document of a REST API, in AWS's order.
func (r REST) Write(e Export) *Node {
	w := &writer{Export: e, REST: r, schemas: map[string]*Node{}}
	for _, m := range r.Models {
		if schema, err := parseJSON([]byte(aws.ToString(m.Schema))); err == nil {
			w.schemas[*m.Name] = schema
		}
	}
	root := NewObject()
	if w.Swagger {
		root.Set("swagger", "2.0").Set("info", w.info()).Set("host", w.Host).Set("basePath", "/"+w.Stage)
		root.Set("schemes", []string{"https"}).Set("paths", w.paths())
		root.Set("securityDefinitions", filled(w.securitySchemes())).Set("definitions", filled(w.definitions()))
	} else {
		components := NewObject().Set("schemas", filled(w.definitions())).Set("securitySchemes", filled(w.securitySchemes()))
		root.Set("openapi", "3.0.1").Set("info", w.info()).Set("servers", []*Node{w.server()})
		root.Set("paths", w.paths()).Set("components", components)
	}
	w.extensions(root)
	return root
}

// filled is nil for an object without keys, which is left out.
func filled(n *Node) *Node {
	if len(n.Values) == 0 {
		return nil
	}
	return n
}

func (w *writer) info() *Node {
	a := w.API
	if w.Swagger {
		return NewObject().Set("description", a.Description).Set("version", a.Version).Set("title", a.Name)
	}
	return NewObject().Set("title", a.Name).Set("description", a.Description).Set("version", a.Version)
}

func (w *writer) server() *Node {
	s := server(w.Host, w.Stage)
	if w.APIGateway {
		s.Set(ext("endpoint-configuration"), w.endpointConfiguration())
	}
	return s
}

// server is where a stage is called.
func server(host, stage string) *Node {
	basePath := NewObject()
	basePath.add("default", text(stage))
	return NewObject().Set("url", "https://"+host+"/{basePath}").Set("variables", NewObject().Set("basePath", basePath))
}

// endpointConfiguration is what is not as it is by default, nil where all is.
func (w *writer) endpointConfiguration() *Node {
	n := NewObject()
	if w.API.DisableExecuteApiEndpoint {
		n.Set("disableExecuteApiEndpoint", true)
	}
	e := w.API.EndpointConfiguration
	if e == nil {
		return filled(n)
	}
	private := slices.Contains(e.Types, types.EndpointTypePrivate)
	if len(e.Types) > 0 && e.Types[0] != types.EndpointTypeEdge {
		n.Set("types", []string{string(e.Types[0])})
	}
	if len(e.VpcEndpointIds) > 0 {
		n.Set("vpcEndpointIds", e.VpcEndpointIds)
	}
	if !private && e.IpAddressType == types.IpAddressTypeDualstack {
		n.Set("ipAddressType", string(e.IpAddressType))
	}
	return filled(n)
}

func (w *writer) definitions() *Node {
	out := NewObject()
	for _, m := range w.Models {
		if schema := w.schemas[*m.Name]; schema != nil {
			out.add(*m.Name, w.local(schema))
		}
	}
	return out
}

func (w *writer) ref(model string) *Node {
	path := "#/components/schemas/"
	if w.Swagger {
		path = "#/definitions/"
	}
	return NewObject().Set("$ref", path+model)
}

// local is a schema whose references name definitions of the document.
func (w *writer) local(n *Node) *Node {
	out := &Node{Kind: n.Kind, Text: n.Text, Keys: n.Keys, Values: make([]*Node, len(n.Values))}
	for i, v := range n.Values {
		out.Values[i] = w.local(v)
		if n.Kind == Object && n.Keys[i] == "$ref" {
			if name, ok := modelOf(v.String()); ok && !strings.HasPrefix(v.String(), "#") {
				out.Values[i] = w.ref(name).Values[0]
			}
		}
	}
	return out
}

// extensions writes what concerns the whole API.
func (w *writer) extensions(root *Node) {
	a := w.API
	if w.APIGateway {
		if w.Swagger {
			root.Set(ext("endpoint-configuration"), w.endpointConfiguration())
		}
		if a.ApiKeySource != types.ApiKeySourceTypeHeader {
			root.Set(ext("api-key-source"), string(a.ApiKeySource))
		}
		root.Set(ext("security-policy"), string(a.SecurityPolicy)).Set(ext("endpoint-access-mode"), string(a.EndpointAccessMode))
		root.Set(ext("gateway-responses"), filled(w.gatewayResponses()))
		root.Set(ext("request-validators"), filled(w.validators()))
		if policy, err := parseJSON([]byte(aws.ToString(a.Policy))); err == nil {
			root.Set(ext("policy"), policy)
		}
		if a.MinimumCompressionSize != nil {
			root.Set(ext("minimum-compression-size"), *a.MinimumCompressionSize)
		}
		root.Set("tags", tagList(a.Tags))
	}
	if (w.APIGateway || w.Integrations) && len(a.BinaryMediaTypes) > 0 {
		root.Set(ext("binary-media-types"), a.BinaryMediaTypes)
	}
	if w.Documentation {
		root.Set(ext("documentation"), w.documentation())
	}
}

// tagList is the tags of an API, nil where it has none.
func tagList(tags map[string]string) any {
	var list []*Node
	for _, name := range sorted(tags) {
		list = append(list, NewObject().Set("name", name).Set(ext("tag-value"), text(tags[name])))
	}
	if list == nil {
		return nil
	}
	return list
}

func (w *writer) gatewayResponses() *Node {
	out := NewObject()
	for _, r := range w.GatewayResponses {
		n := NewObject()
		if r.StatusCode != nil {
			n.Set("statusCode", &Node{Kind: Number, Text: *r.StatusCode})
		}
		n.Set("responseParameters", textMap(r.ResponseParameters)).Set("responseTemplates", textMap(r.ResponseTemplates))
		out.Set(string(r.ResponseType), n)
	}
	return out
}

func (w *writer) validators() *Node {
	out := NewObject()
	for _, v := range w.RequestValidators {
		out.Set(aws.ToString(v.Name), NewObject().
			Set("validateRequestParameters", v.ValidateRequestParameters).Set("validateRequestBody", v.ValidateRequestBody))
	}
	return out
}

// textMap is a map of texts, nil where there is none.
func textMap(m map[string]string) *Node {
	if m == nil {
		return nil
	}
	out := NewObject()
	for _, key := range sorted(m) {
		out.Set(key, text(m[key]))
	}
	return out
}

func (w *writer) documentation() *Node {
	if w.DocumentationVersion == "" && len(w.DocumentationParts) == 0 {
		return nil
	}
	out := NewObject().Set("version", w.DocumentationVersion).Set("createdDate", w.DocumentationCreated)
	parts := []*Node{}
	for _, p := range w.DocumentationParts {
		l := NewObject().Set("type", string(p.Location.Type)).Set("path", p.Location.Path).Set("method", p.Location.Method)
		l.Set("statusCode", p.Location.StatusCode).Set("name", p.Location.Name)
		part := NewObject().Set("location", l)
		if properties, err := parseJSON([]byte(aws.ToString(p.Properties))); err == nil {
			part.Set("properties", properties)
		}
		parts = append(parts, part)
	}
	return out.Set("documentationParts", parts)
}

const tokenHeader = "method.request.header."

// securitySchemes are those that the methods ask for and, with extensions, all authorizers.
func (w *writer) securitySchemes() *Node {
	out := NewObject()
	uses := w.used()
	for _, a := range w.REST.Authorizers {
		if uses[*a.Name] || w.full() {
			out.Set(*a.Name, w.authorizer(a))
		}
	}
	if uses["api_key"] {
		out.Set("api_key", apiKey("x-api-key"))
	}
	if uses["sigv4"] {
		out.Set("sigv4", sigv4(w.full() || w.Integrations))
	}
	return out
}

// full says whether authorizers are written in full.
func (w *writer) full() bool { return w.Export.Authorizers || w.APIGateway }

// sigv4 is the security scheme of signed requests.
func sigv4(extensions bool) *Node {
	n := apiKey("Authorization")
	if extensions {
		n.Set(ext("authtype"), "awsSigv4")
	}
	return n
}

func apiKey(header string) *Node {
	return NewObject().Set("type", "apiKey").Set("name", header).Set("in", "header")
}

// used is the names of all security schemes that methods ask for.
func (w *writer) used() map[string]bool {
	out := map[string]bool{}
	for _, r := range w.Resources {
		for _, m := range r.Methods {
			for _, s := range security(m) {
				out[s.Keys[0]] = true
			}
		}
	}
	return out
}

func (w *writer) authorizer(a types.Authorizer) *Node {
	source := aws.ToString(a.IdentitySource)
	header, ok := strings.CutPrefix(source, tokenHeader)
	if !ok || a.Type == types.AuthorizerTypeRequest {
		header = "Unused" // as AWS calls it
	}
	out := apiKey(header)
	if !w.full() {
		return out
	}
	n := NewObject()
	if a.Type == types.AuthorizerTypeRequest {
		n.Set("identitySource", source)
	}
	if a.ProviderARNs != nil {
		n.Set("providerARNs", a.ProviderARNs)
	}
	n.Set("authorizerUri", a.AuthorizerUri).Set("authorizerCredentials", a.AuthorizerCredentials)
	if a.AuthorizerResultTtlInSeconds != nil {
		n.Set("authorizerResultTtlInSeconds", *a.AuthorizerResultTtlInSeconds)
	}
	n.Set("identityValidationExpression", a.IdentityValidationExpression).Set("type", strings.ToLower(string(a.Type)))
	return out.Set(ext("authtype"), a.AuthType).Set(ext("authorizer"), n)
}

// security is what a method asks of its callers, an object of one scheme each.
func security(m types.Method) (out []*Node) {
	add := func(name string, scopes []string) {
		out = append(out, NewObject().Set(name, append([]string{}, scopes...)))
	}
	if name := aws.ToString(m.AuthorizerId); name != "" {
		add(name, m.AuthorizationScopes)
	}
	if aws.ToString(m.AuthorizationType) == "AWS_IAM" {
		add("sigv4", nil)
	}
	if aws.ToBool(m.ApiKeyRequired) {
		add("api_key", nil)
	}
	return out
}
