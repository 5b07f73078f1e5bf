// Package issuer is Postern's own token issuer: it signs tokens as Cognito user pools and
// other OpenID Connect issuers would, and shows their pages. It checks no passwords: who can
// reach it can have any token. Read issuer.go first.
package issuer
