// Command gen reads the source of aws-sdk-go-v2 in the module cache and writes
// the wire package's operation tables: for every service one table_<service>.go.
//
// The SDK's structs say what a shape holds; what they do not say (methods, URIs,
// bindings, member names, timestamp formats, required members, enum values,
// error codes) is read here from the SDK's generated functions. There are two
// readers, because the SDK is moving from generated serializers (classic.go) to
// exported schemas (schema.go). Start reading at main.go.
package main
