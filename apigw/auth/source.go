package auth

import (
	"fmt"
	"strconv"
	"strings"

	"postern/apigw"
	"postern/apigw/integration"
)

// A Source is a place in the request that tells who calls.
type Source struct {
	Expression string // "method.request.header.Authorization"
	values     apigw.Value
}

// ParseSources reads an identitySource: mapping expressions separated by commas. All values of a
// header or query parameter count, so that no two callers are taken for one.
func ParseSources(list string) (all []Source, err error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		s := Source{Expression: strings.TrimSpace(part)}
		multiple := strings.Replace(s.Expression, "method.request.header.", "method.request.multivalueheader.", 1)
		multiple = strings.Replace(multiple, "method.request.querystring.", "method.request.multivaluequerystring.", 1)
		if s.values, err = integration.RequestValue(multiple); err != nil {
			return nil, fmt.Errorf("identity source: %w", err)
		}
		all = append(all, s)
	}
	return all, nil
}

// value is what stands there, "" for nothing.
func (s *Source) value(x *apigw.Exchange) string {
	values := s.values(x)
	if len(values) == 1 {
		return values[0]
	}
	return strings.Join(values, ",")
}

// identity is the values of sources, nil if one is missing or empty.
func identity(sources []Source, x *apigw.Exchange, values []string) ([]string, bool) {
	for i := range sources {
		v := sources[i].value(x)
		if v == "" {
			return nil, false
		}
		values = append(values, v)
	}
	return values, true
}

// cacheKey joins values so that no others make the same key.
func cacheKey(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	var few [256]byte
	b := few[:0]
	for _, v := range values {
		b = append(append(strconv.AppendInt(b, int64(len(v)), 10), ':'), v...)
	}
	return string(b)
}
