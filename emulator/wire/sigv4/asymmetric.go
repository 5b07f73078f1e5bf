package sigv4

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"path"
	"strings"
)

// asymmetric is Signature Version 4A, whose scope names no region: a header says for which ones the
// signature is.
const asymmetric = "AWS4-ECDSA-P256-SHA256"

const regionSet = "X-Amz-Region-Set"

// inRegion tells whether the signature is good in a region: "us-east-1,eu-*".
func (s *Signature) inRegion(region string) bool {
	if !s.Asymmetric {
		return s.Region == region
	}
	for part := range strings.SplitSeq(s.RegionSet, ",") {
		if ok, err := path.Match(strings.TrimSpace(part), region); ok && err == nil {
			return true
		}
	}
	return false
}

// matchesAsymmetric verifies an ECDSA signature over the text.
func (s *Signature) matchesAsymmetric(secret, toSign string) bool {
	sig, err := hex.DecodeString(s.Hex)
	if err != nil {
		return false
	}
	digest := sha256.Sum256([]byte(toSign))
	return ecdsa.VerifyASN1(&deriveKey(s.AccessKeyID, secret).PublicKey, digest[:], sig)
}

// deriveKey makes the key pair of an access key: a counter mode KDF whose first output that is less
// than the order of the curve counts (NIST SP 800-108; AWS's C library of authentication).
func deriveKey(accessKeyID, secret string) *ecdsa.PrivateKey {
	curve := elliptic.P256()
	limit := new(big.Int).Sub(curve.Params().N, big.NewInt(2))
	for counter := byte(1); counter < 255; counter++ {
		h := hmac.New(sha256.New, []byte("AWS4A"+secret))
		h.Write([]byte("\x00\x00\x00\x01" + asymmetric + "\x00" + accessKeyID + string([]byte{counter}) + "\x00\x00\x01\x00"))
		c := new(big.Int).SetBytes(h.Sum(nil))
		if c.Cmp(limit) > 0 {
			continue
		}
		k, err := ecdsa.ParseRawPrivateKey(curve, c.Add(c, big.NewInt(1)).FillBytes(make([]byte, 32)))
		if err == nil {
			return k
		}
	}
	return new(ecdsa.PrivateKey) // one in 2^8000 secrets
}
