// Package jsonschema checks JSON documents against schemas of draft 4, in which API Gateway's models are
// written, and says what is wrong in the words of the validator behind API Gateway (json-schema-validator 2.2
// for Java).
//
// A Compiler makes Schemas of documents that refer to each other. Inner ids are no addresses, as in that
// validator's canonical dereferencing. schema.go has what all keywords share; number.go, text.go, array.go,
// object.go and combine.go have the keywords.
package jsonschema
