package vtl

import (
	"strconv"
	"strings"

	"postern/apigw/jsonpath"
)

// callBool is java.lang.Boolean.
func (r *run) callBool(on bool, name string, args []any) (any, error) {
	if len(args) == 0 {
		switch name {
		case "toString":
			return strconv.FormatBool(on), nil
		case "booleanValue":
			return on, nil
		case "hashCode":
			return r.javaHash(on, 0)
		}
		return nil, nil
	}
	text, isText := arg[string](args, 0)
	value, isBool := arg[bool](args, 0)
	switch {
	case len(args) != 1:
	case name == "equals":
		return isBool && value == on, nil
	case isText && (name == "parseBoolean" || name == "valueOf"):
		return strings.EqualFold(text, "true"), nil
	case isBool && name == "valueOf":
		return value, nil
	case isBool && name == "toString":
		return strconv.FormatBool(value), nil
	case isBool && name == "compareTo":
		return int32(compareOrdered(boolLong(on), boolLong(value))), nil
	}
	return nil, nil
}

func boolLong(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// callChar is java.lang.Character.
func (r *run) callChar(on char, name string, args []any) (any, error) {
	text := string(jsonpath.AppendUnit(nil, uint16(on)))
	other, isChar := arg[char](args, 0)
	switch {
	case name == "toString" && len(args) == 0:
		return text, nil
	case name == "charValue" && len(args) == 0:
		return on, nil
	case name == "hashCode" && len(args) == 0:
		return int32(on), nil
	case name == "equals" && len(args) == 1:
		return isChar && on == other, nil
	case name == "compareTo" && isChar:
		return int32(on) - int32(other), nil
	case isChar && len(args) == 1:
		c := rune(other)
		switch name {
		case "isDigit":
			return '0' <= c && c <= '9', nil
		case "isLetter":
			return strings.ToLower(string(c)) != strings.ToUpper(string(c)), nil
		case "isWhitespace":
			return strings.TrimSpace(string(c)) == "", nil
		}
	}
	return nil, nil
}
