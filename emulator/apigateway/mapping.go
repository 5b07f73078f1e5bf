package apigateway

import (
	"fmt"
	"maps"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"
)

// Mapping expressions: the left side names what is set, the right side where the
// value comes from (API Gateway developer guide, "Data mapping reference").
var (
	requestTarget  = lazyregexp.New(`^integration\.request\.(path|querystring|header)\.\S+$`)
	requestSource  = lazyregexp.New(`^method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.(\S+)$`)
	requestBody    = lazyregexp.New(`^method\.request\.body(\.\S+)?$`)
	responseSource = lazyregexp.New(`^integration\.response\.((multivalue)?header\.\S+|body(\.\S+)?)$`)
	commonSource   = lazyregexp.New(`(?s)^('.*'|stageVariables\.\w+|context\.\S+)$`)
)

// checkRequestMapping checks an integration's requestParameters; what they take of
// the method's parameters must be declared there.
func checkRequestMapping(mapping map[string]string, declared map[string]bool) error {
	for _, target := range slices.Sorted(maps.Keys(mapping)) {
		if !requestTarget.MatchString(target) {
			return invalidMapping("Invalid mapping expression parameter specified: %s", target)
		}
		if source := mapping[target]; !isRequestSource(source, declared) {
			return invalidMapping("Invalid mapping expression specified: %s", source)
		}
	}
	return nil
}

func isRequestSource(source string, declared map[string]bool) bool {
	if commonSource.MatchString(source) || requestBody.MatchString(source) {
		return true
	}
	m := requestSource.FindStringSubmatch(source)
	if m == nil {
		return false
	}
	_, ok := declared["method.request."+strings.TrimPrefix(m[1], "multivalue")+"."+m[2]]
	return ok
}

// checkResponseMapping checks an integration response's responseParameters; the
// headers they set must be declared by the method response.
func checkResponseMapping(mapping map[string]string, declared map[string]bool) error {
	for _, target := range slices.Sorted(maps.Keys(mapping)) {
		if _, ok := declared[target]; !ok || !responseParameter.MatchString(target) {
			return invalidMapping("Invalid mapping expression parameter specified: %s", target)
		}
		if source := mapping[target]; !commonSource.MatchString(source) && !responseSource.MatchString(source) {
			return invalidMapping("Invalid mapping expression specified: %s", source)
		}
	}
	return nil
}

func invalidMapping(format string, args ...any) error {
	return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [%s]", fmt.Sprintf(format, args...))
}

// CheckTemplates checks what mapping templates are for; what they say is compiled
// when they are deployed.
func CheckTemplates(templates map[string]string) error {
	for _, t := range slices.Sorted(maps.Keys(templates)) {
		if !isContentType(t) {
			return invalidContentType(t)
		}
		if len(templates[t]) > maxTemplate {
			return templateTooLarge()
		}
	}
	return nil
}

// maxTemplate is API Gateway's limit for mapping templates in bytes (REST API guide, "Quotas"). The
// text is not recorded.
const maxTemplate = 300 << 10

func templateTooLarge() error {
	return badRequest("Template size exceeds the limit of %d bytes", maxTemplate)
}

func invalidContentType(t string) error {
	return badRequest("Validation Result: warnings : [], errors : [Invalid content type specified: %s]", t)
}
