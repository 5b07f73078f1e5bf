package wire

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// enumOrders are orders of enum values that AWS was recorded to print; elsewhere it
// is the model's.
var enumOrders = map[string][]string{
	"apigateway.Op":              {"add", "remove", "move", "test", "replace", "copy"},
	"apigateway.IntegrationType": {"HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"},
	"apigateway.GatewayResponseType": {"REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "AUTHORIZER_CONFIGURATION_ERROR",
		"MISSING_AUTHENTICATION_TOKEN", "BAD_REQUEST_BODY", "INVALID_SIGNATURE", "INVALID_API_KEY", "BAD_REQUEST_PARAMETERS",
		"AUTHORIZER_FAILURE", "UNAUTHORIZED", "INTEGRATION_TIMEOUT", "ACCESS_DENIED", "DEFAULT_4XX", "DEFAULT_5XX", "WAF_FILTERED",
		"QUOTA_EXCEEDED", "THROTTLED", "API_CONFIGURATION_ERROR", "UNSUPPORTED_MEDIA_TYPE", "INTEGRATION_FAILURE", "EXPIRED_TOKEN"},
	"apigateway.DocumentationPartType": {"RESPONSE_BODY", "RESPONSE", "METHOD", "MODEL", "AUTHORIZER", "RESPONSE_HEADER", "RESOURCE",
		"PATH_PARAMETER", "REQUEST_BODY", "QUERY_PARAMETER", "API", "REQUEST_HEADER"},
}

// uncheckedEnums are checked by the service itself, which has another text for them.
var uncheckedEnums = map[string]bool{
	"lambda.Runtime":          true,
	"apigateway.EndpointType": true, // "Invalid EndpointTypes specified. …"
}

// validate checks required members and enum values of an input and returns AWS's
// text about what is wrong, "" if nothing is.
func (c *codec) validate(o *route, in reflect.Value) string {
	var found Constraints
	c.validateStruct(&found, o, in, "")
	return found.Message()
}

// memberPath is how AWS names a member. Recorded for apigateway: members of the body
// stand below the input, those of the path do not.
func (c *codec) memberPath(o *route, prefix string, f *field) string {
	name := strings.ToLower(f.name[:1]) + f.name[1:]
	if prefix != "" {
		return prefix + "." + name
	}
	if c.service == "apigateway" && !o.bound[f.goName] {
		return strings.ToLower(o.spec.name[:1]) + o.spec.name[1:] + "Input." + name
	}
	return name
}

func (c *codec) validateStruct(found *Constraints, o *route, v reflect.Value, prefix string) {
	p := c.planOf(v.Type())
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if absent(fv) {
			if f.required {
				*found = append(*found, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", c.memberPath(o, prefix, f)))
			}
			continue
		}
		if deep(fv.Type()) {
			c.validateValue(found, o, fv, c.memberPath(o, prefix, f))
		}
	}
}

// deep holds for types that may have something to check inside.
func deep(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return deep(t.Elem())
	case reflect.Struct:
		return t != timeType
	case reflect.Interface:
		return strings.Contains(t.PkgPath(), "aws-sdk-go-v2")
	case reflect.String:
		return t.Name() != "string"
	}
	return false
}

func (c *codec) validateValue(found *Constraints, o *route, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		c.validateValue(found, o, v.Elem(), path)
	case reflect.Struct:
		c.validateStruct(found, o, v, path)
	case reflect.Slice:
		for i := range v.Len() {
			c.validateValue(found, o, v.Index(i), fmt.Sprintf("%s.%d.member", path, i+1))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			c.validateValue(found, o, v.MapIndex(k), path+"."+k.String()+".member")
		}
	case reflect.String:
		values := c.values[v.Type().Name()]
		if len(values) > 0 && !slices.Contains(values, v.String()) && !uncheckedEnums[c.service+"."+v.Type().Name()] {
			found.Add(path, v.String(), "Member must satisfy enum value set: ["+strings.Join(values, ", ")+"]")
		}
	}
}
