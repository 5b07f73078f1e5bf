package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// validationErrors is $context.error.validationErrorString: what the Java validator
// behind API Gateway (json-schema-validator 2.2) says, [a, b].
func validationErrors(err error, body any) string {
	var all []string
	var failed *jsonschema.ValidationError
	if errors.As(err, &failed) {
		all = appendErrors(nil, failed, body)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// appendErrors lists the leaves. The alternatives of oneOf and its like are told as one.
func appendErrors(all []string, e *jsonschema.ValidationError, body any) []string {
	switch k := e.ErrorKind.(type) {
	case *kind.OneOf:
		if len(k.Subschemas) > 0 { // how many there are is not told
			return append(all, "instance failed to match exactly one schema (matched more)")
		}
		return append(all, fmt.Sprintf("instance failed to match exactly one schema (matched 0 out of %d)", len(e.Causes)))
	case *kind.AnyOf:
		return append(all, fmt.Sprintf("instance failed to match at least one required schema among %d", len(e.Causes)))
	}
	if len(e.Causes) == 0 {
		return append(all, validationError(e.ErrorKind, instanceAt(body, e.InstanceLocation)))
	}
	for _, cause := range e.Causes {
		all = appendErrors(all, cause, body)
	}
	return all
}

func validationError(k jsonschema.ErrorKind, value any) string {
	switch k := k.(type) {
	case *kind.Required:
		return "object has missing required properties (" + list(slices.Sorted(slices.Values(k.Missing))) + ")"
	case *kind.AdditionalProperties:
		return "object instance has properties which are not allowed by the schema: " + list(slices.Sorted(slices.Values(k.Properties)))
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)",
			typeOf(value, k.Got), list(slices.Sorted(slices.Values(k.Want))))
	case *kind.Enum:
		return fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", jsonText(k.Got), jsonText(k.Want))
	case *kind.Pattern:
		return fmt.Sprintf("ECMA 262 regex %s does not match input string %s", jsonText(k.Want), jsonText(k.Got))
	case *kind.MinLength:
		return fmt.Sprintf("string %s is too short (length: %d, required minimum: %d)", jsonText(value), k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string %s is too long (length: %d, maximum allowed: %d)", jsonText(value), k.Got, k.Want)
	case *kind.Not:
		return "instance matched a schema which it should not have"
	}
	if s := numberError(k, value); s != "" {
		return s
	}
	return sizeError(k)
}

func numberError(k jsonschema.ErrorKind, value any) string {
	switch k := k.(type) {
	case *kind.Minimum:
		return fmt.Sprintf("numeric instance is lower than the required minimum (minimum: %s, found: %s)", rational(k.Want), jsonText(value))
	case *kind.Maximum:
		return fmt.Sprintf("numeric instance is greater than the required maximum (maximum: %s, found: %s)", rational(k.Want), jsonText(value))
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("numeric instance is not strictly greater than the required minimum %s", rational(k.Want))
	case *kind.ExclusiveMaximum:
		return fmt.Sprintf("numeric instance is not strictly lower than the required maximum %s", rational(k.Want))
	case *kind.MultipleOf:
		return fmt.Sprintf("remainder of division is not zero (%s / %s)", jsonText(value), rational(k.Want))
	}
	return ""
}

func sizeError(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.MinItems:
		return fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.UniqueItems:
		return "array must not contain duplicate elements"
	case *kind.AdditionalItems:
		return fmt.Sprintf("array instance has %d elements which are not allowed by the schema", k.Count)
	case *kind.MinProperties:
		return fmt.Sprintf("object has too few properties (found %d but schema requires at least %d)", k.Got, k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("object has too many properties (found %d but schema requires at most %d)", k.Got, k.Want)
	}
	return k.LocalizedString(message.NewPrinter(language.English))
}

// typeOf tells integers from numbers, as Java's validator does.
func typeOf(value any, got string) string {
	if n, ok := value.(json.Number); ok && !strings.ContainsAny(n.String(), ".eE") {
		return "integer"
	}
	return got
}

func rational(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	n, _ := r.FloatPrec()
	return r.FloatString(n)
}

func list(names []string) string { return jsonText(names) }

func jsonText(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// instanceAt finds the value that an error is about.
func instanceAt(v any, path []string) any {
	for _, name := range path {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		}
	}
	return v
}
