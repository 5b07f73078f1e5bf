package lambda

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// latest is the version that updates change.
const latest = "$LATEST"

// A ref names a function, and with a Qualifier one of its versions or aliases.
type ref struct {
	store.Scope
	Name      string
	Qualifier string // "" where the caller used none
}

// at is the same function with another qualifier.
func (r ref) at(qualifier string) ref {
	r.Qualifier = qualifier
	return r
}

// function is the ARN without a qualifier.
func (r ref) function() string { return arnPrefix(r.Scope) + r.Name }

// arn is the ARN with the qualifier, where there is one.
func (r ref) arn() string {
	if r.Qualifier == "" {
		return r.function()
	}
	return r.function() + ":" + r.Qualifier
}

// arnPrefix is what all function ARNs of the scope begin with.
func arnPrefix(sc store.Scope) string {
	return "arn:" + wire.Partition(sc.Region) + ":lambda:" + sc.Region + ":" + sc.Account + ":function:"
}

const regionText = `(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}`

// Writing operations allow fewer names than reading ones (recorded texts).
var (
	writeNamePattern = newPattern(`(arn:(aws[a-zA-Z-]*)?:lambda:)?(` + regionText + `:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?`)
	readNamePattern  = newPattern(`(arn:(aws[a-zA-Z-]*)?:lambda:)?(` + regionText + `:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`)

	nameParts = regexp.MustCompile(`^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:(?P<region>` + regionText + `):)?(?:(?P<account>\d{12}):)?(?:function:)?(?P<name>[a-zA-Z0-9-_\.]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_$]+))?$`)

	regionPart    = nameParts.SubexpIndex("region")
	accountPart   = nameParts.SubexpIndex("account")
	namePart      = nameParts.SubexpIndex("name")
	qualifierPart = nameParts.SubexpIndex("qualifier")
)

const (
	maxWriteName = 140
	maxReadName  = 256
	maxName      = 64
	maxQualifier = 128
)

// readRef is what an operation that only reads means by FunctionName and
// Qualifier: a name, name:qualifier, a partial or a full ARN.
func readRef(ctx context.Context, action string, name, qualifier *string) (ref, error) {
	return parseRef(ctx, action, readNamePattern, maxReadName, name, qualifier)
}

// writeRef is what an operation that changes a function means by FunctionName. It
// has no qualifier: versions do not change.
func writeRef(ctx context.Context, action string, name *string) (ref, error) {
	r, err := parseRef(ctx, action, writeNamePattern, maxWriteName, name, nil)
	if err != nil {
		return r, err
	}
	if r.Qualifier != "" && r.Qualifier != latest {
		return r, invalid("This operation is permitted on Lambda functions only. Aliases and versions do not support " +
			"this operation. Please specify either a function name or an unqualified function ARN.")
	}
	return r.at(""), nil
}

func parseRef(ctx context.Context, action string, p pattern, maxLength int, name, qualifier *string) (ref, error) {
	var v violations
	v.check("functionName", name, p, maxLength)
	v.check("qualifier", qualifier, qualifierPattern, maxQualifier)
	if err := v.err(); err != nil {
		return ref{}, err
	}
	c := wire.CallerFrom(ctx)
	r, err := splitName(aws.ToString(name), store.Scope{Account: c.AccountID, Region: c.Region})
	if err != nil {
		return ref{}, err
	}
	if q := aws.ToString(qualifier); q != "" {
		if r.Qualifier != "" && r.Qualifier != q {
			return ref{}, invalid("The derived qualifier from the function name does not match the specified qualifier.")
		}
		r.Qualifier = q
	}
	return r, reachable(r, c, action)
}

// splitName parses a name of any form; here stands in for what it leaves out.
func splitName(name string, here store.Scope) (ref, error) {
	m := nameParts.FindStringSubmatch(name)
	if m == nil {
		return ref{}, functionNotFound(name)
	}
	r := ref{Scope: here, Name: m[namePart], Qualifier: m[qualifierPart]}
	if m[regionPart] != "" {
		r.Region = m[regionPart]
	}
	if m[accountPart] != "" {
		r.Account = m[accountPart]
	}
	return r, nil
}

// reachable says whether the caller's endpoint serves the function's region and
// whether its account is the caller's own. Only an invocation may be granted to
// other accounts here; see InvokeFunction.
func reachable(r ref, c wire.Caller, action string) error {
	if r.Region != c.Region {
		return notFound("Functions from '%s' are not reachable in this region ('%s')", r.Region, c.Region)
	}
	if r.Account != c.AccountID && action != invokeAction {
		return accessDenied(c, action, r.arn())
	}
	return nil
}

func accessDenied(c wire.Caller, action, arn string) error {
	return wire.Errorf(http.StatusForbidden, "AccessDeniedException",
		"User: arn:%s:iam::%s:root is not authorized to perform: %s on resource: %s because no resource-based policy allows the %s action",
		wire.Partition(c.Region), c.AccountID, action, arn, action)
}

// newRef is the name of a function that is to be made.
func newRef(ctx context.Context, name *string) (ref, error) {
	r, err := writeRef(ctx, "lambda:CreateFunction", name)
	if err != nil {
		return ref{}, err
	}
	if len(r.Name) > maxName {
		var v violations
		v.length("functionName", aws.String(r.Name), maxName)
		return ref{}, invalid("%s", v.Message())
	}
	return r, nil
}

// isNumber tells a version's number from an alias.
func isNumber(qualifier string) bool {
	return qualifier != "" && strings.Trim(qualifier, "0123456789") == ""
}

// versionID is the document id of a published version: its order is that of the
// numbers.
func versionID(name, version string) string { return fmt.Sprintf("%s:%010s", name, version) }

func aliasID(name, alias string) string { return name + ":" + alias }
