// Package sigv4 parses and verifies AWS Signature Version 4, as header and as
// presigned URL. It signs nothing and knows no keys: a Verifier asks for secrets.
//
// parse.go reads what a request says, canonical.go rebuilds what was signed,
// verify.go compares. Source: "AWS Signature Version 4 for API requests", IAM User
// Guide, and AWS's published test suite.
package sigv4
