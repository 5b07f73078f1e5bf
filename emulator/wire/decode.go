package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"time"
)

// A typeError is a JSON value of the wrong type, in the words of AWS's front end.
type typeError struct{ text string }

func (e *typeError) Error() string { return e.text }

// decodeJSON fills the struct in v from a JSON object; skip are fields bound elsewhere.
func (c *codec) decodeJSON(body []byte, v reflect.Value, skip map[string]bool) error {
	doc, err := parseObject(body)
	if err != nil || doc == nil {
		return err
	}
	return c.setStruct(v, doc, skip)
}

// parseObject reads a body that is one JSON object, or nothing.
func parseObject(body []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	object, ok := doc.(map[string]any)
	if !ok && doc != nil {
		return nil, &typeError{"Unexpected type: expected a JSON object, not " + javaClass(doc)}
	}
	return object, nil
}

func (c *codec) setStruct(v reflect.Value, doc map[string]any, skip map[string]bool) error {
	p := c.planOf(v.Type())
	for name, x := range doc {
		f := p.byName[name]
		if f == nil || x == nil || skip[f.goName] {
			continue // AWS ignores members it does not know
		}
		if err := c.set(v.Field(f.index), x); err != nil {
			return err
		}
	}
	return nil
}

// set gives v the JSON value x.
func (c *codec) set(v reflect.Value, x any) error {
	switch {
	case v.Kind() == reflect.Pointer:
		n := reflect.New(v.Type().Elem())
		if err := c.set(n.Elem(), x); err != nil {
			return err
		}
		v.Set(n)
		return nil
	case v.Type() == timeType:
		return setTime(v, x)
	case v.Kind() == reflect.Interface:
		return c.setUnion(v, x)
	}
	switch x := x.(type) {
	case string:
		return setString(v, x)
	case bool:
		if v.Kind() != reflect.Bool {
			return wrongType(x, v)
		}
		v.SetBool(x)
	case json.Number:
		return setNumber(v, x)
	case []any:
		return c.setList(v, x)
	case map[string]any:
		return c.setObject(v, x)
	}
	return nil
}

func setString(v reflect.Value, x string) error {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		b, err := base64.StdEncoding.DecodeString(x)
		if err != nil {
			return &typeError{"Failed to decode base64: " + err.Error()}
		}
		v.SetBytes(b)
		return nil
	}
	if v.Kind() != reflect.String {
		return wrongType(x, v)
	}
	v.SetString(x)
	return nil
}

func setNumber(v reflect.Value, x json.Number) error {
	switch v.Kind() {
	case reflect.Int32, reflect.Int64:
		n, err := x.Int64()
		if err != nil { // 3.0 is an integer too
			f, ferr := x.Float64()
			if ferr != nil || f != math.Trunc(f) || math.Abs(f) > 1<<62 {
				return wrongType(x, v)
			}
			n = int64(f)
		}
		if v.OverflowInt(n) {
			return wrongType(x, v)
		}
		v.SetInt(n)
	case reflect.Float32, reflect.Float64:
		f, err := x.Float64()
		if err != nil {
			return wrongType(x, v)
		}
		v.SetFloat(f)
	default:
		return wrongType(x, v)
	}
	return nil
}

func setTime(v reflect.Value, x any) error {
	switch x := x.(type) {
	case json.Number:
		f, err := x.Float64()
		if err != nil || math.Abs(f) > 1e12 {
			return wrongType(x, v)
		}
		v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(f * 1000))).UTC()))
		return nil
	case string:
		t, err := time.Parse(time.RFC3339, x)
		if err != nil {
			return &typeError{"Timestamp " + x + " is not valid"}
		}
		v.Set(reflect.ValueOf(t.UTC()))
		return nil
	}
	return wrongType(x, v)
}

func (c *codec) setList(v reflect.Value, x []any) error {
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() == reflect.Uint8 {
		return wrongType(x, v)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(x), len(x)))
	for i, e := range x {
		if e == nil {
			continue
		}
		if err := c.set(v.Index(i), e); err != nil {
			return err
		}
	}
	return nil
}

func (c *codec) setObject(v reflect.Value, x map[string]any) error {
	if v.Kind() == reflect.Struct {
		return c.setStruct(v, x, nil)
	}
	if v.Kind() != reflect.Map {
		return wrongType(x, v)
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(x)))
	for k, e := range x {
		item := reflect.New(v.Type().Elem()).Elem()
		if e != nil {
			if err := c.set(item, e); err != nil {
				return err
			}
		}
		v.SetMapIndex(reflect.ValueOf(k).Convert(v.Type().Key()), item)
	}
	return nil
}

// setUnion picks the Go type by the one member that is there.
func (c *codec) setUnion(v reflect.Value, x any) error {
	doc, ok := x.(map[string]any)
	if !ok {
		return wrongType(x, v)
	}
	for _, u := range c.byShape[v.Type().Name()] {
		member, ok := doc[u.name]
		if !ok || member == nil {
			continue
		}
		n := reflect.New(u.goType)
		if err := c.set(n.Elem().FieldByName("Value"), member); err != nil {
			return err
		}
		v.Set(n)
		return nil
	}
	return nil
}

// wrongType words a type error as AWS's Java front end does (recorded:
// "class java.lang.Boolean can not be converted to an String").
func wrongType(x any, v reflect.Value) error {
	want := map[reflect.Kind]string{
		reflect.String: "String", reflect.Bool: "Boolean", reflect.Int32: "Integer", reflect.Int64: "Long",
		reflect.Float32: "Float", reflect.Float64: "Double", reflect.Slice: "List", reflect.Map: "Map", reflect.Struct: "Structure",
	}[v.Kind()]
	return &typeError{fmt.Sprintf("class %s can not be converted to an %s", javaClass(x), want)}
}

func javaClass(x any) string {
	switch x.(type) {
	case string:
		return "java.lang.String"
	case bool:
		return "java.lang.Boolean"
	case json.Number:
		return "com.amazon.coral.value.json.numbers.TruncatingBigNumber"
	case []any:
		return "java.util.ArrayList"
	}
	return "java.util.LinkedHashMap"
}
