package sigv4

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// A Verifier checks signatures for one service.
type Verifier struct {
	Secret func(ctx context.Context, accessKeyID string) (secret string, ok bool)
	// Find is asked instead of Secret where it is set: it may look at the session token, and its
	// error ends the verification.
	Find    func(context.Context, *Signature) (secret string, err error)
	Now     func() time.Time
	Skew    time.Duration // how far a clock may be off; AWS's is 5 minutes, elsewhere 15
	Service string        // that the scope must name, "" for any
	Region  string        // that the scope must name, "" for any
	// Asymmetric lets Version 4A pass too.
	Asymmetric bool
	RawPath    bool // S3: the path is signed as it stands
}

// Verify checks a request whose body was read already. It returns the signature,
// or an *Error.
func (v *Verifier) Verify(ctx context.Context, r *http.Request, body []byte) (*Signature, error) {
	s, secret, err := v.check(ctx, r)
	if err != nil {
		return nil, err
	}
	return s, v.compare(r, s, body, secret)
}

// VerifyHash is Verify for S3, whose clients send the hash of the body, or what stands for it, along: it
// does not look at the body. The Chunks verify one that is signed piece by piece.
func (v *Verifier) VerifyHash(ctx context.Context, r *http.Request, hash string) (*Signature, *Chunks, error) {
	s, secret, err := v.check(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	return s, newChunks(s, secret), v.compareHash(r, s, hash, secret)
}

// check is all of a verification but the comparison.
func (v *Verifier) check(ctx context.Context, r *http.Request) (*Signature, string, error) {
	s, err := Parse(r)
	if err != nil {
		return nil, "", err
	}
	if err := v.checkScope(s); err != nil {
		return nil, "", err
	}
	secret, err := v.find(ctx, s)
	if err != nil {
		return nil, "", err
	}
	if err := v.checkTime(s); err != nil {
		return nil, "", err
	}
	if !s.signs("host") && !s.signs(":authority") {
		return nil, "", refuse(Invalid, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return s, secret, nil
}

func (v *Verifier) find(ctx context.Context, s *Signature) (string, error) {
	if v.Find != nil {
		return v.Find(ctx, s)
	}
	secret, ok := v.Secret(ctx, s.AccessKeyID)
	if !ok {
		return "", Unknown()
	}
	return secret, nil
}

// Unknown is the error for a key that does not exist, and for a token that is not its own.
func Unknown() *Error {
	return refuse(UnknownClient, "The security token included in the request is invalid.")
}

// Expired is the error for the key of a session that is over.
func Expired() *Error {
	return refuse(ExpiredToken, "The security token included in the request is expired")
}

func (v *Verifier) checkScope(s *Signature) error {
	switch {
	case s.Asymmetric && !v.Asymmetric:
		return refuse(Incomplete, "Unsupported AWS 'algorithm': '%s'", asymmetric)
	case v.Service != "" && s.Service != v.Service:
		return refuse(Invalid, "Credential should be scoped to correct service: '%s'. ", v.Service)
	case s.Region == "" && s.RegionSet == "" || v.Region != "" && !s.inRegion(v.Region):
		return refuse(Invalid, "Credential should be scoped to a valid region. ")
	case s.Terminator != terminator:
		return refuse(Invalid, "Credential should be scoped with a valid terminator: '%s', not '%s'.", terminator, s.Terminator)
	case s.Date != s.Time.Format("20060102"):
		return refuse(Invalid, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			s.Date, s.Time.Format("20060102"), s.Stamp)
	}
	return nil
}

func (v *Verifier) checkTime(s *Signature) error {
	now := v.Now().UTC()
	minutes := int(v.Skew / time.Minute)
	latest := s.Time.Add(v.Skew)
	if s.Presigned {
		latest = s.Time.Add(s.Expires)
	}
	switch {
	case now.After(latest) && s.Presigned:
		return refuse(Invalid, "Signature expired: %s is now earlier than %s", latest.Format(isoBasic), now.Format(isoBasic))
	case now.After(latest):
		return refuse(Invalid, "Signature expired: %s is now earlier than %s (%s - %d min.)",
			s.Stamp, now.Add(-v.Skew).Format(isoBasic), now.Format(isoBasic), minutes)
	case s.Time.After(now.Add(v.Skew)):
		return refuse(Invalid, "Signature not yet current: %s is still later than %s (%s + %d min.)",
			s.Stamp, now.Add(v.Skew).Format(isoBasic), now.Format(isoBasic), minutes)
	}
	return nil
}

// compare recomputes the signature of a request with a body.
func (v *Verifier) compare(r *http.Request, s *Signature, body []byte, secret string) error {
	hash := hexSum(body)
	if sent := r.Header.Get("X-Amz-Content-Sha256"); sent != "" && sent != hash {
		if !v.RawPath || sent != "UNSIGNED-PAYLOAD" {
			return refuse(Invalid, "The provided 'x-amz-content-sha256' header does not match what was computed.")
		}
		hash = sent
	}
	return v.compareHash(r, s, hash, secret)
}

// compareHash recomputes the signature. A proxy in between may have changed the host,
// so the forwarded one is tried too.
func (v *Verifier) compareHash(r *http.Request, s *Signature, hash, secret string) error {
	canonical := s.canonicalRequest(r, hash, v.RawPath, false)
	toSign := s.stringToSign(canonical)
	if s.matches(secret, toSign) {
		return nil
	}
	if s.Presigned && s.Token != "" && s.matches(secret, s.stringToSign(s.canonicalRequest(r, hash, v.RawPath, true))) {
		return nil
	}
	if forwarded := r.Header.Get("X-Forwarded-Host"); forwarded != "" {
		other := *r
		other.Host = forwarded
		if s.matches(secret, s.stringToSign(s.canonicalRequest(&other, hash, v.RawPath, false))) {
			return nil
		}
	}
	return refuse(Invalid, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. "+
		"Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'%s'\n\nThe String-to-Sign should have been\n'%s'\n", canonical, toSign)
}

func (s *Signature) stringToSign(canonical string) string {
	if s.Asymmetric {
		return asymmetric + "\n" + s.Stamp + "\n" + s.Date + "/" + s.Service + "/" + terminator + "\n" + hexSum([]byte(canonical))
	}
	return algorithm + "\n" + s.Stamp + "\n" + s.Date + "/" + s.Region + "/" + s.Service + "/" + terminator + "\n" + hexSum([]byte(canonical))
}

func (s *Signature) matches(secret, toSign string) bool {
	if s.Asymmetric {
		return s.matchesAsymmetric(secret, toSign)
	}
	want := hex.EncodeToString(sum(s.key(secret), toSign))
	return subtle.ConstantTimeCompare([]byte(want), []byte(s.Hex)) == 1
}

// key is what a secret signs with in the scope.
func (s *Signature) key(secret string) []byte {
	key := sum([]byte("AWS4"+secret), s.Date)
	for _, part := range []string{s.Region, s.Service, terminator} {
		key = sum(key, part)
	}
	return key
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexSum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }
