package apigw

import "strings"

// Visible reports whether mappings, $input.params and proxy events see a client's header,
// whose name is in Go's canonical form. (Recorded on AWS: facts/rest-dataplane.md §4.)
func Visible(canonical string) bool {
	switch canonical {
	case "Connection", "Content-Length", "Content-Md5", "Expect", "Max-Forwards", "Proxy-Authenticate",
		"Server", "Te", "Transfer-Encoding", "Trailer", "Upgrade", "Www-Authenticate":
		return false
	}
	return true
}

// Remap gives the name under which a header of a backend or a function reaches the
// client; ok is false for one that never does.
func Remap(name string) (remapped string, ok bool) {
	switch strings.ToLower(name) {
	case "transfer-encoding":
		return "", false
	case "authorization", "connection", "content-length", "content-md5", "date", "expect", "host",
		"max-forwards", "proxy-authenticate", "server", "trailer", "upgrade", "user-agent",
		"www-authenticate", "x-amzn-requestid":
		return "x-amzn-Remapped-" + name, true
	}
	return name, true
}

// MediaType is the type part of a Content-Type or of the first entry of an Accept
// header, in lower case and without parameters.
func MediaType(header string) string {
	if i := strings.IndexAny(header, ";,"); i >= 0 {
		header = header[:i]
	}
	return strings.ToLower(strings.TrimSpace(header))
}

// BinaryMediaTypes are the types whose bodies API Gateway treats as bytes.
type BinaryMediaTypes []string

// Match reports whether a media type (of MediaType) is binary. A wildcard counts on the
// right only; a wildcard in Accept is compared as text, so that "application/*"
// matches only itself and "*/*" (recorded on AWS).
func (b BinaryMediaTypes) Match(mediaType string) bool {
	for _, t := range b {
		if t == "*/*" || t == mediaType && mediaType != "" {
			return true
		}
		if group, ok := strings.CutSuffix(t, "/*"); ok && group != "*" && strings.HasPrefix(mediaType, group+"/") {
			return true
		}
	}
	return false
}
