package apigw

import (
	"net/url"
	"strings"
)

// A Param is a query parameter with its values in the order of the request.
type Param struct {
	Name   string
	Values []string
}

// Last is the value that counts where only one does.
func (p Param) Last() string { return p.Values[len(p.Values)-1] }

// Params are query parameters in the order in which their names first appear.
type Params []Param

// Get returns the values of a parameter, nil if there is none. Names are case-sensitive.
func (p Params) Get(name string) []string {
	for i := range p {
		if p[i].Name == name {
			return p[i].Values
		}
	}
	return nil
}

// Add appends a value to a parameter.
func (p *Params) Add(name, value string) {
	for i := range *p {
		if (*p)[i].Name == name {
			(*p)[i].Values = append((*p)[i].Values, value)
			return
		}
	}
	*p = append(*p, Param{name, []string{value}})
}

// Set replaces the values of a parameter, in its place, or appends it.
func (p *Params) Set(name, value string) {
	for i := range *p {
		if (*p)[i].Name == name {
			(*p)[i].Values = []string{value}
			return
		}
	}
	*p = append(*p, Param{name, []string{value}})
}

// Encode is the query string of the parameters.
func (p Params) Encode() string {
	if len(p) == 0 {
		return ""
	}
	var b strings.Builder
	for _, param := range p {
		for _, v := range param.Values {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			b.WriteString(url.QueryEscape(param.Name))
			b.WriteByte('=')
			b.WriteString(url.QueryEscape(v))
		}
	}
	return b.String()
}

// ParseQuery decodes a query string once. API Gateway splits at ';' as well as at '&'
// (REST API guide, "Important notes"); what is not valid percent-encoding stays as sent.
func ParseQuery(raw string) Params {
	var params Params
	for raw != "" {
		part := raw
		if i := strings.IndexAny(raw, "&;"); i >= 0 {
			part, raw = raw[:i], raw[i+1:]
		} else {
			raw = ""
		}
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		params.Add(unescapeQuery(name), unescapeQuery(value))
	}
	return params
}

func unescapeQuery(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// UnescapePath decodes a path parameter; what is not valid percent-encoding stays as sent.
func UnescapePath(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}
