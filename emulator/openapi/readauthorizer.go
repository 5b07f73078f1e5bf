package openapi

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// authorizer reads an authorizer; that no method uses it does not matter (recorded).
func (r *restReader) authorizer(name string, scheme, n *Node) scheme {
	a := types.Authorizer{
		Name:                         aws.String(name),
		Type:                         types.AuthorizerType(strings.ToUpper(n.Get("type").String())),
		AuthType:                     optional(scheme.Get(ext("authtype"))),
		AuthorizerUri:                optional(n.Get("authorizerUri")),
		AuthorizerCredentials:        optional(n.Get("authorizerCredentials")),
		IdentitySource:               optional(n.Get("identitySource")),
		IdentityValidationExpression: optional(n.Get("identityValidationExpression")),
		AuthorizerResultTtlInSeconds: whole(n.Get("authorizerResultTtlInSeconds"), -1), // which none may have
		ProviderARNs:                 n.Get("providerARNs").Strings(),
	}
	if a.Type == "" && a.ProviderARNs != nil {
		a.Type = types.AuthorizerTypeCognitoUserPools
	}
	if !enum(a.Type) {
		r.errorf("Unable to create authorizer '%s': Invalid authorizer type specified: %s", name, a.Type)
		return unknownScheme
	}
	header := scheme.Get("name").String()
	if a.IdentitySource == nil && a.Type != types.AuthorizerTypeRequest && header != "" {
		a.IdentitySource = aws.String("method.request.header." + header)
	}
	r.out.Authorizers = append(r.out.Authorizers, a)
	if a.Type == types.AuthorizerTypeCognitoUserPools {
		return cognitoScheme
	}
	return customScheme
}

// authorize sets what a method asks of its callers.
func (r *restReader) authorize(m *types.Method, operation *Node) {
	need := r.need(operation)
	m.AuthorizationType = aws.String(need.authorization)
	m.ApiKeyRequired = aws.Bool(need.key)
	if need.authorizer != "" {
		m.AuthorizerId = aws.String(need.authorizer)
	}
	if len(need.scopes) > 0 {
		m.AuthorizationScopes = slices.Clone(need.scopes)
	}
}
