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
	signed       string                       // the security scheme of routes whose requests are signed
}

func newHTTPWriter(h HTTP, e HTTPExport) *httpWriter {
	w := &httpWriter{
		HTTPExport: e, HTTP: h, integrations: map[string]types.Integration{}, authorizers: map[string]types.Authorizer{},
		uses: map[string]int{}, signed: "sigv4",
	}
	for _, i := range h.Integrations {
		w.integrations[*i.IntegrationId] = i
	}
	for _, a := range h.Authorizers {
		w.authorizers[*a.AuthorizerId] = a
	}
	for slices.ContainsFunc(h.Authorizers, func(a types.Authorizer) bool { return *a.Name == w.signed }) {
		w.signed += "_"
	}
	for _, r := range h.Routes {
		w.uses[target(r)]++
	}
	return w
}

// Write is the document of an HTTP API, in AWS's order (exports that AWS made, 2022 to 2026).
func (h HTTP) Write(e HTTPExport) *Node {
	w := newHTTPWriter(h, e)
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
