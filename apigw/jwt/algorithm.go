package jwt

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// algorithms are those of asymmetric keys only: with "none" or HMAC anyone who knows the
// public key could sign. Unlike AWS, whose user pools sign with RSA keys alone, elliptic curves pass
// for REST APIs too.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512,
}

// RSA are the algorithms that JWT authorizers of HTTP APIs take: "signing method ES256 is invalid" (HTTP API
// guide, "Control access to HTTP APIs with JWT authorizers", and recorded).
var RSA = []string{string(jose.RS256), string(jose.RS384), string(jose.RS512)}

var curves = map[jose.SignatureAlgorithm]elliptic.Curve{
	jose.ES256: elliptic.P256(), jose.ES384: elliptic.P384(), jose.ES512: elliptic.P521(),
}

// fits tells whether a key may have made a signature of an algorithm.
func fits(k *jose.JSONWebKey, alg string) bool {
	if k.Algorithm != "" && k.Algorithm != alg || k.Use != "" && k.Use != "sig" {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return alg[:2] == "RS"
	case *ecdsa.PublicKey:
		return curves[jose.SignatureAlgorithm(alg)] == key.Curve
	}
	return false
}

func accepted(alg string) bool {
	return slices.Contains(algorithms, jose.SignatureAlgorithm(alg))
}
