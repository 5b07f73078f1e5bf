package gateway

import (
	"net/http"
	"strings"

	"postern/apigw/domain"
)

// A target is what an invoke URL names.
type target struct {
	api   string // lower case
	stage string
	path  string // after the stage, encoded as sent, with one slash at its front: "/pets/7"
	full  string // with the stage, as AWS shows it: "/prod/pets/7"
	host  string // that the API believes to be called at

	domain   *domain.Domain // that was called, nil for none
	basePath string         // that its mapping matched, "" for none
	rule     string         // id of its routing rule that matched, "" for none
	endpoint string         // id of the VPC endpoint that the URL names, "" for none
	alias    bool           // the endpoint is named beside the API: {api}-{endpoint}
	function bool           // api is the id of a function URL
}

// Prefixes of the path forms.
const (
	pathForm    = "/_aws/execute-api/"
	olderForm   = "/restapis/"
	userRequest = "_user_request_"
	apiIDHeader = "X-Apigw-Api-Id"
	apiLabel    = "execute-api"

	endpointPrefix = "vpce-"
)

// parse reads the forms of an invoke URL:
//
//	{api}.execute-api.<any host>/{stage}/{path}       also {api}-vpce-….execute-api.…
//	vpce-….execute-api.<any host>/{stage}/{path}      with the header x-apigw-api-id: {api}
//	{custom domain}/{what its mappings say}
//	/_aws/execute-api/{api}/{stage}/{path}
//	/restapis/{api}/{stage}/_user_request_/{path}
//	any host with the header x-apigw-api-id: {api}    /{stage}/{path}
//	{url id}.lambda-url.<any host>/{path}             of a function URL, also /_aws/lambda-url/{url id}/{path}
func (g *Gateway) parse(r *http.Request) (target, bool) {
	path := r.URL.EscapedPath()
	if t, ok := functionURL(r.Host, path); ok {
		return t, true
	}
	if api, endpoint, ok := apiOfHost(r.Host); ok {
		alias := api != ""
		if !alias {
			api = r.Header.Get(apiIDHeader)
		}
		t := newTarget(api, path, r.Host)
		t.endpoint, t.alias = endpoint, alias && endpoint != ""
		return t, true
	}
	if d := g.o.Domains.Lookup(r.Host); d != nil {
		return domainTarget(d, path, r), true
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

// apiOfHost is the API id of a host {api}.execute-api.…, and the id of a VPC endpoint: it
// stands after the API's as vpce-…, or instead of it, with a few characters of its own behind it.
func apiOfHost(host string) (api, endpoint string, ok bool) {
	label, ok := labelBefore(host, apiLabel)
	if !ok {
		return "", "", false
	}
	if id, ok := strings.CutPrefix(label, endpointPrefix); ok {
		id, _, _ = strings.Cut(id, "-")
		return "", endpointPrefix + id, true
	}
	if i := strings.Index(label, "-"+endpointPrefix); i > 0 {
		return label[:i], label[i+1:], true
	}
	return label, "", true
}

// labelBefore is the first label of a host, in lower case, whose second one is given.
func labelBefore(host, second string) (first string, ok bool) {
	first, rest, ok := strings.Cut(host, ".")
	if !ok || first == "" || len(rest) < len(second) || !strings.EqualFold(rest[:len(second)], second) {
		return "", false
	}
	if after := rest[len(second):]; after != "" && after[0] != '.' && after[0] != ':' {
		return "", false
	}
	return strings.ToLower(first), true
}

// domainTarget is what the routing rules and mappings of a custom domain say; its api is "" where none
// matches.
func domainTarget(d *domain.Domain, path string, r *http.Request) target {
	t := target{domain: d, host: r.Host, path: path, full: path}
	if m, ok := d.Match(path, r); ok {
		t.api, t.stage, t.path, t.full, t.basePath, t.rule = m.API, m.Stage, m.Path, m.Full, m.BasePath, m.Rule
	}
	return t
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
	return onPort(strings.ToLower(api)+"."+apiLabel+".localhost", host)
}

// onPort is a name with the port of a host, if that has one.
func onPort(name, host string) string {
	_, port, ok := strings.Cut(host, ":")
	if !ok || strings.Contains(port, ":") { // none, or an IPv6 address
		port = ""
		if i := strings.LastIndex(host, "]:"); i >= 0 {
			port = host[i+2:]
		}
	}
	if port == "" {
		return name
	}
	return name + ":" + port
}
