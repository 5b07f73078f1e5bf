package wire

import (
	"fmt"
	"postern/emulator/lazyregexp"
	"strings"
	"unicode/utf8"
)

// Constraints collects what members of a request violate, in the words of AWS's
// front end. Services wrap the Message in their own error type.
type Constraints []string

// Add notes a violation: "Member must have length less than or equal to 64".
func (c *Constraints) Add(member string, value any, constraint string) {
	*c = append(*c, fmt.Sprintf("Value '%v' at '%s' failed to satisfy constraint: %s", value, member, constraint))
}

// Length requires between min and max characters.
func (c *Constraints) Length(member, value string, min, max int) {
	switch n := utf8.RuneCountInString(value); {
	case n < min:
		c.Add(member, value, fmt.Sprintf("Member must have length greater than or equal to %d", min))
	case n > max:
		c.Add(member, value, fmt.Sprintf("Member must have length less than or equal to %d", max))
	}
}

// Range requires min to max, both included.
func (c *Constraints) Range(member string, value, min, max int) {
	switch {
	case value < min:
		c.Add(member, value, fmt.Sprintf("Member must have value greater than or equal to %d", min))
	case value > max:
		c.Add(member, value, fmt.Sprintf("Member must have value less than or equal to %d", max))
	}
}

// Pattern requires that the whole value matches; pattern must be anchored. AWS
// prints it without the anchors.
func (c *Constraints) Pattern(member, value string, pattern lazyregexp.Regexp) {
	if !pattern.MatchString(value) {
		text := strings.TrimSuffix(strings.TrimPrefix(pattern.String(), "^"), "$")
		c.Add(member, value, "Member must satisfy regular expression pattern: "+text)
	}
}

// Message is AWS's text about all violations, "" where there are none.
func (c Constraints) Message() string {
	switch len(c) {
	case 0:
		return ""
	case 1:
		return "1 validation error detected: " + c[0]
	}
	return fmt.Sprintf("%d validation errors detected: %s", len(c), strings.Join(c, "; "))
}
