package openapi

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// A scheme is what a security scheme means to API Gateway.
type scheme int

const (
	unknownScheme scheme = iota
	keyScheme
	iamScheme
	customScheme
	cognitoScheme
)

// securitySchemes reads the security schemes, of which some are authorizers.
func (r *reader) securitySchemes() {
	all := r.SecuritySchemes()
	if !all.Is(Object) {
		return
	}
	for i, name := range all.Keys {
		n, err := r.Resolve(all.Values[i])
		if err != nil {
			r.errorf("Unable to read security definition '%s': %v", name, err)
			continue
		}
		r.schemes[name] = r.securityScheme(name, n)
	}
}

func (r *reader) securityScheme(name string, n *Node) scheme {
	authorizer, err := r.Resolve(n.Get(ext("authorizer")))
	authType := n.Get(ext("authtype")).String()
	kind := n.Get("type").String()
	switch {
	case err != nil:
		r.errorf("Unable to create authorizer '%s': %v", name, err)
	case authorizer.Is(Object):
		return r.authorizer(name, n, authorizer)
	case strings.EqualFold(authType, "awsSigv4") || name == "sigv4":
		return iamScheme
	case kind == "apiKey" && authType == "" && strings.EqualFold(n.Get("name").String(), "x-api-key"):
		return keyScheme
	default:
		r.warnf("Unsupported security definition type '%s' for '%s'. Ignoring.", kind, name)
	}
	return unknownScheme
}

// authorizer reads an authorizer; that no method uses it does not matter (recorded).
func (r *reader) authorizer(name string, scheme, n *Node) scheme {
	a := types.Authorizer{
		Name:                         aws.String(name),
		Type:                         types.AuthorizerType(strings.ToUpper(n.Get("type").String())),
		AuthType:                     optional(scheme.Get(ext("authtype"))),
		AuthorizerUri:                optional(n.Get("authorizerUri")),
		AuthorizerCredentials:        optional(n.Get("authorizerCredentials")),
		IdentitySource:               optional(n.Get("identitySource")),
		IdentityValidationExpression: optional(n.Get("identityValidationExpression")),
		ProviderARNs:                 n.Get("providerARNs").Strings(),
	}
	if a.Type == "" && a.ProviderARNs != nil {
		a.Type = types.AuthorizerTypeCognitoUserPools
	}
	if !enum(a.Type) {
		r.errorf("Unable to create authorizer '%s': Invalid authorizer type specified: %s", name, a.Type)
		return unknownScheme
	}
	if n.Get("authorizerResultTtlInSeconds") != nil {
		ttl, ok := n.Get("authorizerResultTtlInSeconds").Int()
		if !ok || ttl < 0 || ttl > 1<<30 {
			ttl = -1 // which no authorizer may have
		}
		a.AuthorizerResultTtlInSeconds = aws.Int32(int32(ttl))
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

// A requirement is what a list of security requirements asks of callers.
type requirement struct {
	authorization string // type
	authorizer    string // name
	scopes        []string
	key           bool
}

// requirement reads a list. Its entries count together, whether they are alternatives or not: a
// method has one authorization type.
func (r *reader) requirement(list *Node) requirement {
	out := requirement{authorization: "NONE"}
	if !list.Is(Array) {
		return out
	}
	for _, entry := range list.Values {
		if !entry.Is(Object) {
			continue
		}
		for i, name := range entry.Keys {
			r.require(&out, name, entry.Values[i].Strings())
		}
	}
	return out
}

func (r *reader) require(out *requirement, name string, scopes []string) {
	kind, known := r.schemes[name]
	if !known && name == "sigv4" {
		kind, known = iamScheme, true
	}
	switch {
	case !known:
		r.warnf("Invalid security definition '%s' is not defined. Ignoring.", name)
	case kind == keyScheme:
		out.key = true
	case kind == iamScheme:
		out.authorization, out.authorizer, out.scopes = "AWS_IAM", "", nil
	case kind == customScheme:
		out.authorization, out.authorizer, out.scopes = "CUSTOM", name, nil
	case kind == cognitoScheme:
		out.authorization, out.authorizer, out.scopes = "COGNITO_USER_POOLS", name, slices.Clone(scopes)
	}
}

// authorize sets what a method asks of its callers.
func (r *reader) authorize(m *types.Method, operation *Node) {
	need := r.global
	if own := operation.Get("security"); own != nil {
		need = r.requirement(own)
	}
	if t := operation.Get(ext("auth")).Get("type").String(); t != "" {
		need.authorization, need.authorizer, need.scopes = strings.ToUpper(t), "", nil
	}
	m.AuthorizationType = aws.String(need.authorization)
	m.ApiKeyRequired = aws.Bool(need.key)
	if need.authorizer != "" {
		m.AuthorizerId = aws.String(need.authorizer)
	}
	if len(need.scopes) > 0 {
		m.AuthorizationScopes = slices.Clone(need.scopes)
	}
}
