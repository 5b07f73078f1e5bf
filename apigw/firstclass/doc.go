// Package firstclass calls AWS services for HTTP APIs: AWS_PROXY integrations with an integrationSubtype,
// which AWS calls first-class integrations. It knows which subtypes and parameters there are, and what request to the
// service they make; signing and sending is integration's. Read subtype.go, then call.go.
package firstclass
