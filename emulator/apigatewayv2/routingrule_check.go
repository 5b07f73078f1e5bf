package apigatewayv2

import (
	"errors"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/domainname"
	"postern/emulator/store"
)

// What a rule may have is in the REST API guide, "Routing rules to connect API stages to a custom domain
// name", "Restrictions" (read 2026-11). The texts are not AWS's.
const (
	maxPriority         = 1_000_000
	maxHeaderConditions = 2
	maxHeaderName       = 39
	maxGlob             = 127
	maxInfix            = 40 // its stars counted, as users measured
	maxBasePath         = 127
)

// checkRule refuses what no rule of the domain can be, and completes it.
func checkRule(tx *store.Tx, d *domainname.Domain, r *types.RoutingRule) error {
	if n := aws.ToInt32(r.Priority); n < 1 || n > maxPriority {
		return badRequest("Invalid priority specified. It must be between 1 and %d.", maxPriority)
	}
	basePath, err := checkConditions(r.Conditions)
	if err != nil {
		return err
	}
	if len(r.Actions) != 1 || r.Actions[0].InvokeApi == nil {
		return badRequest("A routing rule must have exactly one action.")
	}
	invoke := r.Actions[0].InvokeApi
	if invoke.StripBasePath == nil {
		invoke.StripBasePath = aws.Bool(false)
	}
	if *invoke.StripBasePath && !basePath {
		return badRequest("StripBasePath can only be true for a routing rule with a base path condition.")
	}
	err = apigateway.CheckTarget(tx, d, invoke.ApiId, invoke.Stage)
	if !errors.Is(err, apigateway.ErrNoAPI) {
		return err
	}
	if _, err = protocol(tx, invoke.ApiId, nil); err == nil {
		err = badRequest("Routing rules can only invoke REST APIs.")
	}
	return err
}

// checkConditions tells whether one of the conditions is on the base path. Of headers and base paths a
// condition has one or the other, and one value, as users measured.
func checkConditions(all []types.RoutingRuleCondition) (basePath bool, err error) {
	headers := 0
	for _, c := range all {
		switch path, header := c.MatchBasePaths, c.MatchHeaders; {
		case (path == nil) == (header == nil):
			return false, badRequest("A condition must have either matchBasePaths or matchHeaders.")
		case path != nil && basePath:
			return false, badRequest("A routing rule can have one matchBasePaths condition.")
		case path != nil:
			basePath = true
			err = checkBasePaths(path.AnyOf)
		default:
			headers++
			err = checkHeaders(header.AnyOf)
		}
		if err != nil {
			return basePath, err
		}
	}
	if headers > maxHeaderConditions {
		err = badRequest("A routing rule can have up to %d matchHeaders conditions.", maxHeaderConditions)
	}
	return basePath, err
}

var basePathPattern = lazyregexp.New(`^[A-Za-z0-9$\-_.+!*'()/]+$`)

func checkBasePaths(anyOf []string) error {
	if len(anyOf) != 1 {
		return badRequest("A matchBasePaths condition must have exactly one base path.")
	}
	path := anyOf[0]
	switch {
	case len(path) > maxBasePath:
		return badRequest("A base path must be less than %d characters.", maxBasePath+1)
	case !basePathPattern.MatchString(path):
		return badRequest("A base path may contain only letters, numbers and one of $-_.+!*'()/")
	case strings.HasPrefix(path, "/"), strings.HasSuffix(path, "/"), strings.Contains(path, "//"):
		return badRequest("A base path cannot start or end with a '/' or have consecutive '/'s.")
	}
	return nil
}

var (
	headerPattern = lazyregexp.New("^[A-Za-z0-9?\\-!#$%&'.^_`|~]+$")
	globPattern   = lazyregexp.New("^\\*?[A-Za-z0-9?\\-!#$%&'.^_`|~/]*\\*?$") // the guide's own example has a slash
)

// closedHeaders are those that no condition can be about, closedPrefixes how others of them begin.
var (
	closedHeaders = []string{
		"authorization", "connection", "content-encoding", "content-length", "content-location", "forwarded", "keep-alive", "origin",
		"proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding", "upgrade", "x-apigw-api-id",
		"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-restapi", "via",
	}
	closedPrefixes = []string{"access-control-", "apigw-", "x-amz-", "x-amzn-"}
)

func checkHeaders(anyOf []types.RoutingRuleMatchHeaderValue) error {
	if len(anyOf) != 1 {
		return badRequest("A matchHeaders condition must have exactly one header.")
	}
	name, glob := aws.ToString(anyOf[0].Header), aws.ToString(anyOf[0].ValueGlob)
	lower := strings.ToLower(name)
	closed := slices.Contains(closedHeaders, lower) ||
		slices.ContainsFunc(closedPrefixes, func(prefix string) bool { return strings.HasPrefix(lower, prefix) })
	switch {
	case len(name) > maxHeaderName:
		return badRequest("A header name must be less than %d characters.", maxHeaderName+1)
	case !headerPattern.MatchString(name):
		return badRequest("A header name may contain only letters, numbers and one of ?-!#$%%&'.^_`|~")
	case closed:
		return badRequest("The header %s is not supported as a condition.", name)
	case len(glob) > maxGlob:
		return badRequest("A header value glob must be less than %d characters.", maxGlob+1)
	case glob == "" || !globPattern.MatchString(glob):
		return badRequest("A header value glob may contain only letters, numbers and one of ?-!#$%%&'.^_`|~, and '*' at its start and end.")
	case len(glob) > maxInfix && strings.HasPrefix(glob, "*") && strings.HasSuffix(glob, "*"):
		return badRequest("A header value glob for an infix match must be at most %d characters.", maxInfix)
	}
	return nil
}
