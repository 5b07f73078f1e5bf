package jwt

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"postern/apigw"
)

// Authorization is the token as the authorizer of a REST API shows it in
// $context.authorizer.claims and in events: every claim as text.
func (t *Token) Authorization() *apigw.Authorization { return t.authorization }

func (t *Token) fields() []apigw.Field {
	all := make([]apigw.Field, 0, len(t.Claims))
	for _, c := range t.Claims {
		if text, ok := t.text(c); ok {
			all = append(all, apigw.Field{Name: c.Name, Value: text})
		}
	}
	return all
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
		var elements []json.RawMessage
		if json.Unmarshal(value, &elements) != nil {
			return "", false
		}
		shown := make([]string, len(elements))
		for i, e := range elements {
			shown[i] = scalar(e)
		}
		return strings.Join(shown, ","), true
	}
	return scalar(value), true
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
