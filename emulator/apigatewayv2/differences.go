package apigatewayv2

// differences is how what is served differs from AWS.
var differences = map[string]string{}
