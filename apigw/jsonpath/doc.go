// Package jsonpath evaluates JSONPath as API Gateway does, over JSON values that
// keep the order of their members. It mirrors Jayway JsonPath 2.0.0 on json-smart, not
// RFC 9535, and knows nothing of templates or requests. Read path.go first, then json.go.
package jsonpath
