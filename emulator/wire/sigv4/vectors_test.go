package sigv4

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A vector is one case of AWS's published signing test suite.
type vector struct {
	Name    string
	Context struct {
		Credentials struct {
			AccessKeyID     string `json:"access_key_id"`
			SecretAccessKey string `json:"secret_access_key"`
		}
		Normalize       bool
		Service, Region string
		Timestamp       time.Time
		Expiration      int `json:"expiration_in_seconds"`
	}
	HeaderSignedRequest string `json:"header_signed_request"`
	QuerySignedRequest  string `json:"query_signed_request"`
}

func loadVectors(t *testing.T) (all []vector) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "..", "shared", "vectors", "sigv4", "v4.jsonl"))
	if err != nil {
		t.Skip("the test suite is not beside the project: " + err.Error())
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if len(all) == 0 {
		t.Fatal("no vectors")
	}
	return all
}

// parseRaw reads a request as it stands, blanks in the path and folded headers
// included, which http.ReadRequest refuses.
func parseRaw(t *testing.T, raw string) (*http.Request, []byte) {
	t.Helper()
	head, body, _ := strings.Cut(raw, "\n\n")
	lines := strings.Split(head, "\n")
	first := lines[0]
	method, rest, _ := strings.Cut(first, " ")
	uri := strings.TrimSuffix(rest, " HTTP/1.1")
	path, query, _ := strings.Cut(uri, "?")
	r := &http.Request{Method: method, RequestURI: uri, Header: http.Header{}, URL: &url.URL{Path: path, RawQuery: query}, ContentLength: int64(len(body))}
	var names []string
	for _, l := range lines[1:] {
		if strings.HasPrefix(l, " ") && len(names) > 0 {
			last := names[len(names)-1]
			values := r.Header[http.CanonicalHeaderKey(last)]
			values[len(values)-1] += " " + strings.TrimSpace(l)
			continue
		}
		name, value, _ := strings.Cut(l, ":")
		names = append(names, name)
		if strings.EqualFold(name, "Host") {
			r.Host = strings.TrimSpace(value)
			continue
		}
		r.Header.Add(name, value)
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	return r, []byte(body)
}

func (v *vector) verify(t *testing.T, raw string, now time.Time) error {
	t.Helper()
	r, body := parseRaw(t, raw)
	verifier := Verifier{
		Now: func() time.Time { return now }, Skew: 5 * time.Minute, Service: v.Context.Service, RawPath: !v.Context.Normalize,
		Secret: func(_ context.Context, id string) (string, bool) {
			return v.Context.Credentials.SecretAccessKey, id == v.Context.Credentials.AccessKeyID
		},
	}
	_, err := verifier.Verify(t.Context(), r, body)
	return err
}

func TestThePublishedSuiteIsAccepted(t *testing.T) {
	for _, v := range loadVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			for form, raw := range map[string]string{"header": v.HeaderSignedRequest, "query": v.QuerySignedRequest} {
				if err := v.verify(t, raw, v.Context.Timestamp); err != nil {
					t.Errorf("%s: %v\n%s", form, err, raw)
				}
			}
		})
	}
}

func TestWhatWasChangedIsRefused(t *testing.T) {
	for _, v := range loadVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			for name, raw := range map[string]string{
				"the signature":         flip(v.HeaderSignedRequest, "Signature="),
				"the query's signature": flip(v.QuerySignedRequest, "X-Amz-Signature="),
				"a signed header":       strings.Replace(v.HeaderSignedRequest, "Host:example", "Host:evil", 1),
				"the path":              strings.Replace(v.HeaderSignedRequest, " /", " /evil/", 1),
				"the query":             strings.Replace(v.HeaderSignedRequest, " HTTP/1.1", addParameter(v.HeaderSignedRequest)+" HTTP/1.1", 1),
				"the presigned query":   strings.Replace(v.QuerySignedRequest, " HTTP/1.1", "&evil=1 HTTP/1.1", 1),
				"the method":            "PATCH" + v.HeaderSignedRequest[strings.Index(v.HeaderSignedRequest, " "):],
				"the body":              v.HeaderSignedRequest + "evil",
			} {
				if err := v.verify(t, raw, v.Context.Timestamp); err == nil {
					t.Errorf("%s was changed, and accepted:\n%s", name, raw)
				}
			}
			for name, now := range map[string]time.Time{"too old": v.Context.Timestamp.Add(2 * time.Hour), "from the future": v.Context.Timestamp.Add(-time.Hour)} {
				for _, raw := range []string{v.HeaderSignedRequest, v.QuerySignedRequest} {
					if err := v.verify(t, raw, now); err == nil {
						t.Errorf("%s, and accepted:\n%s", name, raw)
					}
				}
			}
		})
	}
}

func addParameter(raw string) string {
	first, _, _ := strings.Cut(raw, "\n")
	if strings.Contains(first, "?") {
		return "&evil=1"
	}
	return "?evil=1"
}

// flip changes the first hex digit after a prefix.
func flip(raw, prefix string) string {
	i := strings.Index(raw, prefix) + len(prefix)
	digit := byte('0')
	if raw[i] == '0' {
		digit = '1'
	}
	return raw[:i] + string(digit) + raw[i+1:]
}

// Signatures made with botocore for key AKIDEXAMPLE at one moment.
func TestSignaturesOfBotocoreAreAccepted(t *testing.T) {
	const host = "abc1234567.execute-api.us-east-1.amazonaws.com"
	for _, c := range []struct{ name, method, target, host, service, body, signature string }{
		{"execute-api GET with an encoded blank", "GET", "/prod/pets/a%20b?type=dog&page=1&empty=", host, "execute-api", "", "7335ada904b7c632dd9445cd3721fa5271659b410752181c6eb4d89125ba6ced"},
		{"@connections, encoded twice", "POST", "/prod/%40connections/Qyi07eCbtjMCJKw%3D", host, "execute-api", "hello", "f536cd701c0ac54bbfa6f8bedeead2e195dba2675d919999a34bf64e185cd4aa"},
		{"lambda Invoke", "POST", "/2015-03-31/functions/fn/invocations", "lambda.us-east-1.amazonaws.com", "lambda", "{}", "84d6b704203fd38a6e9cc59226f4c5409ebc6707aa8d0f0c9ca2da6288b8e884"},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := c.method + " " + c.target + " HTTP/1.1\nHost:" + c.host + "\nX-Amz-Date:20240102T030405Z\nAuthorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240102/us-east-1/" +
				c.service + "/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + c.signature + "\n\n" + c.body
			v := vector{}
			v.Context.Credentials.AccessKeyID, v.Context.Credentials.SecretAccessKey = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
			v.Context.Normalize, v.Context.Service = true, c.service
			if err := v.verify(t, raw, time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRefusalsAreInAWSsWords(t *testing.T) {
	now := time.Date(2021, 5, 2, 17, 46, 43, 0, time.UTC)
	const good = "AWS4-HMAC-SHA256 Credential=AKID/20210502/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"
	for _, c := range []struct{ name, auth, date, code, message string }{
		{"nothing", "", "", MissingToken, "Missing Authentication Token"},
		{"another scheme", "Bearer xyz", "20210502T174643Z", Incomplete, "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'Ngi8oeROpsTSaOttsCJgJpiSwLQrhrvx53pvoWw8koI='."},
		{"a scheme alone", "Bearer", "", Incomplete, "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=Bearer"},
		{"no pairs", "AWS4-HMAC-SHA256 xyz", "20210502T174643Z", Incomplete, "'xyz' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 xyz'."},
		{"everything missing", "AWS4-HMAC-SHA256 a=b", "", Incomplete, "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256"},
		{"another algorithm", "AWS4-HMAC-SHA512 a=b", "20210502T174643Z", Incomplete, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'"},
		{"too old", good, "20210502T144040Z", Invalid, "Signature expired: 20210502T144040Z is now earlier than 20210502T173143Z (20210502T174643Z - 15 min.)"},
		{"not yet", good, "20210502T193640Z", Invalid, "Signature not yet current: 20210502T193640Z is still later than 20210502T180143Z (20210502T174643Z + 15 min.)"},
		{"another service", strings.Replace(good, "execute-api", "lambda", 1), "20210502T174643Z", Invalid, "Credential should be scoped to correct service: 'execute-api'. "},
		{"an unknown key", strings.Replace(good, "AKID", "OTHER", 1), "20210502T174643Z", UnknownClient, "The security token included in the request is invalid."},
		{"host not signed", strings.Replace(good, "host;x-amz-date", "x-amz-date", 1), "20210502T174643Z", Invalid, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"a date of another form", good, "yesterday", Incomplete, "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &http.Request{Method: "GET", RequestURI: "/", Host: "h", Header: http.Header{}, URL: &url.URL{Path: "/"}}
			if c.auth != "" {
				r.Header.Set("Authorization", c.auth)
			}
			if c.date != "" {
				r.Header.Set("X-Amz-Date", c.date)
			}
			v := Verifier{Now: func() time.Time { return now }, Skew: 15 * time.Minute, Service: "execute-api",
				Secret: func(_ context.Context, id string) (string, bool) { return "s", id == "AKID" }}
			_, err := v.Verify(t.Context(), r, nil)
			e, ok := err.(*Error)
			if !ok || e.Code != c.code || e.Message != c.message {
				t.Errorf("got %v\nwant %s: %s", err, c.code, c.message)
			}
		})
	}
}
