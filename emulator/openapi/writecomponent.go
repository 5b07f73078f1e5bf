package openapi

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// components are the security schemes and the integrations that several routes share or none has.
func (w *httpWriter) components() *Node {
	schemes, shared := NewObject(), NewObject()
	for _, a := range w.Authorizers {
		schemes.add(*a.Name, w.securityScheme(a))
	}
	if slices.ContainsFunc(w.Routes, func(r types.Route) bool { return r.AuthorizationType == types.AuthorizationTypeAwsIam }) {
		schemes.Set(w.signed, sigv4(w.Extensions))
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
