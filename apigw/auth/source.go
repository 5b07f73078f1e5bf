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

// ParseSelections reads the identity sources of HTTP and WebSocket APIs: selection expressions such as
// $request.header.x, $request.querystring.x, $context.x and $stageVariables.x, of WebSocket APIs
// route.request.header.x and so on without the dollar.
func ParseSelections(list []string) (all []Source, err error) {
	for _, selection := range list {
		mapping, ok := mappingOf(selection)
		if !ok {
			return nil, fmt.Errorf("identity source: %q is no header, query string parameter, context or stage variable", selection)
		}
		one, err := ParseSources(mapping)
		if err != nil {
			return nil, err
		}
		one[0].Expression = selection
		all = append(all, one[0])
	}
	return all, nil
}

// TokenSource reads the identity source of a JWT authorizer, a header or a query string parameter: Authorization
// where there is none.
func TokenSource(list []string) (apigw.Value, error) {
	if len(list) == 0 {
		list = []string{"$request.header.Authorization"}
	}
	all, err := ParseSelections(list)
	if err != nil {
		return nil, err
	}
	if len(all) != 1 || !strings.HasPrefix(all[0].Expression, "$request.") {
		return nil, fmt.Errorf("identity source: %q is not one header or query string parameter", list)
	}
	return all[0].values, nil
}

// mappingOf is the mapping expression of REST APIs that means the same as a selection expression.
func mappingOf(selection string) (mapping string, ok bool) {
	of := strings.TrimPrefix(strings.TrimSpace(selection), "$")
	switch of = strings.TrimPrefix(of, "route."); {
	case strings.Contains(of, ","):
		return "", false
	case strings.HasPrefix(of, "request.header."), strings.HasPrefix(of, "request.querystring."):
		return "method." + of, true
	}
	return of, strings.HasPrefix(of, "context.") || strings.HasPrefix(of, "stageVariables.")
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
