package openapi

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// An HTTPExport says how an HTTP API is written.
type HTTPExport struct {
	Host       string // where it is called
	Stage      string // "" for the latest configuration and for the stage that needs no name
	Extensions bool
}

// A httpWriter makes a document of an HTTP API.
type httpWriter struct {
	HTTPExport
	HTTP
	integrations map[string]types.Integration // by id
	authorizers  map[string]types.Authorizer  // by id
	uses         map[string]int               // how many routes have an integration as their target
}

// Write is the document of an HTTP API, in AWS's order (exports that AWS made, 2022 to 2026).
func (h HTTP) Write(e HTTPExport) *Node {
	w := &httpWriter{HTTPExport: e, HTTP: h, integrations: map[string]types.Integration{}, authorizers: map[string]types.Authorizer{}, uses: map[string]int{}}
	for _, i := range h.Integrations {
		w.integrations[*i.IntegrationId] = i
	}
	for _, a := range h.Authorizers {
		w.authorizers[*a.AuthorizerId] = a
	}
	for _, r := range h.Routes {
		w.uses[target(r)]++
	}
	root := NewObject().Set("openapi", "3.0.1").Set("info", w.info()).Set("servers", []*Node{w.server()})
	if w.Extensions {
		root.Set("tags", tagList(w.API.Tags))
	}
	root.Set("paths", w.paths()).Set("components", filled(w.components()))
	if w.Extensions {
		root.Set(ext("cors"), writeCORS(w.API.CorsConfiguration)).Set(ext("importexport-version"), importExportVersion)
	}
	return root
}

// target is the id of the integration of a route.
func target(r types.Route) string { return strings.TrimPrefix(aws.ToString(r.Target), targetPrefix) }

// info is what the API is called; one without a version has the time at which it was made, as AWS writes it.
func (w *httpWriter) info() *Node {
	version := aws.ToString(w.API.Version)
	if version == "" && w.API.CreatedDate != nil {
		version = w.API.CreatedDate.UTC().Format("2006-01-02 15:04:05UTC")
	}
	return NewObject().Set("title", w.API.Name).Set("description", w.API.Description).Set("version", version)
}

func (w *httpWriter) server() *Node {
	s, endpoint := server(w.Host, w.Stage), NewObject()
	if aws.ToBool(w.API.DisableExecuteApiEndpoint) {
		endpoint.Set("disableExecuteApiEndpoint", true)
	}
	if w.API.IpAddressType == types.IpAddressTypeDualstack {
		endpoint.Set("ipAddressType", string(w.API.IpAddressType))
	}
	if w.Extensions {
		s.Set(ext("endpoint-configuration"), filled(endpoint))
	}
	return s
}

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
		return NewObject().Set("sigv4", []string{})
	}
	a, ok := w.authorizers[aws.ToString(r.AuthorizerId)]
	if !ok {
		return nil
	}
	out := NewObject()
	out.add(*a.Name, New(append([]string{}, r.AuthorizationScopes...)))
	return out
}

// components are the security schemes and the integrations that several routes share or none has.
func (w *httpWriter) components() *Node {
	schemes, shared := NewObject(), NewObject()
	for _, a := range w.Authorizers {
		schemes.add(*a.Name, w.securityScheme(a))
	}
	if slices.ContainsFunc(w.Routes, func(r types.Route) bool { return r.AuthorizationType == types.AuthorizationTypeAwsIam }) {
		schemes.Set("sigv4", sigv4(w.Extensions))
	}
	for _, i := range w.HTTP.Integrations {
		switch uses := w.uses[*i.IntegrationId]; {
		case uses == 0:
			shared.add("unusedIntegration_"+*i.IntegrationId, httpIntegration(i))
		case uses > 1:
			shared.add(*i.IntegrationId, httpIntegration(i))
		}
	}
	out := NewObject().Set("securitySchemes", filled(schemes))
	if w.Extensions {
		out.Set(ext("integrations"), filled(shared))
	}
	return out
}

func (w *httpWriter) securityScheme(a types.Authorizer) *Node {
	sources := strings.Join(a.IdentitySource, ",")
	n := NewObject().Set("identitySource", sources)
	out := NewObject().Set("type", "oauth2").Set("flows", NewObject())
	if a.AuthorizerType == types.AuthorizerTypeJwt {
		if c := a.JwtConfiguration; c != nil {
			n.Set("jwtConfiguration", NewObject().Set("audience", append([]string{}, c.Audience...)).Set("issuer", c.Issuer))
		}
	} else {
		header, ok := strings.CutPrefix(sources, "$request.header.")
		if !ok || len(a.IdentitySource) > 1 {
			header = "Unused" // as AWS calls it
		}
		out = apiKey(header)
		n.Set("authorizerUri", a.AuthorizerUri).Set("authorizerCredentials", a.AuthorizerCredentialsArn)
		n.Set("authorizerPayloadFormatVersion", a.AuthorizerPayloadFormatVersion).Set("authorizerResultTtlInSeconds", a.AuthorizerResultTtlInSeconds)
		n.Set("identityValidationExpression", a.IdentityValidationExpression)
	}
	n.Set("type", strings.ToLower(string(a.AuthorizerType))).Set("enableSimpleResponses", a.EnableSimpleResponses)
	if w.Extensions {
		out.Set(ext("authorizer"), n)
	}
	return out
}

const defaultHTTPTimeout = 30000

// httpIntegration is the extension with what is not as it is by default.
func httpIntegration(i types.Integration) *Node {
	out := NewObject()
	if len(i.ResponseParameters) > 0 {
		byStatus := NewObject()
		for _, status := range sorted(i.ResponseParameters) {
			byStatus.Set(status, textMap(i.ResponseParameters[status]))
		}
		out.Set("responseParameters", byStatus)
	}
	out.Set("integrationSubtype", i.IntegrationSubtype).Set("credentials", i.CredentialsArn)
	out.Set("requestParameters", filledMap(i.RequestParameters)).Set("payloadFormatVersion", i.PayloadFormatVersion)
	out.Set("connectionId", i.ConnectionId).Set("type", strings.ToLower(string(i.IntegrationType)))
	out.Set("httpMethod", i.IntegrationMethod).Set("uri", i.IntegrationUri).Set("connectionType", string(i.ConnectionType))
	if i.TimeoutInMillis != nil && *i.TimeoutInMillis != defaultHTTPTimeout {
		out.Set("timeoutInMillis", *i.TimeoutInMillis)
	}
	if i.TlsConfig != nil {
		out.Set("tlsConfig", NewObject().Set("serverNameToVerify", i.TlsConfig.ServerNameToVerify))
	}
	return out
}

// writeCORS is a CORS configuration, nil where there is none.
func writeCORS(c *types.Cors) *Node {
	if c == nil {
		return nil
	}
	out := NewObject()
	list := func(key string, values []string) {
		if values != nil {
			out.Set(key, values)
		}
	}
	list("allowMethods", c.AllowMethods)
	list("allowHeaders", c.AllowHeaders)
	list("exposeHeaders", c.ExposeHeaders)
	out.Set("maxAge", c.MaxAge).Set("allowCredentials", c.AllowCredentials)
	list("allowOrigins", c.AllowOrigins)
	return out
}
