// Package jwt verifies the JSON Web Tokens of OpenID Connect issuers, such as Cognito user
// pools, with keys that it fetches, keeps and renews. It does not know what an authorizer
// does with a token: that is apigw/auth. Read verifier.go first.
package jwt
