package jwt

import "errors"

// What can be wrong with a token. The errors of Verify wrap one of them and say the rest.
var (
	ErrMalformed   = errors.New("the token is malformed")
	ErrSegments    = errors.New("token contains an invalid number of segments") // it is ErrMalformed too
	ErrAlgorithm   = errors.New("the token's algorithm is not accepted")
	ErrKey         = errors.New("no key of the issuer fits the token")
	ErrSignature   = errors.New("the token's signature is wrong")
	ErrIssuer      = errors.New("the token is of another issuer")
	ErrAudience    = errors.New("the token does not have a valid audience")
	ErrExpired     = errors.New("the token has expired")
	ErrNotYetValid = errors.New("the token is not valid yet")
	ErrScope       = errors.New("the token does not have a required scope")
)

// ErrKeysUnavailable is not the token's fault: the issuer's keys cannot be had.
var ErrKeysUnavailable = errors.New("the issuer's keys cannot be had")

// Why a Discovery finds no keys. Errors of Verify that are ErrKeysUnavailable may wrap one of them.
var (
	ErrDiscovery = errors.New("the issuer's discovery page cannot be had")
	ErrKeySet    = errors.New("the issuer's key set cannot be had")
)
