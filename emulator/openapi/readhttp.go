package openapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// A httpReader makes a HTTP of a document.
type httpReader struct {
	*reader
	out HTTP
}

// HTTP reads the HTTP API that an OpenAPI 3.0 document describes, with everything that is wrong with it.
// Base path is ignore (or nothing), prepend or split.
func (d *Document) HTTP(basePath string) (HTTP, Problems) {
	r := &httpReader{reader: d.reader(basePath)}
	r.parseIssues()
	r.ignored()
	r.api()
	r.security(r.authorizer)
	r.integrations()
	for _, p := range d.Paths(r.errorf) {
		if r.spent > maxExpanded {
			r.errorf("Unable to read path '%s': %v", p.Path, errSpent)
			break
		}
		for _, o := range p.Operations {
			r.route(o)
		}
	}
	return r.out, r.Problems
}

func (r *httpReader) api() {
	info, a := r.Root.Get("info"), &r.out.API
	a.Name = optional(info.Get("title"))
	a.Version = optional(info.Get("version"))
	a.Description = optional(info.Get("description"))
	a.CorsConfiguration = r.cors()
	a.Tags = r.tags()
	if v, ok := r.Root.Get(ext("importexport-version")).Scalar(); ok && number(v) != number(importExportVersion) {
		r.errorf("Unsupported %s: %s. The only supported version is %s", ext("importexport-version"), v, importExportVersion)
	}
	n := r.endpointConfiguration()
	if disable := n.Get("disableExecuteApiEndpoint"); disable != nil {
		a.DisableExecuteApiEndpoint = aws.Bool(disable.True())
	}
	a.IpAddressType = types.IpAddressType(n.Get("ipAddressType").String())
	if a.IpAddressType != "" && !enum(a.IpAddressType) {
		r.errorf("ipAddressType must be either ipv4 or dualstack.")
	}
}

// number is a number as Java writes a double that is whole, without the zeros: AWS was seen to take the
// payloadFormatVersion 1.0 for "1" (recorded, 2020-10).
func number(text string) string {
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return text
}

// version is a version, which should be in quotes.
func version(n *Node) *string {
	v := optional(n)
	if n.Is(Number) {
		*v = number(*v)
	}
	return v
}

// cors is the CORS configuration, nil where nothing is said of it.
func (r *httpReader) cors() *types.Cors {
	n := r.Root.Get(ext("cors"))
	if n == nil || n.Kind == Null {
		return nil
	}
	wellFormed := n.Is(Object)
	list := func(member string) []string {
		v := n.Get(member)
		wellFormed = wellFormed && (v == nil || v.Is(Array))
		return v.Strings()
	}
	c := &types.Cors{
		AllowOrigins: list("allowOrigins"), AllowMethods: list("allowMethods"),
		AllowHeaders: list("allowHeaders"), ExposeHeaders: list("exposeHeaders"),
	}
	if credentials := n.Get("allowCredentials"); credentials != nil {
		c.AllowCredentials = aws.Bool(credentials.True())
	}
	if age := n.Get("maxAge"); age != nil {
		seconds, whole := age.Int()
		wellFormed = wellFormed && whole
		c.MaxAge = aws.Int32(int32(max(-1<<31, min(seconds, 1<<31-1))))
	}
	if !wellFormed {
		r.warnf(MalformedCORS)
		return nil
	}
	r.ignoreOthers(ext("cors"), n, corsKeys)
	if !slices.ContainsFunc(n.Keys, func(key string) bool { return slices.Contains(corsKeys, key) }) {
		return nil
	}
	return c
}

var corsKeys = []string{"allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "allowCredentials", "maxAge"}

var authorizerKeys = []string{
	"type", "authorizerUri", "authorizerCredentials", "authorizerPayloadFormatVersion", "authorizerResultTtlInSeconds", "identitySource",
	"identityValidationExpression", "enableSimpleResponses", "jwtConfiguration",
}

// authorizer reads an authorizer. One of a type that there is not is left out, and so are the routes
// that ask for it.
func (r *httpReader) authorizer(name string, scheme, n *Node) scheme {
	a := types.Authorizer{
		AuthorizerId:                   aws.String(name),
		Name:                           aws.String(name),
		AuthorizerType:                 types.AuthorizerType(strings.ToUpper(n.Get("type").String())),
		AuthorizerUri:                  optional(n.Get("authorizerUri")),
		AuthorizerCredentialsArn:       optional(n.Get("authorizerCredentials")),
		AuthorizerPayloadFormatVersion: version(n.Get("authorizerPayloadFormatVersion")),
		AuthorizerResultTtlInSeconds:   whole(n.Get("authorizerResultTtlInSeconds"), -1), // which none may have
		IdentitySource:                 sources(n.Get("identitySource")),
		IdentityValidationExpression:   optional(n.Get("identityValidationExpression")),
	}
	r.ignoreOthers("components.securitySchemes."+name+"."+ext("authorizer"), n, authorizerKeys)
	if simple := n.Get("enableSimpleResponses"); simple != nil {
		a.EnableSimpleResponses = aws.Bool(simple.True())
	}
	switch {
	case !enum(a.AuthorizerType):
		r.warnf("Unable to create Authorizer '%s': Invalid authorizer type specified: %s. Ignoring.", name, a.AuthorizerType)
		return customScheme
	case a.AuthorizerType == types.AuthorizerTypeJwt:
		a.JwtConfiguration = jwtConfiguration(scheme, n.Get("jwtConfiguration"))
		if a.IdentitySource == nil {
			a.IdentitySource = []string{jwtHeader}
		}
		r.out.Authorizers = append(r.out.Authorizers, a)
		return jwtScheme
	}
	r.out.Authorizers = append(r.out.Authorizers, a)
	return customScheme
}

// sources are the expressions of an identity source, which commas separate.
func sources(n *Node) (out []string) {
	texts := n.Strings()
	if text := n.String(); text != "" {
		texts = strings.Split(text, ",")
	}
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// jwtConfiguration reads what tokens have to have. The issuer may be the one of the OpenID Connect URL
// (REST API guide, "x-amazon-apigateway-authorizer object"), and AWS SAM spells members in both ways.
func jwtConfiguration(scheme, n *Node) *types.JWTConfiguration {
	out := &types.JWTConfiguration{Issuer: optional(n.Get("issuer")), Audience: n.Get("audience").Strings()}
	if issuer := optional(n.Get("Issuer")); issuer != nil {
		out.Issuer = issuer
	}
	if audience := n.Get("Audience"); audience.Is(Array) {
		out.Audience = audience.Strings()
	}
	if issuer, ok := strings.CutSuffix(scheme.Get("openIdConnectUrl").String(), discovery); ok && out.Issuer == nil {
		out.Issuer = aws.String(issuer)
	}
	return out
}
