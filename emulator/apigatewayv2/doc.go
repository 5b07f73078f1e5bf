// Package apigatewayv2 is the management API of HTTP and WebSocket APIs: the operations of the SDK's
// apigatewayv2 client over documents in the store. Custom domain names are those of domainname, which
// REST APIs share. What is deployed goes to a Publisher. Read service.go, then api.go.
package apigatewayv2
