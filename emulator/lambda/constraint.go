package lambda

import "postern/emulator/lazyregexp"

// A pattern is a constraint of AWS's model: its text, as error messages quote it,
// and the same for Go.
type pattern struct {
	text string
	re   lazyregexp.Regexp
}

func newPattern(text string) pattern {
	return pattern{text, lazyregexp.New(`^(?:` + text + `)$`)}
}

const maxDescription = 256

// The patterns of the API model (botocore 2015-03-31; those of names as recorded).
var (
	rolePattern         = newPattern(`arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`)
	handlerPattern      = newPattern(`[^\s]+`)
	deadLetterPattern   = newPattern(`(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()`)
	keyPattern          = newPattern(`(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()`)
	logGroupPattern     = newPattern(`[\.\-_/#A-Za-z0-9]+`)
	variablePattern     = newPattern(`[a-zA-Z]([a-zA-Z0-9_])+`)
	qualifierPattern    = newPattern(`\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`)
	versionPattern      = newPattern(`(\$LATEST(\.PUBLISHED)?|[0-9]+)`)
	statementIDPattern  = newPattern(`([a-zA-Z0-9-_]+)`)
	actionPattern       = newPattern(`(lambda:[*]|lambda:[a-zA-Z]+|[*])`)
	principalPattern    = newPattern(`[^\s]+`)
	sourceARNPattern    = newPattern(`arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)`)
	accountPattern      = newPattern(`\d{12}`)
	eventTokenPattern   = newPattern(`[a-zA-Z0-9._\-]+`)
	organizationPattern = newPattern(`o-[a-z0-9]{10,32}`)
	taggablePattern     = newPattern(`arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)`)

	// Go's regexp has no lookahead: the digits are excluded apart.
	urlQualifierPattern = pattern{`((?!^\d+$)^[0-9a-zA-Z-_]+$)`, lazyregexp.New(`^[a-zA-Z0-9-_]*[a-zA-Z-_][a-zA-Z0-9-_]*$`)}
	aliasPattern        = pattern{`(?!^[0-9]+$)([a-zA-Z0-9-_]+)`, lazyregexp.New(`^[a-zA-Z0-9-_]*[a-zA-Z-_][a-zA-Z0-9-_]*$`)}
)

// check notes when a member that was sent is too long (0 is no limit) or not of
// the pattern.
func (v *violations) check(member string, value *string, p pattern, most int) {
	if value == nil {
		return
	}
	if most > 0 {
		v.length(member, value, most)
	}
	if !p.re.MatchString(*value) {
		v.Add(member, *value, "Member must satisfy regular expression pattern: "+p.text)
	}
}

func (v *violations) length(member string, value *string, most int) {
	if value != nil {
		v.Length(member, *value, 0, most)
	}
}

func (v *violations) between(member string, value *int32, least, most int) {
	if value != nil {
		v.Range(member, int(*value), least, most)
	}
}
