package wire

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// appendJSON writes a value as AWS does: absent for nil and for unset enums, always
// there for scalars that are no pointers, [] and {} for what is empty and not nil.
func (c *codec) appendJSON(b []byte, v reflect.Value, form timeForm, skip map[string]bool) []byte {
	switch v.Kind() {
	case reflect.Pointer:
		return c.appendJSON(b, v.Elem(), form, nil)
	case reflect.Interface:
		return c.appendUnion(b, v)
	case reflect.Struct:
		if v.Type() == timeType {
			return appendTime(b, v.Interface().(time.Time), form)
		}
		return c.appendStruct(b, v, skip)
	case reflect.Slice:
		return c.appendList(b, v, form)
	case reflect.Map:
		return c.appendMap(b, v, form)
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Float32, reflect.Float64:
		return appendFloat(b, v.Float())
	}
	return append(b, "null"...)
}

func (c *codec) appendStruct(b []byte, v reflect.Value, skip map[string]bool) []byte {
	b = append(b, '{')
	first := true
	p := c.planOf(v.Type())
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if skip[f.goName] || absent(fv) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendText(b, f.name), ':')
		b = c.appendJSON(b, fv, f.form, nil)
	}
	return append(b, '}')
}

// absent holds for members that are not written.
func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0 // an enum left unset
	}
	return false
}

func (c *codec) appendUnion(b []byte, v reflect.Value) []byte {
	member := v.Elem()
	if member.Kind() == reflect.Pointer {
		member = member.Elem()
	}
	u, ok := c.members[member.Type()]
	if !ok {
		return append(b, "{}"...)
	}
	b = append(appendText(append(b, '{'), u.name), ':')
	return append(c.appendJSON(b, member.FieldByName("Value"), c.times, nil), '}')
}

func (c *codec) appendList(b []byte, v reflect.Value, form timeForm) []byte {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b = append(b, '"')
		return append(base64.StdEncoding.AppendEncode(b, v.Bytes()), '"')
	}
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.appendJSON(b, v.Index(i), form, nil)
	}
	return append(b, ']')
}

func (c *codec) appendMap(b []byte, v reflect.Value, form timeForm) []byte {
	b = append(b, '{')
	for i, k := range sortedKeys(v) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, k.String()), ':')
		b = c.appendJSON(b, v.MapIndex(k), form, nil)
	}
	return append(b, '}')
}

// sortedKeys are a map's keys in a fixed order.
func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
	return keys
}

func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' || s[i] >= 0x7f {
			return appendQuoted(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendQuoted escapes as little as JSON asks for.
func appendQuoted(b []byte, s string) []byte {
	quoted, err := json.Marshal(s) // never fails for a string
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, quoted...)
}

func appendFloat(b []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.AppendFloat(b, f, 'f', 1, 64) // AWS writes 2.0
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

func appendTime(b []byte, t time.Time, form timeForm) []byte {
	if form == iso8601 {
		return append(t.UTC().AppendFormat(append(b, '"'), "2006-01-02T15:04:05Z"), '"')
	}
	if ms := t.UnixMilli(); ms%1000 != 0 {
		return strconv.AppendFloat(b, float64(ms)/1000, 'f', 3, 64)
	}
	return strconv.AppendInt(b, t.Unix(), 10)
}
