package httpapi

import (
	"strings"

	"postern/apigw"
	"postern/apigw/integration"
)

// appendAuthorizer2 appends what an authorizer said, or who signed, to a requestContext of format 2.0.
func appendAuthorizer2(b []byte, x *apigw.Exchange) []byte {
	a := x.Authorization
	switch {
	case a == nil && x.Identity.AccessKey == "":
		return b
	case a == nil:
		return append(appendSigner(append(b, `,"authorizer":{"iam":`...), &x.Identity), '}')
	case a.HasClaims:
		return append(appendClaims(append(b, `,"authorizer":{"jwt":`...), a), '}')
	}
	b = append(b, `,"authorizer":{"lambda":`...)
	if a.ContextJSON == nil {
		b = append(b, "null"...)
	}
	return append(append(b, a.ContextJSON...), '}')
}

// appendAuthorizer1 is appendAuthorizer2 for format 1.0, where all values are text and who signed is
// the identity.
func appendAuthorizer1(b []byte, x *apigw.Exchange) []byte {
	a := x.Authorization
	switch {
	case a == nil:
		return b
	case a.HasClaims:
		return appendClaims(append(b, `,"authorizer":`...), a)
	}
	b = append(b, `,"authorizer":{`...)
	for _, f := range a.Context {
		if f.Name == "principalId" { // there is one
			continue
		}
		b = integration.AppendString(b, f.Name)
		b = append(integration.AppendString(append(b, ':'), f.Value), ',')
	}
	return append(integration.AppendMember(b, `"principalId":`, a.PrincipalID), '}')
}

// appendClaims appends what is in a token.
func appendClaims(b []byte, a *apigw.Authorization) []byte {
	b = integration.AppendFields(append(b, `{"claims":`...), a.Claims)
	b = append(b, `,"scopes":`...)
	if a.Scopes == nil {
		return append(b, "null}"...)
	}
	return append(integration.AppendList(b, a.Scopes), '}')
}

// appendSigner appends who signed the request. (Members: HTTP API guide, "Payload format structure";
// those of an identity pool: "Control access with IAM authorization".)
func appendSigner(b []byte, i *apigw.Identity) []byte {
	b = appendKnown(b, `{"accessKey":`, i.AccessKey)
	b = appendKnown(b, `,"accountId":`, i.AccountID)
	b = appendKnown(b, `,"callerId":`, i.Caller)
	b = append(b, `,"cognitoIdentity":`...)
	if i.CognitoIdentityID == "" {
		b = append(b, "null"...)
	} else {
		amr := []string{i.CognitoAuthenticationType}
		if p := i.CognitoAuthenticationProvider; p != "" {
			amr = append(amr, strings.Split(p, ",")...)
		}
		b = integration.AppendList(append(b, `{"amr":`...), amr)
		b = integration.AppendMember(b, `,"identityId":`, i.CognitoIdentityID)
		b = append(integration.AppendMember(b, `,"identityPoolId":`, i.CognitoIdentityPoolID), '}')
	}
	b = appendKnown(b, `,"principalOrgId":`, i.PrincipalOrgID)
	b = appendKnown(b, `,"userArn":`, i.UserARN)
	return append(appendKnown(b, `,"userId":`, i.User), '}')
}

// appendKnown appends a member that is null where its value is not known.
func appendKnown(b []byte, key, value string) []byte {
	if value == "" {
		return append(append(b, key...), "null"...)
	}
	return integration.AppendMember(b, key, value)
}
