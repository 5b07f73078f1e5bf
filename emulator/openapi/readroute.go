package openapi

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// routeKey is what requests an operation is for.
func (r *httpReader) routeKey(o Operation) string {
	isDefault := strings.Trim(o.Path, "/") == defaultRoute || o.Node.Get("isDefaultRoute").True()
	if o.Verb == "ANY" && isDefault {
		return defaultRoute
	}
	if r.basePath != "" && o.Path == "/" {
		return o.Verb + " " + r.basePath
	}
	return o.Verb + " " + r.basePath + o.Path
}

func (r *httpReader) route(o Operation) {
	key, need := r.routeKey(o), r.need(o.Node)
	route := types.Route{
		RouteKey:          &key,
		OperationName:     optional(o.Node.Get("operationId")),
		AuthorizationType: types.AuthorizationType(need.authorization),
	}
	r.checkNeed(need, key)
	if need.authorizer != "" {
		route.AuthorizerId = aws.String(need.authorizer)
	}
	if len(need.scopes) > 0 {
		route.AuthorizationScopes = need.scopes
	}
	if id, ok := r.target(o, key); ok {
		route.Target = aws.String(targetPrefix + id)
	}
	r.out.Routes = append(r.out.Routes, route)
}

// checkNeed reports what no route can ask of callers.
func (r *httpReader) checkNeed(need requirement, key string) {
	if len(need.schemes) > 1 { // an error (HTTP API guide, "Use OpenAPI definitions for HTTP APIs"); the words are ours
		r.errorf("Unable to create route '%s': Each operation can have only one of IAM authorization, a Lambda authorizer, or a JWT authorizer, but this one has %s",
			key, strings.Join(need.schemes, ", "))
	}
	if !enum(types.AuthorizationType(need.authorization)) {
		r.errorf("Unable to create route '%s': Invalid authorization type specified: %s", key, need.authorization)
	}
	if need.key {
		r.warnf("API keys are not supported for HTTP APIs, but route '%s' requires one. Ignoring.", key)
	}
}

// target is the id of the integration of an operation, one that it shares or has itself.
func (r *httpReader) target(o Operation, key string) (id string, ok bool) {
	n := o.Node.Get(ext("integration"))
	ref := n.Get("$ref").String()
	n, err := r.Resolve(n)
	if err != nil {
		r.warnf("Unable to create integration for resource at path '%s': %v. Ignoring.", key, err)
		return "", false
	}
	if !n.Is(Object) {
		if n != nil && n.Kind != Null {
			r.warnf("Unable to create integration for resource at path '%s': it is no object. Ignoring.", key)
		}
		return "", false
	}
	if name, shared := strings.CutPrefix(ref, sharedIntegrations); shared && !strings.Contains(name, "/") {
		return SharedPrefix + unescapePointer(name), true
	}
	where := "paths." + o.Path + "." + operationKey(o.Verb) + "." + ext("integration")
	r.out.Integrations = append(r.out.Integrations, r.integration(n, key, where))
	return key, true
}

// integrations reads the integrations that operations may share, also those that none does.
func (r *httpReader) integrations() {
	all := r.Root.Get("components").Get(ext("integrations"))
	if !all.Is(Object) {
		return
	}
	for i, name := range all.Keys {
		n, err := r.Resolve(all.Values[i])
		if err != nil || !n.Is(Object) {
			r.warnf("Unable to create integration '%s': it is no integration. Ignoring.", name)
			continue
		}
		r.out.Integrations = append(r.out.Integrations, r.integration(n, SharedPrefix+name, "components."+ext("integrations")+"."+name))
	}
}

// integrationKeys are the members of integrations of HTTP APIs.
var integrationKeys = []string{
	"type", "httpMethod", "uri", "credentials", "connectionType", "connectionId", "payloadFormatVersion", "integrationSubtype",
	"timeoutInMillis", "tlsConfig", "requestParameters", "responseParameters",
}

// integration reads an integration, whose values are checked where it is created. AWS's texts about types
// are those for REST APIs.
func (r *httpReader) integration(n *Node, id, where string) types.Integration {
	p := place{fmt.Sprintf("integration '%s'", strings.TrimPrefix(id, SharedPrefix)), r.reader}
	i := types.Integration{
		IntegrationId:        &id,
		IntegrationType:      types.IntegrationType(strings.ToUpper(n.Get("type").String())),
		IntegrationMethod:    upper(n.Get("httpMethod")),
		IntegrationUri:       p.text(n, "uri"),
		IntegrationSubtype:   p.text(n, "integrationSubtype"),
		CredentialsArn:       p.text(n, "credentials"),
		ConnectionType:       types.ConnectionType(strings.ToUpper(n.Get("connectionType").String())),
		ConnectionId:         p.text(n, "connectionId"),
		PayloadFormatVersion: version(n.Get("payloadFormatVersion")),
		TimeoutInMillis:      whole(n.Get("timeoutInMillis"), 1), // which is out of range
		RequestParameters:    p.texts(n, "requestParameters"),
	}
	tls := n.Get("tlsConfig")
	if name := optional(tls.Get("serverNameToVerify")); name != nil {
		i.TlsConfig = &types.TlsConfig{ServerNameToVerify: name}
	}
	if all := p.object(n, "responseParameters"); all != nil {
		i.ResponseParameters = map[string]map[string]string{}
		for _, status := range all.Keys {
			i.ResponseParameters[status] = p.texts(all, status)
		}
	}
	r.ignoreOthers(where, n, integrationKeys)
	r.ignoreOthers(where+".tlsConfig", tls, []string{"serverNameToVerify"})
	return i
}
