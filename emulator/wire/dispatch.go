package wire

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"
)

// A scope is what a request's signature says, unverified.
type scope struct {
	accessKeyID, region, service string
}

// parseScope reads the credential scope of a header or presigned signature; all is
// "" for a request without.
func parseScope(r *http.Request) scope {
	credential := ""
	if auth := r.Header.Get("Authorization"); strings.HasPrefix(auth, "AWS4-") {
		_, rest, _ := strings.Cut(auth, "Credential=")
		credential, _, _ = strings.Cut(rest, ",")
	} else if strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		credential = r.URL.Query().Get("X-Amz-Credential")
	}
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) < 5 {
		return scope{}
	}
	n := len(parts)
	return scope{accessKeyID: strings.Join(parts[:n-4], "/"), region: parts[n-3], service: parts[n-2]}
}

// ScopeOf is the access key, the region and the service of a request's signature, unverified; all is ""
// for a request without.
func ScopeOf(r *http.Request) (accessKeyID, region, service string) {
	s := parseScope(r)
	return s.accessKeyID, s.region, s.service
}

// callerOf says who sent the request.
func (m *Mux) callerOf(r *http.Request, s scope, id string) Caller {
	c := Caller{AccountID: DefaultAccountID, Region: s.region, AccessKeyID: s.accessKeyID, RequestID: id, UserAgent: r.UserAgent(), TraceID: r.Header.Get("X-Amzn-Trace-Id")}
	if c.Region == "" {
		c.Region = m.o.DefaultRegion
	}
	if isAccountID(s.accessKeyID) {
		c.AccountID = s.accessKeyID
	} else if m.o.Account != nil && s.accessKeyID != "" {
		if account := m.o.Account(r.Context(), s.accessKeyID); account != "" {
			c.AccountID = account
		}
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	c.Endpoint = scheme + "://" + r.Host
	return c
}

func isAccountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// find routes a request: by X-Amz-Target, by Action, else by method and path.
func (m *Mux) find(r *http.Request, s scope) (*call, error) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return m.findTarget(r, target)
	}
	if found := m.findREST(r); found != nil {
		if err := checkContentType(r, found.route); err != nil {
			return nil, err
		}
		body, err := readBody(r, found.route)
		if err != nil {
			return nil, err
		}
		found.body = body
		return found, nil
	}
	if r.URL.Path == "/" {
		return m.findAction(r, s)
	}
	return nil, unknownRoute(s.service)
}

// findTarget routes AWS JSON: Logs_20140328.CreateLogGroup.
func (m *Mux) findTarget(r *http.Request, target string) (*call, error) {
	prefix, name, _ := strings.Cut(target, ".")
	route := m.byName[m.targets[prefix]][name]
	if route == nil {
		return nil, &Error{Status: 400, Code: "UnknownOperationException", Message: "Postern does not know the operation " + target}
	}
	body, err := readBody(r, route)
	if err != nil {
		return nil, err
	}
	return &call{route: route, req: r, body: body}, nil
}

// findAction routes the Query protocol: a form in the body or the query string.
func (m *Mux) findAction(r *http.Request, s scope) (*call, error) {
	form := r.URL.Query()
	body, err := readBody(r, nil)
	if err != nil {
		return nil, err
	}
	if r.Method == http.MethodPost {
		posted, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, &Error{Status: 400, Code: "MalformedQueryString", Message: "The body is not a form: " + err.Error()}
		}
		for k, v := range posted {
			form[k] = v
		}
	}
	action := form.Get("Action")
	if action == "" {
		return nil, unknownRoute(s.service)
	}
	service := s.service
	if m.byName[service] == nil {
		service = m.serviceOfAction(action, form.Get("Version"))
	}
	route := m.byName[service][action]
	if route == nil || route.codec.protocol != awsQuery {
		return nil, &Error{Status: 400, Code: "InvalidAction", Message: "Could not find operation " + action + " for version " + form.Get("Version")}
	}
	return &call{route: route, req: r, body: body, form: form}, nil
}

// serviceOfAction finds an unsigned request's service by the API version.
func (m *Mux) serviceOfAction(action, version string) string {
	for name, routes := range m.byName {
		if route := routes[action]; route != nil && (version == "" || route.codec.version == version) {
			return name
		}
	}
	return ""
}

// findREST routes by path. A slash at the end means nothing: older SDKs send one.
func (m *Mux) findREST(r *http.Request) *call {
	path := r.URL.EscapedPath()
	if len(path) > 1 && strings.HasSuffix(path, "/") {
		r = withPath(r, strings.TrimSuffix(path, "/"))
		path = r.URL.EscapedPath()
	}
	router := m.rest[routerKey(r.Method, path)]
	if router == nil {
		return nil
	}
	found, labels := router.match(r)
	if found == nil {
		return nil
	}
	return &call{route: found, req: mux.SetURLVars(r, labels)}
}

func withPath(r *http.Request, escaped string) *http.Request {
	u := *r.URL
	u.RawPath = escaped
	if p, err := url.PathUnescape(escaped); err == nil {
		u.Path = p
	}
	c := r.WithContext(r.Context())
	c.URL = &u
	return c
}

// checkContentType refuses bodies that say they are something else than JSON. What
// has a raw body may be anything.
func checkContentType(r *http.Request, o *route) error {
	for _, b := range o.spec.in {
		if b.kind == payload {
			return nil
		}
	}
	contentType := strings.ToLower(r.Header.Get("Content-Type"))
	if strings.Contains(contentType, "xml") || strings.HasPrefix(contentType, "multipart/") {
		return &Error{Status: http.StatusUnsupportedMediaType, Code: "UnsupportedMediaTypeException", Message: "Unsupported Media Type: " + contentType}
	}
	return nil
}

// unknownRoute is AWS's error for a path that no operation has: API Gateway's front
// takes it for a request it cannot authenticate, Lambda finds nothing to authorize
// (clients that called it by GET, or with two slashes, reported its text), the others
// know no such operation.
func unknownRoute(service string) error {
	switch service {
	case "", "apigateway":
		return &Error{Status: http.StatusForbidden, Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
	case "lambda":
		text := "Unable to determine service/operation name to be authorized"
		return &Error{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: text, Fields: map[string]any{"Message": text}}
	}
	return &Error{Status: http.StatusNotFound, Code: "UnknownOperationException", Message: "Postern does not serve this path for " + service}
}

// refuseUnrouted answers a request whose operation is not known, in the protocol of
// the service it names.
func (m *Mux) refuseUnrouted(w http.ResponseWriter, r *http.Request, s scope, err error, id string) {
	c := m.codecs["apigateway"]
	for _, candidate := range m.codecs {
		if candidate.signing == s.service && candidate.service != "apigatewayv2" {
			c = candidate
		}
	}
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		c = m.codecs["cloudwatchlogs"]
	case r.URL.Path == "/" && r.Method == http.MethodPost && s.service == "":
		c = m.codecs["iam"]
	}
	m.refuse(w, r, c, err, id)
}
