package integration

import (
	"fmt"
	"net/url"
	"strings"

	"postern/apigw"
	"postern/apigw/service"
)

// A target is what the URI of an AWS integration names:
//
//	arn:aws:apigateway:{region}:{subdomain.}{service}:path/{path}
//	arn:aws:apigateway:{region}:{subdomain.}{service}:action/{Action}&{name}={value}
type target struct {
	service           service.Service
	region, subdomain string
	path              string // escaped, with a query of its own; of the path form
	action, query     string // of the action form
}

// A ServiceURI is the URI of an AWS integration in its parts.
type ServiceURI struct {
	Region, Subdomain, Service string
	Rest                       string // what follows the service: "path/…", "action/…"
}

// SplitURI takes the URI of an AWS integration apart.
func SplitURI(uri string) (ServiceURI, error) {
	parts := strings.SplitN(uri, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "apigateway" {
		return ServiceURI{}, fmt.Errorf("%q is not the ARN of an AWS service integration", uri)
	}
	u := ServiceURI{Region: parts[3], Service: parts[4], Rest: parts[5]}
	if i := strings.LastIndexByte(u.Service, '.'); i >= 0 {
		u.Subdomain, u.Service = u.Service[:i], u.Service[i+1:]
	}
	return u, nil
}

func parseTarget(uri string) (target, error) {
	u, err := SplitURI(uri)
	if err != nil {
		return target{}, err
	}
	t := target{region: u.Region, subdomain: u.Subdomain, service: service.Find(u.Service)}
	if path, ok := strings.CutPrefix(u.Rest, "path/"); ok {
		t.path = "/" + strings.TrimPrefix(path, "/")
		return t, nil
	}
	action, ok := strings.CutPrefix(u.Rest, "action/")
	if !ok {
		return t, fmt.Errorf("%q has neither path/ nor action/", uri)
	}
	t.action = action
	if i := strings.IndexAny(action, "?&"); i >= 0 {
		t.action, t.query = action[:i], action[i+1:]
	}
	if t.action == "" {
		return t, fmt.Errorf("%q names no action", uri)
	}
	return t, nil
}

// ServiceOf is the service that the URI of an AWS integration names.
func ServiceOf(uri string) (service.Service, error) {
	t, err := parseTarget(uri)
	return t.service, err
}

// contentType is what API Gateway says of a body where nothing else is mapped: actions of
// services that speak JSON need their own.
func (t target) contentType() string {
	if own := t.service.ContentType(); own != "" && t.action != "" {
		return own
	}
	return "application/json"
}

// jsonTarget is the X-Amz-Target of an action, "" where the service has none.
func (t target) jsonTarget() string {
	if t.action == "" || t.service.Target == "" {
		return ""
	}
	return t.service.Target + "." + t.action
}

// outgoing makes the request, without headers, for a service that answers at base.
//
// Its Host is that of base, since who answers there verifies the signature with it. A subdomain is
// in AWS's own host name instead; the one of S3, a bucket, goes where every S3 has it: into the path.
func (t target) outgoing(x *apigw.Exchange, base *url.URL) (*outgoing, error) {
	from := &x.Endpoint.Request
	path, query, _ := strings.Cut(t.path, "?")
	if t.action != "" {
		path, query = "/", joinQuery("Action="+url.QueryEscape(t.action), t.query)
	}
	bucket := t.service.Name == "s3" && t.subdomain != ""
	if bucket {
		path = "/" + t.subdomain + path
	}
	u, err := url.Parse(base.Scheme + "://" + base.Host + strings.TrimSuffix(base.EscapedPath(), "/") + strictPath(path))
	if err != nil {
		return nil, apigw.ConfigurationError("Invalid endpoint address", err)
	}
	u.RawQuery = t.versioned(joinQuery(query, from.Query.Encode()))
	out := &outgoing{verb: from.Verb, url: u, host: u.Host, body: from.Body}
	if t.subdomain != "" && !bucket {
		out.host = t.subdomain + "." + t.service.Name + "." + t.region + ".amazonaws.com"
	}
	return out, nil
}

// versioned adds the version of the API to a call in the Query protocol that has none.
func (t target) versioned(query string) string {
	if t.action == "" || t.service.Version == "" {
		return query
	}
	if values, err := url.ParseQuery(query); err == nil && values.Has("Version") {
		return query
	}
	return joinQuery(query, "Version="+t.service.Version)
}

// strictPath encodes what signatures of AWS want encoded in a path and a URL may leave as it is.
// What is encoded already stays so.
func strictPath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		encoded := c == '%' && i+2 < len(path) && isHex(path[i+1]) && isHex(path[i+2])
		if encoded || c == '/' || isUnreserved(c) {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
