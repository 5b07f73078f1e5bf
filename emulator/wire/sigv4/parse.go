package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	isoBasic   = "20060102T150405Z"
)

// A Signature is what a request says about who signed it.
type Signature struct {
	AccessKeyID   string
	Date          string // of the scope: yyyymmdd
	Region        string
	Service       string
	Terminator    string
	SignedHeaders []string // lower case, as listed
	Hex           string
	Time          time.Time // X-Amz-Date
	Stamp         string    // the same as it was sent
	Token         string    // session token, "" for none
	Presigned     bool
	Expires       time.Duration // of a presigned URL
	Asymmetric    bool          // Version 4A: no Region
	RegionSet     string        // of those
}

// Codes of an Error, as x-amzn-ErrorType has them.
const (
	MissingToken  = "MissingAuthenticationTokenException"
	Incomplete    = "IncompleteSignatureException"
	Invalid       = "InvalidSignatureException"
	UnknownClient = "UnrecognizedClientException"
	ExpiredToken  = "ExpiredTokenException"
)

// An Error says why a signature was refused, in AWS's words.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Parse reads a request's signature. A request without one is MissingToken.
func Parse(r *http.Request) (*Signature, error) {
	if auth := r.Header.Get("Authorization"); auth != "" {
		return parseHeader(r, auth)
	}
	if q := r.URL.Query(); q.Has("X-Amz-Algorithm") {
		return parseQuery(q)
	}
	return nil, refuse(MissingToken, "Missing Authentication Token")
}

// parameters of the header, in the order that AWS complains about them.
var parameters = []string{"Credential", "Signature", "SignedHeaders"}

func parseHeader(r *http.Request, auth string) (*Signature, error) {
	scheme, rest, _ := strings.Cut(auth, " ")
	stamp := r.Header.Get("X-Amz-Date")
	if stamp == "" {
		stamp = r.Header.Get("Date")
	}
	if !strings.HasPrefix(scheme, "AWS4-") {
		return nil, notSigned(scheme, rest, stamp)
	}
	if scheme != algorithm && scheme != asymmetric {
		return nil, refuse(Incomplete, "Unsupported AWS 'algorithm': '%s'", scheme)
	}
	values := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return nil, refuse(Incomplete, "'%s' not a valid key=value pair (missing equal-sign) in Authorization header: '%s'.", strings.TrimSpace(part), auth)
		}
		values[name] = value
	}
	if text := missing(values, stamp); text != "" {
		return nil, refuse(Incomplete, "%sAuthorization=%s", text, scheme)
	}
	s := &Signature{Hex: values["Signature"], SignedHeaders: strings.Split(values["SignedHeaders"], ";"), Token: r.Header.Get("X-Amz-Security-Token")}
	s.Asymmetric, s.RegionSet = scheme == asymmetric, r.Header.Get(regionSet)
	if err := s.setCredential(values["Credential"]); err != nil {
		return nil, err
	}
	return s, s.setTime(stamp)
}

// notSigned is the error for a header of another scheme: Bearer, or a token alone.
// AWS reads it as a signature all the same, and does not print what may be a secret.
func notSigned(scheme, rest, stamp string) error {
	if rest = strings.TrimSpace(rest); rest == "" || strings.Contains(rest, "=") {
		return refuse(Incomplete, "%sAuthorization=%s", missing(nil, stamp), scheme)
	}
	hash := sha256.Sum256([]byte(rest))
	return refuse(Incomplete, "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'.",
		base64.StdEncoding.EncodeToString(hash[:]))
}

// missing lists every part that is not there, in one message.
func missing(values map[string]string, stamp string) string {
	var b strings.Builder
	for _, p := range parameters {
		if values[p] == "" {
			fmt.Fprintf(&b, "Authorization header requires '%s' parameter. ", p)
		}
	}
	if stamp == "" {
		b.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	return b.String()
}

// queryParameters that a presigned URL must have.
var queryParameters = []string{"X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature", "X-Amz-SignedHeaders"}

// maxExpires is a week.
const maxExpires = 604800

func parseQuery(q url.Values) (*Signature, error) {
	if a := q.Get("X-Amz-Algorithm"); a != algorithm && a != asymmetric {
		return nil, refuse(Incomplete, "Unsupported AWS 'algorithm': '%s'", a)
	}
	var b strings.Builder
	for _, p := range queryParameters {
		if q.Get(p) == "" {
			fmt.Fprintf(&b, "AWS query-string parameters must include '%s'. ", p)
		}
	}
	if b.Len() > 0 {
		return nil, refuse(Incomplete, "%s", b.String()+"Re-examine the query-string parameters.")
	}
	seconds, err := strconv.Atoi(q.Get("X-Amz-Expires"))
	if err != nil || seconds < 0 || seconds > maxExpires {
		return nil, refuse(Incomplete, "X-Amz-Expires must be a number between 0 and %d", maxExpires)
	}
	s := &Signature{
		Presigned: true, Hex: q.Get("X-Amz-Signature"), SignedHeaders: strings.Split(q.Get("X-Amz-SignedHeaders"), ";"),
		Token: q.Get("X-Amz-Security-Token"), Expires: time.Duration(seconds) * time.Second,
		Asymmetric: q.Get("X-Amz-Algorithm") == asymmetric, RegionSet: q.Get(regionSet),
	}
	if err := s.setCredential(q.Get("X-Amz-Credential")); err != nil {
		return nil, err
	}
	return s, s.setTime(q.Get("X-Amz-Date"))
}

// setCredential reads keyid/date/region/service/aws4_request.
func (s *Signature) setCredential(credential string) error {
	parts := strings.Split(credential, "/")
	if s.Asymmetric && len(parts) >= 4 {
		parts = slices.Insert(parts, len(parts)-2, "") // the region that it has not
	}
	n := len(parts)
	if n < 5 {
		return refuse(Incomplete, "Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", credential)
	}
	s.AccessKeyID = strings.Join(parts[:n-4], "/")
	s.Date, s.Region, s.Service, s.Terminator = parts[n-4], parts[n-3], parts[n-2], parts[n-1]
	return nil
}

func (s *Signature) setTime(stamp string) error {
	s.Stamp = stamp
	t, err := time.Parse(isoBasic, stamp)
	if err != nil {
		if t, err = http.ParseTime(stamp); err != nil {
			return refuse(Incomplete, "Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", stamp)
		}
		s.Stamp = t.UTC().Format(isoBasic)
	}
	s.Time = t.UTC()
	return nil
}

// signs tells whether a header was signed.
func (s *Signature) signs(name string) bool { return slices.Contains(s.SignedHeaders, name) }
