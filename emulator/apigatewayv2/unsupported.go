package apigatewayv2

// unsupported is what is not served, and why.
var unsupported = map[string]string{}
