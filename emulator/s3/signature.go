package s3

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/emulator/wire/sigv4"
)

// skew is what S3 tolerates of a client's clock.
const skew = 15 * time.Minute

// unsignedPayload stands for the hash of a body that is not signed.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// authenticate checks the signature where signatures are verified, and that a presigned URL has not
// expired in any case, since that is what such URLs are for.
func (c *call) authenticate() error {
	if signedV2(c.r) {
		return c.authenticateV2()
	}
	if c.has("X-Amz-Signature") || c.has("X-Amz-Credential") {
		if c.header("Authorization") != "" {
			return invalidArgument("Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified")
		}
		if err := c.checkExpiry(); err != nil {
			return err
		}
	}
	if !c.o.Verify {
		return nil
	}
	return c.verify()
}

func (c *call) checkExpiry() error {
	s, err := sigv4.Parse(c.r)
	var refused *sigv4.Error
	switch {
	case errors.As(err, &refused):
		return &Error{Status: 400, Code: "AuthorizationQueryParametersError", Message: refused.Message}
	case err != nil:
		return err
	}
	return c.notAfter(s.Time.Add(s.Expires), text("X-Amz-Expires", strconv.Itoa(int(s.Expires/time.Second))))
}

func (c *call) notAfter(end time.Time, what ...element) error {
	now := c.o.Now().UTC()
	if !now.After(end) {
		return nil
	}
	e := denied("Request has expired")
	e.Extra = append(what, text("Expires", end.UTC().Format(time.RFC3339)), text("ServerTime", now.Format(time.RFC3339)))
	return e
}

// verify compares the signature with one of the key's secret.
func (c *call) verify() error {
	v := sigv4.Verifier{Secret: c.secret, Now: c.o.Now, Skew: skew, Service: signingName, RawPath: true}
	hash := c.header("X-Amz-Content-Sha256")
	if hash == "" {
		hash = unsignedPayload // of presigned URLs
		if c.header("Authorization") != "" {
			return invalidRequest("Missing required header for this request: x-amz-content-sha256")
		}
	}
	s, chunks, err := v.VerifyHash(c.r.Context(), c.r, hash)
	var refused *sigv4.Error
	if errors.As(err, &refused) {
		return unsigned(refused)
	}
	if err != nil {
		return err
	}
	if c.o.Token != nil && c.o.Token(c.r.Context(), s.AccessKeyID) != s.Token {
		return &Error{Status: 400, Code: "InvalidToken", Message: "The provided token is malformed or otherwise invalid."}
	}
	c.chunks = chunks
	return nil
}

// unsigned is S3's word for why a signature is refused.
func unsigned(e *sigv4.Error) *Error {
	switch {
	case e.Code == sigv4.MissingToken:
		return denied("Access Denied")
	case e.Code == sigv4.UnknownClient:
		return &Error{Status: 403, Code: "InvalidAccessKeyId", Message: "The AWS Access Key Id you provided does not exist in our records."}
	case e.Code == sigv4.ExpiredToken:
		return &Error{Status: 400, Code: "ExpiredToken", Message: "The provided token has expired."}
	case e.Code == sigv4.Incomplete:
		return &Error{Status: 400, Code: "AuthorizationHeaderMalformed", Message: "The authorization header is malformed; " + e.Message}
	case strings.HasPrefix(e.Message, "Signature expired"), strings.HasPrefix(e.Message, "Signature not yet"):
		return &Error{Status: 403, Code: "RequestTimeTooSkewed", Message: "The difference between the request time and the current time is too large."}
	}
	return signatureDiffers()
}

func signatureDiffers() *Error {
	return &Error{Status: 403, Code: "SignatureDoesNotMatch", Message: "The request signature we calculated does not match the signature you provided. Check your key and signing method."}
}

// signedV2 tells requests with the signature that S3 had before: boto3 still presigns URLs so.
func signedV2(r *http.Request) bool {
	if strings.HasPrefix(r.Header.Get("Authorization"), "AWS ") {
		return true
	}
	return strings.Contains(r.URL.RawQuery, "AWSAccessKeyId=") && strings.Contains(r.URL.RawQuery, "Signature=")
}

// authenticateV2 checks the end of a presigned URL, and its signature where signatures are verified
// ("Signing and authenticating REST requests (AWS signature version 2)", S3 User Guide).
func (c *call) authenticateV2() error {
	key, signature, date := c.get("AWSAccessKeyId"), c.get("Signature"), c.get("Expires")
	if rest, ok := strings.CutPrefix(c.header("Authorization"), "AWS "); ok {
		key, signature, _ = strings.Cut(rest, ":")
		date = c.header("Date")
		if c.header("X-Amz-Date") != "" {
			date = ""
		}
	} else {
		seconds, err := strconv.ParseInt(date, 10, 64)
		if err != nil {
			return denied("Invalid date (should be seconds since epoch): " + date)
		}
		if err := c.notAfter(time.Unix(seconds, 0)); err != nil {
			return err
		}
	}
	if !c.o.Verify {
		return nil
	}
	secret, ok := c.secret(c.r.Context(), key)
	if !ok {
		return unsigned(sigv4.Unknown())
	}
	m := hmac.New(sha1.New, []byte(secret))
	m.Write([]byte(c.toSignV2(date)))
	if got, err := base64.StdEncoding.DecodeString(signature); err != nil || !hmac.Equal(got, m.Sum(nil)) {
		return signatureDiffers()
	}
	return nil
}

// signedV2Parameters are those that the older signature is about.
var signedV2Parameters = [...]string{
	"accelerate", "acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy", "requestPayment",
	"response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language", "response-content-type",
	"response-expires", "restore", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
}

func (c *call) toSignV2(date string) string {
	var amz []string
	for name, values := range c.r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") {
			amz = append(amz, name+":"+strings.Join(values, ",")+"\n")
		}
	}
	if token := c.get("x-amz-security-token"); token != "" {
		amz = append(amz, "x-amz-security-token:"+token+"\n")
	}
	slices.Sort(amz)
	path := c.r.URL.EscapedPath()
	if b, ok := bucketOf(c.r.Host); ok && b != "" || !strings.HasPrefix(c.r.URL.Path, "/"+c.bucket) {
		path = "/" + c.bucket + path
	}
	var parameters []string
	for _, name := range signedV2Parameters {
		if !c.has(name) {
			continue
		}
		if value := c.get(name); value != "" {
			name += "=" + value
		}
		parameters = append(parameters, name)
	}
	if len(parameters) > 0 {
		path += "?" + strings.Join(parameters, "&")
	}
	return c.r.Method + "\n" + c.header("Content-MD5") + "\n" + c.header("Content-Type") + "\n" + date + "\n" + strings.Join(amz, "") + path
}

// accessKey is who a request says it is from.
func (c *call) accessKeyV2() string {
	if rest, ok := strings.CutPrefix(c.header("Authorization"), "AWS "); ok {
		key, _, _ := strings.Cut(rest, ":")
		return key
	}
	return url.Values(c.query).Get("AWSAccessKeyId")
}
