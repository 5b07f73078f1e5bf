// Package domainname keeps custom domain names as both of API Gateway's APIs have them: a name that one
// makes the other shows. It stores names, their mappings, routing rules and access associations, checks
// them, and tells a Publisher what names are to serve. The operations are those of apigateway and
// apigatewayv2, which put its documents in their own words.
//
// Read domain.go first, then mapping.go.
package domainname
