package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"postern/apigw"
	"postern/apigw/integration"
)

// headerNames are the canonical names of the headers that events show, in the order of their bytes.
// Content-Length is there even where the client sent none, Cookie only where the event has it nowhere else.
func headerNames(names []string, r *apigw.Request, cookies bool) []string {
	for name, values := range r.Header() {
		if len(values) > 0 && (cookies || name != "Cookie") {
			names = append(names, name)
		}
	}
	names = append(names, contentLength)
	slices.Sort(names)
	return names
}

const contentLength = "Content-Length"

// appendHeaders appends the headers of format 2.0: names in lower case, several values joined by commas.
func appendHeaders(b []byte, r *apigw.Request) []byte {
	var few [32]string
	b = append(b, '{')
	for i, name := range headerNames(few[:0], r, false) {
		b = append(appendLower(append(comma(b, i), '"'), name), `":`...)
		b = appendValue(b, r, name)
	}
	return append(b, '}')
}

// appendValue appends the values of a header as one string.
func appendValue(b []byte, r *apigw.Request, name string) []byte {
	if name == contentLength {
		b = strconv.AppendInt(append(b, '"'), int64(len(r.Body)), 10)
		return append(b, '"')
	}
	values := r.Header()[name]
	if len(values) == 1 {
		return integration.AppendString(b, values[0])
	}
	return integration.AppendString(b, strings.Join(values, ","))
}

// appendLower appends a header's name, which is ASCII.
func appendLower(b []byte, name string) []byte {
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// sortedQuery are the query parameters in the order of their names: events of AWS have all maps so.
func sortedQuery(r *apigw.Request) apigw.Params {
	params := r.Query()
	byName := func(a, b apigw.Param) int { return strings.Compare(a.Name, b.Name) }
	if slices.IsSortedFunc(params, byName) {
		return params
	}
	return slices.SortedFunc(slices.Values(params), byName)
}

// pathFields appends the decoded path parameters in the order of their names. (Recorded on AWS:
// the snapshots of aws/aws-lambda-dotnet, Tools/LambdaTestTool-v2.)
func pathFields(fields []apigw.Field, x *apigw.Exchange) []apigw.Field {
	names, values := x.Method.PathParams, x.Request.PathValues
	for i, name := range names[:min(len(names), len(values))] {
		fields = append(fields, apigw.Field{Name: name, Value: apigw.UnescapePath(values[i])})
	}
	slices.SortFunc(fields, func(a, b apigw.Field) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

// appendReply appends what of the headers of a function or a backend reaches the client: all but those
// of the connection and what the front writes itself. Names are in canonical form (recorded over
// HTTP/1.1: Apigw-Requestid, which AWS documents in lower case).
func appendReply(to, from apigw.Header) apigw.Header {
	to = slices.Grow(to, len(from)+1)
	for _, f := range from {
		f.Name = http.CanonicalHeaderKey(f.Name)
		switch f.Name {
		case "Connection", contentLength, "Date", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "Te", "Trailer",
			"Transfer-Encoding", "Upgrade":
			continue
		}
		to = append(to, f)
	}
	return to
}
