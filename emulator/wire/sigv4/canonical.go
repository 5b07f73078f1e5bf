package sigv4

import (
	"net/http"
	"path"
	"slices"
	"strings"
)

// canonicalRequest rebuilds what was signed. omitToken leaves the session token out
// of a presigned query, as services do that add it after signing.
func (s *Signature) canonicalRequest(r *http.Request, payloadHash string, rawPath, omitToken bool) string {
	wirePath, query := target(r)
	var b strings.Builder
	b.WriteString(r.Method + "\n")
	b.WriteString(canonicalPath(wirePath, rawPath) + "\n")
	b.WriteString(s.canonicalQuery(query, omitToken) + "\n")
	for _, name := range s.SignedHeaders {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(s.SignedHeaders, ";") + "\n" + payloadHash)
	return b.String()
}

// target is path and query as they came over the wire.
func target(r *http.Request) (path, query string) {
	if r.RequestURI == "" {
		return r.URL.EscapedPath(), r.URL.RawQuery
	}
	uri := r.RequestURI
	if i := strings.Index(uri, "://"); i >= 0 && !strings.HasPrefix(uri, "/") { // absolute form
		if slash := strings.IndexByte(uri[i+3:], '/'); slash >= 0 {
			uri = uri[i+3+slash:]
		}
	}
	path, query, _ = strings.Cut(uri, "?")
	return path, query
}

// canonicalPath encodes the path as it came once more; S3 alone takes it raw.
func canonicalPath(p string, raw bool) string {
	if p == "" {
		return "/"
	}
	if !raw {
		slash := strings.HasSuffix(p, "/") || strings.HasSuffix(p, "/.") || strings.HasSuffix(p, "/..")
		p = path.Clean("/" + p)
		if slash && p != "/" {
			p += "/"
		}
	}
	var b strings.Builder
	for i := range len(p) {
		if p[i] == '/' || raw && p[i] == '%' {
			b.WriteByte(p[i])
			continue
		}
		encodeByte(&b, p[i])
	}
	return b.String()
}

// canonicalQuery sorts the encoded parameters by name, then value.
func (s *Signature) canonicalQuery(query string, omitToken bool) string {
	type parameter struct{ name, value string }
	var all []parameter
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, value = reencode(name), reencode(value)
		if s.Presigned && (name == "X-Amz-Signature" || omitToken && name == "X-Amz-Security-Token") {
			continue
		}
		all = append(all, parameter{name, value})
	}
	slices.SortFunc(all, func(a, b parameter) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	var b strings.Builder
	for i, p := range all {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name + "=" + p.value)
	}
	return b.String()
}

// reencode decodes percent signs and encodes the bytes again; a plus is a plus.
func reencode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			encodeByte(&b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		encodeByte(&b, s[i])
	}
	return b.String()
}

const upperHex = "0123456789ABCDEF"

func encodeByte(b *strings.Builder, c byte) {
	if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
		b.WriteByte(c)
		return
	}
	b.WriteByte('%')
	b.WriteByte(upperHex[c>>4])
	b.WriteByte(upperHex[c&15])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// headerValue joins a header's values, inner runs of blanks collapsed.
func headerValue(r *http.Request, name string) string {
	if name == "host" {
		return r.Host
	}
	values := r.Header.Values(name)
	if name == "content-length" && len(values) == 0 && r.ContentLength >= 0 {
		return formatInt(r.ContentLength)
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ",")
}
