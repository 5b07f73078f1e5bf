package openapi

import (
	"slices"
	"strings"
)

// A scheme is what a security scheme means to API Gateway.
type scheme int

const (
	unknownScheme scheme = iota
	keyScheme
	iamScheme
	customScheme
	cognitoScheme
	jwtScheme
)

// An authorizerReader reads the authorizer of a security scheme.
type authorizerReader func(name string, scheme, authorizer *Node) scheme

// security reads the security schemes, of which some are authorizers, and which of them count for
// methods that say nothing.
func (r *reader) security(read authorizerReader) {
	r.securitySchemes(read)
	r.global = r.requirement(r.Root.Get("security"))
}

func (r *reader) securitySchemes(read authorizerReader) {
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
		r.schemes[name] = r.securityScheme(name, n, read)
	}
}

func (r *reader) securityScheme(name string, n *Node, read authorizerReader) scheme {
	authorizer, err := r.Resolve(n.Get(ext("authorizer")))
	authType := n.Get(ext("authtype")).String()
	kind := n.Get("type").String()
	switch {
	case err != nil:
		r.errorf("Unable to create authorizer '%s': %v", name, err)
	case authorizer.Is(Object):
		return read(name, n, authorizer)
	case strings.EqualFold(authType, "awsSigv4") || name == "sigv4":
		return iamScheme
	case kind == "apiKey" && authType == "" && strings.EqualFold(n.Get("name").String(), "x-api-key"):
		return keyScheme
	default:
		r.warnf("Unsupported security definition type '%s' for '%s'. Ignoring.", kind, name)
	}
	return unknownScheme
}

// A requirement is what a list of security requirements asks of callers.
type requirement struct {
	authorization string // type
	authorizer    string // name
	scopes        []string
	key           bool
	schemes       []string // that ask for authorization
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
		out.authorize("AWS_IAM", name, "", nil)
	case kind == customScheme:
		out.authorize("CUSTOM", name, name, nil)
	case kind == cognitoScheme:
		out.authorize("COGNITO_USER_POOLS", name, name, scopes)
	case kind == jwtScheme:
		out.authorize("JWT", name, name, scopes)
	}
}

// authorize makes a scheme the one that counts.
func (q *requirement) authorize(authorization, scheme, authorizer string, scopes []string) {
	q.authorization, q.authorizer, q.scopes = authorization, authorizer, slices.Clone(scopes)
	if !slices.Contains(q.schemes, scheme) {
		q.schemes = append(q.schemes, scheme)
	}
}

// need is what an operation asks of callers.
func (r *reader) need(operation *Node) requirement {
	need := r.global
	if own := operation.Get("security"); own != nil {
		need = r.requirement(own)
	}
	if t := operation.Get(ext("auth")).Get("type").String(); t != "" {
		need.authorization, need.authorizer, need.scopes, need.schemes = strings.ToUpper(t), "", nil, nil
	}
	return need
}
