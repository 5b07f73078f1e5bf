package httpapi

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"postern/apigw"
)

// A RequestMapping changes requests on their way to an integration: the requestParameters of one
// without a subtype. Nil changes nothing. (HTTP API guide, "Transform API requests and responses".)
type RequestMapping struct {
	header, query []operation
	path          *Expression
}

// ParseRequestMapping reads requestParameters. The error joins all that is wrong with them.
func ParseRequestMapping(parameters map[string]string) (*RequestMapping, error) {
	if len(parameters) == 0 {
		return nil, nil
	}
	m := &RequestMapping{}
	err := compile(parameters, "Request", ParseRequest, func(t target, value Expression) error {
		o := operation{action: t.action, name: t.name, value: value}
		switch t.group {
		case "header":
			m.header = append(m.header, o)
		case "querystring":
			m.query = append(m.query, o)
		case "path":
			m.path = &value
		default:
			return errTarget
		}
		return nil
	})
	inOrder(m.header)
	inOrder(m.query)
	return m, err
}

// apply is the request as the integration gets it. Values come from the client's, and a mapping whose
// value leads to nothing is left out.
func (m *RequestMapping) apply(x *apigw.Exchange) apigw.Request {
	header := x.Request.Header()
	r := x.Request
	if len(m.header) > 0 {
		h := maps.Clone(header)
		for i := range m.header {
			if v, ok := m.header[i].value.Resolve(x); ok {
				m.header[i].on(h, v)
			}
		}
		r.ReplaceHeader(h)
	}
	if len(m.query) > 0 {
		r.ReplaceQuery(m.mapQuery(x))
	}
	if path, ok := m.overwritten(x); ok {
		r.Path, r.StagePath, r.Rewritten = path, path, true
	}
	return r
}

// host is the Host that a backend gets, if a mapping makes one: load balancers that know several hosts by
// their names need it ("overwrite:header.host" in many Terraform modules).
func (m *RequestMapping) host(x *apigw.Exchange) (host string, ok bool) {
	if m == nil {
		return "", false
	}
	for i := range m.header {
		if o := &m.header[i]; o.name == "Host" && o.action != remove {
			host, ok = o.value.Resolve(x)
		}
	}
	return host, ok
}

func (m *RequestMapping) mapQuery(x *apigw.Exchange) string {
	query := slices.Clone(x.Request.Query())
	for i := range m.query {
		o := &m.query[i]
		v, ok := o.value.Resolve(x)
		switch {
		case !ok:
		case o.action == remove:
			query = slices.DeleteFunc(query, func(p apigw.Param) bool { return p.Name == o.name })
		case o.action == overwrite:
			query.Set(o.name, v)
		default:
			for i := range query {
				query[i].Values = slices.Clip(query[i].Values)
			}
			query.Add(o.name, v)
		}
	}
	return query.Encode()
}

// overwritten is the path that takes the place of the request's, encoded.
func (m *RequestMapping) overwritten(x *apigw.Exchange) (string, bool) {
	if m.path == nil {
		return "", false
	}
	path, ok := m.path.Resolve(x)
	if !ok {
		return "", false
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	u := url.URL{Path: path}
	if decoded, err := url.PathUnescape(path); err == nil { // it may be encoded already
		u = url.URL{Path: decoded, RawPath: path}
	}
	return u.EscapedPath(), true
}
