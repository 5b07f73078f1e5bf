package apigw

import "time"

// An Identity is what API Gateway found out about who calls: $context.identity. A member
// that is "" is not known, and null in events.
type Identity struct {
	// Of a signed request.
	AccountID, AccessKey, Caller, User, UserARN, PrincipalOrgID string

	// Of credentials that an identity pool gave out.
	CognitoIdentityID, CognitoIdentityPoolID, CognitoAuthenticationType, CognitoAuthenticationProvider string

	APIKey, APIKeyID string // of a method that requires a key

	VPCID, VPCEndpointID string // of a call through a VPC endpoint

	// Decide is what the own policies of who signed say of another action on the method; nil for
	// who did not sign.
	Decide func(action string) (allowed, denied bool)

	ClientCert *ClientCert // of a custom domain with mutual TLS; nil for none
}

// A ClientCert is the certificate that a client of a custom domain showed:
// $context.identity.clientCert.
type ClientCert struct {
	PEM, SubjectDN, IssuerDN, SerialNumber string
	NotBefore, NotAfter                    string // "May 28 12:30:02 2019 GMT"
}

// An Authorization is what an authorizer said about who calls: $context.authorizer. It may
// be shared by many exchanges and is never changed.
//
// Events of HTTP APIs show it so, in format 2.0:
//
//	HasClaims           authorizer.jwt     {"claims":{…Claims},"scopes":[…Scopes]}, scopes null where Scopes is nil
//	else                authorizer.lambda  ContextJSON, null where that is nil
//
// and in format 1.0 claims and scopes, or the fields of Context and principalId, as members of authorizer
// itself. Who signed is no Authorization: authorizer.iam is there where Identity.AccessKey is.
type Authorization struct {
	PrincipalID string
	Context     []Field // of a Lambda authorizer, values as text
	// ContextJSON is Context as the function wrote it, an object with values of any type: of HTTP APIs
	// only. Nil for none.
	ContextJSON []byte
	Claims      []Field // of a token, values as text
	// HasClaims tells a token's authorizer, whose events have claims and no principalId.
	HasClaims bool
	// Scopes are all that the token has, in its order: of HTTP APIs, where the route asks for any. Nil
	// where it asks for none.
	Scopes             []string
	UsageIdentifierKey string // the API key, where the API's apiKeySource is AUTHORIZER
}

// Get returns a member of $context.authorizer: "principalId", "claims.sub", or a key of
// the authorizer's context.
func (a *Authorization) Get(name string) (string, bool) {
	if a == nil {
		return "", false
	}
	if a.HasClaims {
		if len(name) > len("claims.") && name[:len("claims.")] == "claims." {
			return lookup(a.Claims, name[len("claims."):])
		}
		return "", false
	}
	if name == "principalId" {
		return a.PrincipalID, a.PrincipalID != ""
	}
	return lookup(a.Context, name)
}

func lookup(fields []Field, name string) (string, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// A Call is how something went that API Gateway asked of another: of a backend, of an
// authorizer. Logs show it.
type Call struct {
	Made      bool
	Status    int           // that the other answered; 0 for no answer
	Latency   time.Duration // from asking to the whole answer
	RequestID string        // of the other
	Error     string        // "" if it went well
}
