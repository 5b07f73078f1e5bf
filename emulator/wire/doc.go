// Package wire turns AWS requests into calls of Go methods that mirror the SDK's
// client, and their results back into HTTP: REST-JSON (apigateway, apigatewayv2,
// lambda), Query (iam, sts) and AWS JSON 1.1 (logs). It works by reflection over the
// SDK's input and output structs, helped by tables that gen reads out of the SDK's
// source; it knows no operation by name but for the exceptions in status.go.
//
// It checks what can be checked for every operation alike: that a body can be
// read, that required members are there, that enum members have one of their values.
//
// Read operation.go first, then mux.go for the way of a request.
package wire

//go:generate go run ./gen
