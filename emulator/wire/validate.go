package wire

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// uncheckedEnums are checked by the service itself, which has another text for them.
var uncheckedEnums = map[string]bool{
	"lambda.Runtime":            true,
	"apigatewayv2.EndpointType": true, // any other than EDGE is REGIONAL, as users of AWS measured
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
	case reflect.Pointer, reflect.Interface:
		c.validateValue(found, o, v.Elem(), path)
	case reflect.Struct:
		if u, ok := c.members[v.Type()]; ok { // one member of a union
			c.validateValue(found, o, v.FieldByName("Value"), path+"."+strings.ToLower(u.name[:1])+u.name[1:])
			return
		}
		c.validateStruct(found, o, v, path)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			c.validateNames(found, v, path)
			return
		}
		for i := range v.Len() {
			c.validateValue(found, o, v.Index(i), fmt.Sprintf("%s.%d.member", path, i+1))
		}
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			c.validateValue(found, o, v.MapIndex(k), path+"."+k.String()+".member")
		}
	case reflect.String:
		if values := c.enumOf(v.Type()); values != nil && !slices.Contains(values, v.String()) {
			found.Add(path, v.String(), enumSet(values))
		}
	}
}

// validateNames checks a list of enum values. AWS prints such a list whole, and of its rules for the members
// Lambda's also that there be none without a value (recorded for its architectures, and for the endpoint types
// of REST APIs).
func (c *codec) validateNames(found *Constraints, v reflect.Value, path string) {
	values := c.enumOf(v.Type().Elem())
	if values == nil {
		return
	}
	all, wrong := make([]string, v.Len()), false
	for i := range all {
		all[i] = v.Index(i).String()
		wrong = wrong || !slices.Contains(values, all[i])
	}
	if wrong {
		rules := enumSet(values)
		if c.service == "lambda" {
			rules += ", Member must not be null"
		}
		found.Add(path, "["+strings.Join(all, ", ")+"]", "Member must satisfy constraint: ["+rules+"]")
	}
}

// enumOf is what a string type may be, nil for anything.
func (c *codec) enumOf(t reflect.Type) []string {
	if uncheckedEnums[c.service+"."+t.Name()] {
		return nil
	}
	return c.values[t.Name()]
}

func enumSet(values []string) string {
	return "Member must satisfy enum value set: [" + strings.Join(values, ", ") + "]"
}
