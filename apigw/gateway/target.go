package gateway

import (
	"net/http"
	"strings"
)

// A target is what an invoke URL names.
type target struct {
	api   string // lower case
	stage string
	path  string // after the stage, encoded as sent, with one slash at its front: "/pets/7"
	full  string // with the stage, as AWS shows it: "/prod/pets/7"
	host  string // that the API believes to be called at
}

// Prefixes of the path forms.
const (
	pathForm    = "/_aws/execute-api/"
	olderForm   = "/restapis/"
	userRequest = "_user_request_"
	apiIDHeader = "X-Apigw-Api-Id"
	apiLabel    = "execute-api"
)

// parseTarget reads the forms of an invoke URL:
//
//	{api}.execute-api.<any host>/{stage}/{path}       also {api}-vpce-….execute-api.…
//	/_aws/execute-api/{api}/{stage}/{path}
//	/restapis/{api}/{stage}/_user_request_/{path}
//	any host with the header x-apigw-api-id: {api}    /{stage}/{path}
func parseTarget(r *http.Request) (target, bool) {
	path := r.URL.EscapedPath()
	if api, ok := apiOfHost(r.Host); ok {
		return newTarget(api, path, r.Host), true
	}
	if rest, ok := strings.CutPrefix(path, pathForm); ok {
		api, rest, _ := strings.Cut(rest, "/")
		return newTarget(api, "/"+rest, hostFor(api, r.Host)), true
	}
	if rest, ok := strings.CutPrefix(path, olderForm); ok {
		api, rest, _ := strings.Cut(rest, "/")
		stage, rest, _ := strings.Cut(rest, "/")
		first, rest, more := strings.Cut(rest, "/")
		if first != userRequest {
			return target{}, false // a management request
		}
		if more {
			rest = "/" + rest
		}
		return newTarget(api, "/"+stage+rest, hostFor(api, r.Host)), true
	}
	if api := r.Header.Get(apiIDHeader); api != "" {
		return newTarget(api, path, r.Host), true
	}
	return target{}, false
}

// apiOfHost is the API id of a host {api}.execute-api.…; an endpoint id after it,
// as private APIs have, says nothing here.
func apiOfHost(host string) (string, bool) {
	api, rest, ok := strings.Cut(host, ".")
	if !ok || len(rest) < len(apiLabel) || !strings.EqualFold(rest[:len(apiLabel)], apiLabel) {
		return "", false
	}
	if after := rest[len(apiLabel):]; after != "" && after[0] != '.' && after[0] != ':' {
		return "", false
	}
	if i := strings.Index(api, "-vpce-"); i >= 0 {
		api = api[:i]
	}
	return api, api != ""
}

// newTarget splits a path into stage and rest. Slashes before the stage are dropped;
// those after it count as one, but still show in the full path (recorded on AWS).
func newTarget(api, path, host string) target {
	t := target{api: strings.ToLower(api), host: host}
	trimmed := strings.TrimLeft(path, "/")
	stage, rest, more := strings.Cut(trimmed, "/")
	t.stage, t.full = stage, "/"+trimmed
	t.path = "/"
	if more {
		if rest = strings.TrimLeft(rest, "/"); rest != "" {
			t.path = "/" + rest
		}
	}
	return t
}

// hostFor is the host of an API that was called by a path form: the host form on the
// same port, so that what a function makes of it can be called.
func hostFor(api, host string) string {
	_, port, ok := strings.Cut(host, ":")
	if !ok || strings.Contains(port, ":") { // none, or an IPv6 address
		port = ""
		if i := strings.LastIndex(host, "]:"); i >= 0 {
			port = host[i+2:]
		}
	}
	name := strings.ToLower(api) + "." + apiLabel + ".localhost"
	if port == "" {
		return name
	}
	return name + ":" + port
}
