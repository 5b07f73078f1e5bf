package sigv4

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

const vectorKey, vectorSecret = "AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom"

// Source: facts/sigv4.md §9, as published in the tests of AWS's C library of authentication.
func TestKeysAreDerived(t *testing.T) {
	k := deriveKey(vectorKey, vectorSecret)
	if x := fmt.Sprintf("%064x", k.X); x != "15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb" {
		t.Error(x)
	}
	if y := fmt.Sprintf("%064x", k.Y); y != "0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0" {
		t.Error(y)
	}
}

func TestAsymmetricSignatures(t *testing.T) {
	now := time.Date(2026, 11, 27, 1, 2, 3, 0, time.UTC)
	sign := func(regions string) *http.Request {
		r := httptest.NewRequest("GET", "/prod/pets?x=1", nil)
		r.Header.Set("X-Amz-Date", now.Format(isoBasic))
		r.Header.Set(regionSet, regions)
		credential := vectorKey + "/20261127/execute-api/aws4_request"
		r.Header.Set("Authorization", asymmetric+" Credential="+credential+", SignedHeaders=host;x-amz-date;x-amz-region-set, Signature=00")
		s, err := Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte(s.stringToSign(s.canonicalRequest(r, hexSum(nil), false, false))))
		sig, err := ecdsa.SignASN1(rand.Reader, deriveKey(vectorKey, vectorSecret), digest[:])
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", asymmetric+" Credential="+credential+", SignedHeaders=host;x-amz-date;x-amz-region-set, Signature="+hex.EncodeToString(sig))
		return r
	}
	v := Verifier{
		Service: "execute-api", Region: "eu-west-1", Asymmetric: true, Skew: time.Minute, Now: func() time.Time { return now },
		Secret: func(context.Context, string) (string, bool) { return vectorSecret, true },
	}
	for regions, good := range map[string]bool{"*": true, "eu-*,us-east-1": true, "eu-west-1": true, "us-*": false} {
		if _, err := v.Verify(t.Context(), sign(regions), nil); (err == nil) != good {
			t.Errorf("%s: %v", regions, err)
		}
	}
	changed := sign("*")
	changed.Header.Set(regionSet, "eu-west-1")
	if _, err := v.Verify(t.Context(), changed, nil); err == nil {
		t.Error("a region set that was not signed")
	}
	v.Asymmetric = false
	if _, err := v.Verify(t.Context(), sign("*"), nil); err == nil {
		t.Error("where only Version 4 is known")
	}
}
