package jwt

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"postern/apigw"
)

// Authorization is the token as the authorizer of a REST API shows it in
// $context.authorizer.claims and in events: every claim as text.
func (t *Token) Authorization() *apigw.Authorization { return t.rest }

// HTTPAuthorization is the token as the authorizer of an HTTP API shows it: every claim as text, other than
// for REST APIs, in the order of their names, and its scopes where the route asks for any (recorded on AWS in 2026:
// a route without scopes shows null, whatever the token has, one with scopes all that the token has).
func (t *Token) HTTPAuthorization(scopes bool) *apigw.Authorization {
	if scopes {
		return t.scoped
	}
	return t.http
}

// show makes what authorizers say of the token.
func (t *Token) show() {
	t.rest = &apigw.Authorization{HasClaims: true, Claims: t.fields(t.text)}
	claims := t.fields(goText)
	slices.SortFunc(claims, func(a, b apigw.Field) int { return strings.Compare(a.Name, b.Name) })
	t.http = &apigw.Authorization{HasClaims: true, Claims: claims}
	t.scoped = &apigw.Authorization{HasClaims: true, Claims: claims, Scopes: t.Scopes}
}

func (t *Token) fields(text func(Claim) (string, bool)) []apigw.Field {
	all := make([]apigw.Field, 0, len(t.Claims))
	for _, c := range t.Claims {
		if text, ok := text(c); ok {
			all = append(all, apigw.Field{Name: c.Name, Value: text})
		}
	}
	return all
}

// goText is a claim as Go prints it, which the authorizers of HTTP APIs are written in: a list is "[admin
// poweruser]", a number is written as it was (both recorded). Nothing is shown of null.
func goText(c Claim) (string, bool) {
	if c.Value[0] != '[' {
		return plain(c.Value)
	}
	shown, ok := elements(c.Value)
	return "[" + strings.Join(shown, " ") + "]", ok
}

// dateLayout is how Java prints a Date: AWS shows exp and iat so, and other dates, such as
// auth_time, as the number they are (seen in events and in TestInvokeAuthorizer's answers).
const dateLayout = "Mon Jan 02 15:04:05 MST 2006"

func (t *Token) text(c Claim) (string, bool) {
	switch c.Name {
	case "exp":
		return javaDate(t.Expires), true
	case "iat":
		return javaDate(t.issued), true
	case "nbf":
		return javaDate(t.notBefore), true
	}
	return plain(c.Value)
}

func javaDate(d time.Time) string { return d.UTC().Format(dateLayout) }

// plain is a value as text: a list as its elements with commas between them, which is how
// cognito:groups arrives, an object as JSON. Nothing is shown of null.
func plain(value json.RawMessage) (string, bool) {
	switch value[0] {
	case 'n':
		return "", false
	case '[':
		shown, ok := elements(value)
		return strings.Join(shown, ","), ok
	}
	return scalar(value), true
}

func elements(list json.RawMessage) ([]string, bool) {
	var all []json.RawMessage
	if json.Unmarshal(list, &all) != nil {
		return nil, false
	}
	shown := make([]string, len(all))
	for i, e := range all {
		shown[i] = scalar(e)
	}
	return shown, true
}

// scalar is a string without its quotes, and anything else as JSON.
func scalar(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil && value[0] == '"' {
		return s
	}
	var compact bytes.Buffer
	json.Compact(&compact, value) // it is valid: it has been read once
	return compact.String()
}
