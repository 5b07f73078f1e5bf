package apigw

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Request is what the client sent.
type Request struct {
	ID         string // $context.requestId, a UUID
	ExtendedID string // $context.extendedRequestId
	Time       time.Time

	Verb      string
	Path      string // without the stage, encoded as sent: "/pets/7"
	StagePath string // with the stage: "/prod/pets/7"
	RawQuery  string
	Protocol  string // "HTTP/1.1"
	Host      string // as the client wrote it, with its port
	SourceIP  string
	Secure    bool // over TLS

	CustomDomain bool   // came to a custom domain name
	BasePath     string // that its mapping matched: "v1", or "(none)"; "" elsewhere
	RoutingRule  string // id of the domain's routing rule that matched, "" elsewhere
	EdgeID       string // X-Amz-Cf-Id of a request that passed CloudFront, "" for others

	// HTTP is the request as it came in, for who checks its signature.
	HTTP *http.Request

	// Test is set for a call of TestInvokeMethod, which comes through no front.
	Test *Test

	PathValues []string // of the method's PathParams, encoded as sent
	Body       []byte
	Rewritten  bool // the path is not the client's: a parameter mapping put another in its place

	headers  http.Header
	names    func(canonical string) string
	prepared bool
	query    Params
	parsed   bool
	trace    string
	ownTrace bool // the client sent none
	newTrace func() string
}

// A Test is what is known of a test invocation instead of a client.
type Test struct {
	UserAgent string // of who asked for the test
}

// EdgeHost is the host of the CloudFront distribution that edge-optimized endpoints are behind.
const EdgeHost = "d2p0s7t8e9r1n0.cloudfront.net"

// ShownPath is the path in proxy events: without the stage, but with the base path that a
// custom domain's mapping matched.
func (r *Request) ShownPath() string {
	if r.CustomDomain {
		return r.StagePath
	}
	return r.Path
}

// SetHeaders hands the client's headers over to the Request. newTrace makes the trace id of a request that came without one.
func (r *Request) SetHeaders(h http.Header, newTrace func() string) {
	r.headers, r.newTrace, r.prepared = h, newTrace, false
}

// ReplaceHeader makes h, which has what API Gateway's front adds, the one that Header returns.
func (r *Request) ReplaceHeader(h http.Header) { r.headers, r.prepared = h, true }

// ReplaceQuery makes another query string the request's.
func (r *Request) ReplaceQuery(raw string) { r.RawQuery, r.parsed = raw, false }

// Header returns the headers that mappings and integrations see: the client's without
// the invisible ones, with Host and what API Gateway's front adds. Names are canonical.
// It must not be changed.
func (r *Request) Header() http.Header {
	if !r.prepared {
		r.prepare()
	}
	return r.headers
}

func (r *Request) prepare() {
	r.prepared = true
	added := 5
	if r.EdgeID != "" {
		added += 9
	}
	h := make(http.Header, len(r.headers)+added) // at once: growing it costs more than all the rest
	for name, values := range r.headers {
		if Visible(name) {
			h[name] = values
		}
	}
	r.headers = h
	if r.Test != nil {
		return
	}
	h["X-Amzn-Trace-Id"] = []string{r.TraceID()}
	if r.Host != "" {
		h["Host"] = []string{r.Host}
	}
	if r.SourceIP == "" { // a test invocation has no front
		return
	}
	forwarded := r.SourceIP
	if before := h.Get("X-Forwarded-For"); before != "" {
		forwarded = before + ", " + forwarded
	}
	h["X-Forwarded-For"] = []string{forwarded}
	port, proto := "80", "http"
	if r.Secure {
		port, proto = "443", "https"
	}
	if _, p, err := net.SplitHostPort(r.Host); err == nil {
		if _, err := strconv.Atoi(p); err == nil {
			port = p
		}
	}
	h["X-Forwarded-Port"] = []string{port}
	h["X-Forwarded-Proto"] = []string{proto}
	if r.EdgeID != "" {
		r.addEdge(h)
	}
}

// addEdge adds what CloudFront tells an API's origin. Unlike AWS, nothing is known of where the
// viewer is: what the client says of its country and network stands, else both are made up.
func (r *Request) addEdge(h http.Header) {
	via := "1.1 " + EdgeHost + " (CloudFront)"
	if r.Protocol == "HTTP/2.0" {
		via = "2.0 " + EdgeHost + " (CloudFront)"
	}
	if before := h["Via"]; len(before) > 0 {
		via = strings.Join(before, ", ") + ", " + via
	}
	h["Via"] = []string{via}
	h["X-Amz-Cf-Id"] = []string{r.EdgeID}
	h["Cloudfront-Forwarded-Proto"] = h["X-Forwarded-Proto"]
	if h["Cloudfront-Viewer-Country"] == nil {
		h["Cloudfront-Viewer-Country"] = edgeCountry
	}
	if h["Cloudfront-Viewer-Asn"] == nil {
		h["Cloudfront-Viewer-Asn"] = edgeNetwork
	}
	desktop, mobile, tablet := isTrue, isFalse, isFalse
	switch agent := r.UserAgent(); {
	case strings.Contains(agent, "iPad") || strings.Contains(agent, "Tablet"):
		desktop, tablet = isFalse, isTrue
	case strings.Contains(agent, "Mobile"):
		desktop, mobile = isFalse, isTrue
	}
	h["Cloudfront-Is-Desktop-Viewer"] = desktop
	h["Cloudfront-Is-Mobile-Viewer"] = mobile
	h["Cloudfront-Is-Smarttv-Viewer"] = isFalse
	h["Cloudfront-Is-Tablet-Viewer"] = tablet
}

// Values that all requests share: nothing may change them.
var (
	isTrue, isFalse = []string{"true"}, []string{"false"}
	edgeCountry     = []string{"US"}
	edgeNetwork     = []string{"64496"}
)

// SetHeaderNames tells how the client spelled the names of its headers, given in canonical
// form; "" for what the client did not send. The front may leave it out: then all are canonical.
func (r *Request) SetHeaderNames(spelled func(canonical string) string) { r.names = spelled }

// HeaderName returns a header's name as proxy events show it: as the client spelled it,
// but for the few that API Gateway spells itself. (Recorded: facts/rest-dataplane.md §5.)
func (r *Request) HeaderName(canonical string) string {
	if r.EdgeID != "" {
		if name, ok := edgeNames[canonical]; ok {
			return name
		}
	}
	switch canonical {
	case "Accept", "Authorization", "Content-Type", "Host", "User-Agent",
		"X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto": // these it writes anew
		return canonical
	}
	return r.Spelling(canonical)
}

// Spelling is how the client spelled the name of a header, or the canonical name where nobody knows.
func (r *Request) Spelling(canonical string) string {
	if r.names != nil {
		if spelled := r.names(canonical); spelled != "" {
			return spelled
		}
	}
	return standardName(canonical)
}

// standardName is the name of a header whose spelling nobody knows: WebSocket's are not in Go's canonical form.
func standardName(canonical string) string {
	if rest, ok := strings.CutPrefix(canonical, "Sec-Websocket-"); ok {
		return "Sec-WebSocket-" + rest
	}
	return canonical
}

// edgeNames are CloudFront's headers as it spells them.
var edgeNames = map[string]string{
	"Via":                          "Via",
	"X-Amz-Cf-Id":                  "X-Amz-Cf-Id",
	"Cloudfront-Forwarded-Proto":   "CloudFront-Forwarded-Proto",
	"Cloudfront-Viewer-Country":    "CloudFront-Viewer-Country",
	"Cloudfront-Viewer-Asn":        "CloudFront-Viewer-ASN",
	"Cloudfront-Is-Desktop-Viewer": "CloudFront-Is-Desktop-Viewer",
	"Cloudfront-Is-Mobile-Viewer":  "CloudFront-Is-Mobile-Viewer",
	"Cloudfront-Is-Smarttv-Viewer": "CloudFront-Is-SmartTV-Viewer",
	"Cloudfront-Is-Tablet-Viewer":  "CloudFront-Is-Tablet-Viewer",
}

// HeaderValues returns a header's values, nil if there are none or mappings may not see it.
func (r *Request) HeaderValues(name string) []string {
	canonical := http.CanonicalHeaderKey(name)
	if !r.prepared && asSent(canonical) { // one header needs no preparation of all
		return r.headers[canonical]
	}
	return r.Header()[canonical]
}

// asSent tells the headers that prepare leaves alone.
func asSent(canonical string) bool {
	switch canonical {
	case "Host", "Via", "X-Amzn-Trace-Id", "X-Amz-Cf-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto":
		return false
	}
	return Visible(canonical) && !strings.HasPrefix(canonical, "Cloudfront-")
}

// HeaderValue returns a header's last value: the one that counts where only one does.
func (r *Request) HeaderValue(name string) (string, bool) {
	values := r.HeaderValues(name)
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

// ContentType and Accept are read on every call, before anyone needs the whole header.

// ContentType returns the media type of the body, "" if the client named none.
func (r *Request) ContentType() string {
	return MediaType(first(r.headers["Content-Type"]))
}

// Accept returns the first media type that the client accepts, "" if it named none.
func (r *Request) Accept() string {
	return MediaType(first(r.headers["Accept"]))
}

// UserAgent returns the client's User-Agent header.
func (r *Request) UserAgent() string {
	if r.Test != nil {
		return r.Test.UserAgent
	}
	return first(r.headers["User-Agent"])
}

// Referer returns the client's Referer header.
func (r *Request) Referer() string { return first(r.headers["Referer"]) }

// APIKey returns the client's x-api-key header.
func (r *Request) APIKey() string { return first(r.headers["X-Api-Key"]) }

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// Query returns the decoded query parameters.
func (r *Request) Query() Params {
	if !r.parsed {
		r.query, r.parsed = ParseQuery(r.RawQuery), true
	}
	return r.query
}

// TraceID is the value of the X-Amzn-Trace-Id header that backends get: the client's, or a new one.
func (r *Request) TraceID() string {
	if r.trace == "" {
		r.trace = first(r.headers["X-Amzn-Trace-Id"])
	}
	if r.trace == "" && r.newTrace != nil {
		r.trace, r.ownTrace = r.newTrace(), true
	}
	return r.trace
}

// BeganTrace reports whether the trace id is the gateway's own, the client having sent none.
func (r *Request) BeganTrace() bool {
	r.TraceID()
	return r.ownTrace
}
