package sts

const federation = "there are no identity providers"

// unsupported is what is not served, and why.
var unsupported = map[string]string{
	"AssumeRoleWithSAML":         federation,
	"AssumeRoleWithWebIdentity":  federation,
	"AssumeRoot":                 "there are no organizations",
	"DecodeAuthorizationMessage": "no request is denied with an encoded message",
	"GetDelegatedAccessToken":    "there are no delegation requests",
	"GetFederationToken":         "there are no users to federate: use AssumeRole",
	"GetSessionToken":            "there are no users: use AssumeRole, or any access key",
	"GetWebIdentityToken":        federation,
}
